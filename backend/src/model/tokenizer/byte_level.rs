//! RoBERTa's tokenizer: byte-level BPE (Radford et al., 2019), from `tokenizer.json`, or from `vocab.json` and `merges.txt`.
//!
//! What a `tokenizer.json` may say beside vocabulary, merges and added tokens is what RoBERTa's class makes of a folder: one
//! version of transformers takes such a part from the file, the next one ignores it.

use super::super::ModelError;
use super::fast::{Texts, frame};
use super::files::{FAST, Files, MERGES, SETTINGS, VOCABULARY};
use super::special::Special;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::{PostProcessorWrapper, Tokenizer};

/// What to do with a `tokenizer.json` of which RoBERTa's class, or one that is built like it, uses only a part.
pub(super) const AS_IT_IS: &str = "which versions of transformers read differently for this `tokenizer_class`; \
                        with PreTrainedTokenizerFast in tokenizer_config.json it counts as it is";

/// The folder's tokenizer as a `tokenizer.json` says it. `add_prefix_space` of `tokenizer_config.json` counts, where
/// absent its default, as in transformers.
///
/// # Errors
/// A file that is not what it should be; a part that says something else than RoBERTa's class; two files that disagree.
pub(super) fn whole(files: &Files, special: &Special) -> Result<Map<String, Value>, ModelError> {
    let spaced = files.switch("add_prefix_space")?.unwrap_or(false);
    let mut whole = match &files.fast {
        Some(fast) => {
            is_robertas(files, fast)?;
            fast.clone()
        }
        None => of_lists(files, special)?,
    };
    whole.insert(
        "pre_tokenizer".into(),
        json!({ "type": "ByteLevel", "add_prefix_space": spaced, "trim_offsets": true, "use_regex": true }),
    );
    Ok(whole)
}

/// The same with a space before every text: how RoBERTa reads the words of a sentence.
pub(super) fn of_words(tokenizer: &Tokenizer) -> Tokenizer {
    let mut words = tokenizer.clone();
    words.with_pre_tokenizer(Some(ByteLevel::new(true, true, true)));
    words
}

/// From `vocab.json` and `merges.txt`.
fn of_lists(files: &Files, special: &Special) -> Result<Map<String, Value>, ModelError> {
    let vocab: Map<String, Value> = list(files)?.unwrap_or_default();
    let text = str::from_utf8(files.bytes(MERGES).unwrap_or_default());
    let text = text.map_err(|_| files.wrong(MERGES, "is not UTF-8"))?;
    let mut merges = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        if line.is_empty() || number == 1 && line.starts_with("#version") {
            continue;
        }
        match line.split(' ').collect::<Vec<_>>()[..] {
            [a, b] if !a.is_empty() && !b.is_empty() => merges.push(json!([a, b])),
            _ => {
                let why = format!("line {number} is {line:?}; expected two pieces with a space between them");
                return Err(files.wrong(MERGES, why));
            }
        }
    }
    let token = |role: &str| -> Result<Value, ModelError> {
        let text = special.text(role);
        let missing = || files.wrong(VOCABULARY, format!("no {text} in the vocabulary; RoBERTa needs it"));
        Ok(json!([text, vocab.get(text).ok_or_else(missing)?]))
    };
    let post_processor = json!({
        "type": "RobertaProcessing", "sep": token("sep_token")?, "cls": token("cls_token")?,
        "trim_offsets": true, "add_prefix_space": false,
    });
    let model = json!({
        "type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": "", "end_of_word_suffix": "",
        "fuse_unk": false, "byte_fallback": false, "vocab": vocab, "merges": merges,
    });
    Ok(Map::from_iter([
        ("version".to_owned(), json!("1.0")),
        ("added_tokens".to_owned(), json!([])),
        ("normalizer".to_owned(), Value::Null),
        ("post_processor".to_owned(), post_processor),
        ("decoder".to_owned(), Value::Null),
        ("model".to_owned(), model),
    ]))
}

/// `vocab.json`, if it is there.
fn list(files: &Files) -> Result<Option<Map<String, Value>>, ModelError> {
    let path = files.path(VOCABULARY);
    let read = |bytes| serde_json::from_slice(bytes).map_err(|cause| ModelError::Json { path, cause });
    files.bytes(VOCABULARY).map(read).transpose()
}

/// Sees that a `tokenizer.json` is of RoBERTa's kind, and that a `vocab.json` beside it has the same pieces.
fn is_robertas(files: &Files, fast: &Map<String, Value>) -> Result<(), ModelError> {
    let differs = |what: String| Err(files.wrong(FAST, format!("{what}, {AS_IT_IS}")));
    let part = |name: &str| fast.get(name).filter(|part| !part.is_null());
    let kind = |part: Option<&Value>| {
        part.and_then(|part| part.get("type")).and_then(Value::as_str).unwrap_or("none").to_owned()
    };
    let model = part("model").cloned().unwrap_or_default();
    // Files of 2020 do not name it.
    if model.get("type").is_some_and(|kind| kind != "BPE") || model.get("merges").is_none() {
        return differs(format!("its model is {}, not BPE", kind(Some(&model))));
    }
    let usual = [
        ("dropout", Value::Null),
        ("continuing_subword_prefix", "".into()),
        ("end_of_word_suffix", "".into()),
        ("fuse_unk", false.into()),
        ("byte_fallback", false.into()),
        ("ignore_merges", false.into()),
    ];
    for (name, usual) in usual {
        let own = model.get(name).filter(|own| !own.is_null()).unwrap_or(&usual);
        if *own != usual {
            return differs(format!("its model's `{name}` is {own}, not {usual}"));
        }
    }
    if let Some(normalizer) = part("normalizer") {
        return differs(format!("its normalizer is {}, not none", kind(Some(normalizer))));
    }
    let pre_tokenizer = part("pre_tokenizer");
    let by_words =
        pre_tokenizer.and_then(|p| p.get("use_regex")).is_none_or(|regex| *regex == Value::Bool(true));
    if kind(pre_tokenizer) != "ByteLevel" || !by_words {
        return differs(format!(
            "its pre-tokenizer is {}, not ByteLevel with its pattern",
            kind(pre_tokenizer)
        ));
    }
    let vocab = model.get("vocab").and_then(Value::as_object);
    if let (Some(list), Some(vocab)) = (list(files)?, vocab)
        && let Some((piece, number)) = list.iter().find(|(piece, number)| vocab.get(*piece) != Some(*number))
    {
        let why = format!(
            "{piece:?} has the number {number}, which it has not in {FAST}; remove the file that is out of date"
        );
        return Err(files.wrong(VOCABULARY, why));
    }
    Ok(())
}

/// Sees that texts are put between the tokens that RoBERTa's class puts there, and that every byte has a piece.
///
/// # Errors
/// They are not.
pub(super) fn check(files: &Files, special: &Special, tokenizer: &Tokenizer) -> Result<(), ModelError> {
    check_frame(files, special, tokenizer)?;
    let bytes: BTreeSet<char> = ByteLevel::alphabet().into_iter().collect();
    match bytes.into_iter().find(|byte| tokenizer.token_to_id(&byte.to_string()).is_none()) {
        Some(byte) => {
            let why =
                format!("no piece {byte:?} in the vocabulary; a byte-level tokenizer has one for every byte");
            Err(files.wrong(file(files), why))
        }
        None => Ok(()),
    }
}

/// Sees that texts are put between the tokens that RoBERTa's class, and those that are built like it, put there.
///
/// # Errors
/// They are not.
pub(super) fn check_frame(files: &Files, special: &Special, tokenizer: &Tokenizer) -> Result<(), ModelError> {
    let id = |role: &str| tokenizer.token_to_id(special.text(role)).map(|id| json!(id));
    let (cls, sep) = (special.text("cls_token"), special.text("sep_token"));
    let want = json!({
        "type": "RobertaProcessing", "sep": [sep, id("sep_token")], "cls": [cls, id("cls_token")],
        "trim_offsets": true, "add_prefix_space": false,
    });
    let want: PostProcessorWrapper = serde_json::from_value(want).map_err(|_| {
        files.wrong(file(files), format!("no {cls} or no {sep} in the vocabulary; RoBERTa needs them"))
    })?;
    let ids = |processor, texts| frame(processor, texts).map(|(ids, _)| ids);
    let differs = |texts| ids(tokenizer.get_post_processor(), texts) != ids(Some(&want), texts);
    if Texts::ALL.into_iter().any(differs) {
        let why = format!("its post-processor does not make {cls} a {sep} and {cls} a {sep} {sep} b {sep}");
        return Err(files.wrong(file(files), format!("{why} ({SETTINGS} names them), {AS_IT_IS}")));
    }
    Ok(())
}

/// The file of the vocabulary.
fn file(files: &Files) -> &'static str {
    if files.fast.is_some() { FAST } else { VOCABULARY }
}
