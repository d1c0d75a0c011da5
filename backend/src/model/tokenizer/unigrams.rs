//! XLM-RoBERTa's and CamemBERT's tokenizer: SentencePiece's unigrams (Kudo, 2018), from `tokenizer.json`.
//!
//! transformers 4 takes that file as it is; transformers 5 takes pieces, character map and template from it and makes the rest of
//! it anew: no other normalizer, words parted at white space, a `▁` before each. A file that says something else is refused,
//! unless no text can tell.

use super::super::ModelError;
use super::byte_level::AS_IT_IS;
use super::files::{FAST, Files, SETTINGS};
use super::special::Special;
use serde_json::{Map, Value, json};
use tokenizers::PreTokenizerWrapper;

/// How words are parted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Words {
    /// At white space, as transformers 5 has it.
    AtWhiteSpace,
    /// At spaces, each of which becomes a `▁`: as transformers 4 writes it.
    AtSpaces,
}

/// Sees that a `tokenizer.json` says what the class makes of it.
///
/// # Errors
/// The first part that says something else.
pub(super) fn check(files: &Files, fast: &Map<String, Value>, special: &Special) -> Result<(), ModelError> {
    let differs = |what: String| Err(files.wrong(FAST, format!("{what}, {AS_IT_IS}")));
    let part = |name: &str| fast.get(name).filter(|part| !part.is_null());
    let model = part("model").cloned().unwrap_or_default();
    let kind = model.get("type").and_then(Value::as_str).unwrap_or("none");
    if kind != "Unigram" {
        let why = format!(
            "its model is {kind}, not Unigram, which this `tokenizer_class` has; with PreTrainedTokenizerFast in {SETTINGS} it \
             counts as it is"
        );
        return Err(files.wrong(FAST, why));
    }
    if model.get("byte_fallback") == Some(&Value::Bool(true)) {
        return differs("its model's `byte_fallback` is true, not false".into());
    }
    let unknown = model.get("unk_id").and_then(Value::as_u64).and_then(|id| {
        let piece = model.get("vocab")?.get(usize::try_from(id).ok()?)?;
        piece.get(0)?.as_str()
    });
    let want = special.text("unk_token");
    if unknown != Some(want) {
        let own = unknown.map_or_else(|| "none".to_owned(), |own| format!("{own:?}"));
        return differs(format!("its model's piece for what is unknown is {own}, not {want:?}"));
    }
    if files.switch("add_prefix_space")? == Some(false) {
        let why = format!("`add_prefix_space` is false, {AS_IT_IS}");
        return Err(files.wrong(SETTINGS, why));
    }
    let Some(words) = part("pre_tokenizer").and_then(words) else {
        return differs(
            "its pre-tokenizer is not WhitespaceSplit and Metaspace with a space before each text".into(),
        );
    };
    match normalizer(part("normalizer"), words) {
        Some(what) => differs(what),
        None => Ok(()),
    }
}

/// How a pre-tokenizer parts words; `None` for any other way.
fn words(own: &Value) -> Option<Words> {
    let own: PreTokenizerWrapper = serde_json::from_value(own.clone()).ok()?;
    let metaspace =
        json!({ "type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true });
    let both =
        json!({ "type": "Sequence", "pretokenizers": [{ "type": "WhitespaceSplit" }, metaspace.clone()] });
    let is = |want: Value| serde_json::from_value(want).is_ok_and(|want: PreTokenizerWrapper| want == own);
    if is(both) {
        Some(Words::AtWhiteSpace)
    } else if is(metaspace) {
        Some(Words::AtSpaces)
    } else {
        None
    }
}

/// What a normalizer does that shows in the ids, where words are parted so.
fn normalizer(own: Option<&Value>, words: Words) -> Option<String> {
    let parts = match own.and_then(|own| own.get("normalizers")).and_then(Value::as_array) {
        Some(parts) => parts.iter().collect(),
        None => Vec::from_iter(own),
    };
    let (mut maps, mut strips, mut joins, mut marks) = (false, false, false, false);
    for part in parts {
        let text = |name: &str| part.get(name).and_then(Value::as_str);
        let joined = text("content").filter(|_| part.get("pattern") == Some(&json!({ "Regex": " {2,}" })));
        match (text("type"), joined) {
            (Some("Precompiled"), _) => maps = true,
            (Some("Strip"), _) => strips |= part.get("strip_right") == Some(&Value::Bool(true)),
            (Some("Replace"), Some(" ")) => joins = true,
            (Some("Replace"), Some("▁")) => (joins, marks) = (true, true),
            (kind, _) => return Some(format!("its normalizer has {}", kind.unwrap_or("no type"))),
        }
    }
    // White space that is not a space is made one by the map; what parts words must stand neither twice nor at the end.
    let is_whole = words == Words::AtWhiteSpace || maps && joins && strips;
    if !is_whole {
        return Some("its pre-tokenizer is Metaspace alone".into());
    }
    (marks && !strips).then(|| "its normalizer leaves a mark for spaces at the end".into())
}
