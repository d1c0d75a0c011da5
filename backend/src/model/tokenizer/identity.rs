//! All that determines what becomes of a text.

use super::added::flags;
use super::build::Built;
use super::class::{Class, Segments};
use super::special::USUAL;
use serde_json::Value;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::{ModelWrapper, PreTokenizerWrapper, Tokenizer};

/// All that determines what a tokenizer makes of a text: its parts, and its vocabulary in order.
pub(super) fn sha256(built: &Built) -> String {
    let tokenizer = &built.tokenizer;
    let mut words: Vec<(u32, String)> = tokenizer.get_vocab(true).into_iter().map(|(w, i)| (i, w)).collect();
    words.sort();
    let part = |text: serde_json::Result<String>| text.unwrap_or_default();
    let parts = [
        part(serde_json::to_string(&tokenizer.get_normalizer())),
        part(serde_json::to_string(&tokenizer.get_pre_tokenizer())),
        part(serde_json::to_string(&tokenizer.get_post_processor())),
    ];
    let words = words.iter().map(|(i, w)| format!("{i}\t{w}\n")).collect::<String>();
    format!("{}\n{words}{}", parts.join("\n"), unusual(built))
}

/// What is not as most BERTs have it.
fn unusual(built: &Built) -> String {
    let tokenizer = &built.tokenizer;
    let mut lines = Vec::new();
    match tokenizer.get_model() {
        ModelWrapper::WordPiece(model) => {
            let own = (&*model.unk_token, &*model.continuing_subword_prefix, model.max_input_chars_per_word);
            if own != ("[UNK]", "##", 100) {
                lines.push(format!("{own:?}"));
            }
        }
        // Merges and scores stand beside its words.
        other => lines.push(serde_json::to_string(other).unwrap_or_default()),
    }
    let splits = tokenizer.get_added_vocabulary().get_encode_special_tokens();
    for (id, token) in tokenizer.get_added_tokens_decoder() {
        let usual = USUAL.iter().any(|(_, usual)| *usual == token.content);
        let own = flags(&token);
        if own != [false; 4] || !usual || splits {
            lines.push(format!("{id} {own:?}{}", if splits && token.special { " split" } else { "" }));
        }
    }
    let robertas = || PreTokenizerWrapper::from(ByteLevel::new(false, true, true));
    if built.class == Class::Generic && tokenizer.get_pre_tokenizer() == Some(&robertas()) {
        // Of the same files RoBERTa's class, which has no line of its own, puts one before each.
        lines.push("words without a space before each".into());
    }
    if built.segments != Segments::Own {
        lines.push(format!("segments {:?}", built.segments));
    }
    lines.sort();
    lines.join("\n")
}

/// Whether a tokenizer lower-cases its text.
pub(super) fn lowercases(tokenizer: &Tokenizer) -> bool {
    // A sequence of normalizers may hold it at any depth.
    fn any(value: &Value) -> bool {
        match value {
            Value::Object(map) => {
                map.get("lowercase") == Some(&Value::Bool(true))
                    || map.get("type").is_some_and(|t| t == "Lowercase")
                    || map.values().any(any)
            }
            Value::Array(items) => items.iter().any(any),
            _ => false,
        }
    }
    serde_json::to_value(tokenizer.get_normalizer()).is_ok_and(|v| any(&v))
}
