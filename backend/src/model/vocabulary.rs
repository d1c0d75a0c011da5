//! Where a tokenizer comes from: `tokenizer.json`, `vocab.txt`, or a list of words.

use super::ModelError;
use crate::files;
use serde_json::Value;
use std::path::{Path, PathBuf};
use tokenizers::models::wordpiece::WordPiece;
use tokenizers::normalizers::BertNormalizer;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::processors::template::TemplateProcessing;
use tokenizers::{AddedToken, ModelWrapper, NormalizerWrapper, Tokenizer};

/// Special tokens that every BERT has.
const NEEDED: [&str; 4] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"];
/// Needed ones and what else is special where it is there.
const SPECIAL: [&str; 5] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

/// What `tokenizer_config.json` says about the text's normalisation.
#[derive(Clone, Copy, Debug, Default)]
struct Switches {
    lower: Option<bool>,
    strip_accents: Option<bool>,
    chinese: Option<bool>,
}

/// The folder's tokenizer and the file that it was read from.
///
/// # Errors
/// Neither file; one that cannot be understood; a special token that is missing.
pub(super) fn open(folder: &Path) -> Result<(PathBuf, Tokenizer), ModelError> {
    let switches = switches(folder)?;
    let json = folder.join("tokenizer.json");
    let text = folder.join("vocab.txt");
    if json.is_file() {
        let text = files::text(&json, files::VOCABULARY)?;
        let tokenizer = from_json(&json, text.as_bytes(), switches)?;
        Ok((json, tokenizer))
    } else if text.is_file() {
        let words = files::text(&text, files::VOCABULARY)?;
        let words: Vec<String> = words.lines().map(|w| w.trim_end().to_owned()).collect();
        let normalizer = normalizer(switches);
        let tokenizer = word_piece(&text, &words, normalizer)?;
        Ok((text, tokenizer))
    } else {
        Err(ModelError::NoTokenizer(folder.to_owned()))
    }
}

/// A lower-casing tokenizer of these word pieces.
///
/// # Errors
/// A special token that is missing.
pub(super) fn from_words(path: &Path, words: &[String]) -> Result<Tokenizer, ModelError> {
    word_piece(path, words, normalizer(Switches::default()))
}

/// Whether a folder's tokenizer keeps case, as far as its small files tell. Hugging Face's default is no.
pub(super) fn cased(folder: &Path) -> bool {
    if let Ok(Switches { lower: Some(lower), .. }) = switches(folder) {
        return !lower;
    }
    open(folder).is_ok_and(|(_, tokenizer)| !lowercases(&tokenizer))
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

/// All that determines what a tokenizer makes of a text: its parts, and its vocabulary in order.
pub(super) fn identity(tokenizer: &Tokenizer) -> String {
    let mut words: Vec<(u32, String)> = tokenizer.get_vocab(true).into_iter().map(|(w, i)| (i, w)).collect();
    words.sort();
    let part = |text: serde_json::Result<String>| text.unwrap_or_default();
    let parts = [
        part(serde_json::to_string(&tokenizer.get_normalizer())),
        part(serde_json::to_string(&tokenizer.get_pre_tokenizer())),
        part(serde_json::to_string(&tokenizer.get_post_processor())),
    ];
    let words = words.iter().map(|(i, w)| format!("{i}\t{w}\n")).collect::<String>();
    format!("{}\n{words}{}", parts.join("\n"), unusual(tokenizer))
}

/// How a tokenizer cuts words and treats added tokens, where it is not as BERT's does.
fn unusual(tokenizer: &Tokenizer) -> String {
    let mut lines = Vec::new();
    if let ModelWrapper::WordPiece(model) = tokenizer.get_model() {
        let own = (&*model.unk_token, &*model.continuing_subword_prefix, model.max_input_chars_per_word);
        if own != ("[UNK]", "##", 100) {
            lines.push(format!("{own:?}"));
        }
    }
    for (id, token) in tokenizer.get_added_tokens_decoder() {
        let flags = (token.single_word, token.lstrip, token.rstrip, token.normalized);
        if flags != (false, false, false, false) {
            lines.push(format!("{id} {flags:?}"));
        }
    }
    lines.sort();
    lines.join("\n")
}

fn unusable(path: &Path, why: impl Into<String>) -> ModelError {
    ModelError::Tokenizer { path: path.to_owned(), why: why.into() }
}

fn switches(folder: &Path) -> Result<Switches, ModelError> {
    let path = folder.join("tokenizer_config.json");
    if !path.is_file() {
        return Ok(Switches::default());
    }
    let text = files::text(&path, files::SETTINGS)?;
    let value: Value =
        serde_json::from_str(&text).map_err(|cause| ModelError::Json { path: path.clone(), cause })?;
    let flag = |name: &str| value.get(name).and_then(Value::as_bool);
    Ok(Switches {
        lower: flag("do_lower_case"),
        strip_accents: flag("strip_accents"),
        chinese: flag("tokenize_chinese_chars"),
    })
}

fn normalizer(switches: Switches) -> BertNormalizer {
    let Switches { lower, strip_accents, chinese } = switches;
    BertNormalizer::new(true, chinese.unwrap_or(true), strip_accents, lower.unwrap_or(true))
}

fn from_json(path: &Path, bytes: &[u8], switches: Switches) -> Result<Tokenizer, ModelError> {
    let unusable = |why: String| unusable(path, why);
    let mut tokenizer = Tokenizer::from_bytes(bytes).map_err(|e| unusable(format!("no tokenizer: {e}")))?;
    tokenizer.with_padding(None);
    tokenizer.with_truncation(None).map_err(|e| unusable(e.to_string()))?;
    if let Some(NormalizerWrapper::BertNormalizer(own)) = tokenizer.get_normalizer() {
        let mut normalizer = *own;
        normalizer.lowercase = switches.lower.unwrap_or(own.lowercase);
        normalizer.strip_accents = switches.strip_accents.or(own.strip_accents);
        normalizer.handle_chinese_chars = switches.chinese.unwrap_or(own.handle_chinese_chars);
        tokenizer.with_normalizer(Some(normalizer)).map_err(|e| unusable(e.to_string()))?;
    }
    check_special(path, &tokenizer)?;
    if tokenizer.get_post_processor().is_none() {
        let template = template(&tokenizer).map_err(unusable)?;
        tokenizer.with_post_processor(Some(template));
    }
    Ok(tokenizer)
}

fn word_piece(path: &Path, words: &[String], normalizer: BertNormalizer) -> Result<Tokenizer, ModelError> {
    let unusable = |why: String| unusable(path, why);
    let model = WordPiece::builder()
        .vocab(WordPiece::read_bytes(words.join("\n").as_bytes()).map_err(|e| unusable(e.to_string()))?)
        .unk_token("[UNK]".into())
        .build()
        .map_err(|e| unusable(e.to_string()))?;
    let mut tokenizer = Tokenizer::new(model);
    tokenizer.with_normalizer(Some(normalizer)).map_err(|e| unusable(e.to_string()))?;
    tokenizer.with_pre_tokenizer(Some(BertPreTokenizer));
    check_special(path, &tokenizer)?;
    let special: Vec<AddedToken> = SPECIAL
        .into_iter()
        .filter(|s| tokenizer.token_to_id(s).is_some())
        .map(|s| AddedToken::from(s, true).normalized(false))
        .collect();
    tokenizer.add_special_tokens(special).map_err(|e| unusable(e.to_string()))?;
    let template = template(&tokenizer).map_err(unusable)?;
    tokenizer.with_post_processor(Some(template));
    Ok(tokenizer)
}

fn check_special(path: &Path, tokenizer: &Tokenizer) -> Result<(), ModelError> {
    match NEEDED.iter().find(|s| tokenizer.token_to_id(s).is_none()) {
        Some(missing) => Err(unusable(path, format!("no {missing} in the vocabulary; BERT needs it"))),
        None => Ok(()),
    }
}

/// `[CLS] a [SEP]` and `[CLS] a [SEP] b [SEP]`.
fn template(tokenizer: &Tokenizer) -> Result<TemplateProcessing, String> {
    let special = ["[CLS]", "[SEP]"].map(|s| (s.to_owned(), tokenizer.token_to_id(s).unwrap_or_default()));
    TemplateProcessing::builder()
        .try_single("[CLS] $A [SEP]")?
        .try_pair("[CLS] $A [SEP] $B:1 [SEP]:1")?
        .special_tokens(special.to_vec())
        .build()
        .map_err(|e| e.to_string())
}
