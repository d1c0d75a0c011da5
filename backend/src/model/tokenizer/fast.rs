//! What of `tokenizer.json` BERT's class may not say.

use super::super::ModelError;
use super::files::{FAST, Files, SETTINGS};
use super::special::Special;
use serde_json::{Map, Value};
use tokenizers::normalizers::BertNormalizer;
use tokenizers::{Encoding, PostProcessor, PostProcessorWrapper, Token, Tokenizer};

/// What to do with a `tokenizer.json` of which a class of BERT's uses only a part.
const AS_IT_IS: &str = "which versions of transformers read differently for this `tokenizer_class`; \
                        with PreTrainedTokenizerFast in tokenizer_config.json it counts as it is";

/// Sees that no part of a `tokenizer.json` says anything else than what `BertTokenizer` makes of the folder: one
/// version of transformers takes such a part from the file, the next one ignores it.
///
/// Switches of case, accents and Chinese characters are the exception: all versions take them from
/// `tokenizer_config.json`, where absent ones have their defaults. What differs is noted.
///
/// # Errors
/// The first part that differs.
pub(super) fn is_berts(
    files: &Files,
    fast: &Map<String, Value>,
    special: &Special,
    normalizer: &BertNormalizer,
    tokenizer: &Tokenizer,
) -> Result<Vec<String>, ModelError> {
    let differs = |what: String| Err(files.wrong(FAST, format!("{what}, {AS_IT_IS}")));
    let part = |name: &str| fast.get(name).filter(|part| !part.is_null());
    let kind =
        |name: &str| part(name).and_then(|part| part.get("type")).and_then(Value::as_str).unwrap_or("none");

    let model = part("model").cloned().unwrap_or_default();
    let field = |name: &str, usual: Value| {
        let own = model.get(name).unwrap_or(&usual).clone();
        (own != usual).then_some((name.to_owned(), own, usual))
    };
    let fields = [
        field("type", "WordPiece".into()),
        field("unk_token", special.text("unk_token").into()),
        field("continuing_subword_prefix", "##".into()),
        field("max_input_chars_per_word", 100.into()),
    ];
    if let Some((name, own, usual)) = fields.into_iter().flatten().next() {
        return differs(format!("its model's `{name}` is {own}, not {usual}"));
    }
    if kind("normalizer") != "BertNormalizer" {
        return differs(format!("its normalizer is {}, not BertNormalizer", kind("normalizer")));
    }
    let switch = |name: &str| part("normalizer").and_then(|n| n.get(name)).cloned().unwrap_or_default();
    if switch("clean_text") != Value::Bool(true) {
        return differs("its normalizer does not clean the text".into());
    }
    if kind("pre_tokenizer") != "BertPreTokenizer" {
        return differs(format!("its pre-tokenizer is {}, not BertPreTokenizer", kind("pre_tokenizer")));
    }
    match part("post_processor") {
        None => return differs("it has no post-processor that adds special tokens".into()),
        Some(own) => {
            check_templates(files, own)?;
            let own: PostProcessorWrapper = serde_json::from_value(own.clone())
                .map_err(|e| files.wrong(FAST, format!("its post-processor cannot be read: {e}")))?;
            let want = tokenizer.get_post_processor();
            if Texts::ALL.into_iter().any(|texts| frame(Some(&own), texts) != frame(want, texts)) {
                let (cls, sep) = (special.text("cls_token"), special.text("sep_token"));
                return differs(format!(
                    "its post-processor does not make {cls} a {sep} and {cls} a {sep} b {sep}"
                ));
            }
        }
    }
    let now = [
        ("lowercase", "do_lower_case", Value::Bool(normalizer.lowercase)),
        ("strip_accents", "strip_accents", normalizer.strip_accents.map_or(Value::Null, Value::Bool)),
        ("handle_chinese_chars", "tokenize_chinese_chars", Value::Bool(normalizer.handle_chinese_chars)),
    ];
    let differing = now.into_iter().filter(|(own, _, now)| switch(own) != *now);
    Ok(differing
        .map(|(own, setting, now)| {
            let given = if files.settings.contains_key(setting) { "as written" } else { "which does not say it" };
            format!(
                "{FAST} has `{own}` {}, but `{setting}` of {SETTINGS} counts, {given}: {now}, as in transformers",
                switch(own)
            )
        })
        .collect())
}

/// How many texts a post-processor puts between special tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Texts {
    One,
    Pair,
}

impl Texts {
    /// Both forms.
    pub(super) const ALL: [Texts; 2] = [Texts::One, Texts::Pair];
}

/// What a post-processor makes of a text, or of a pair: ids and segments.
pub(super) fn frame(processor: Option<&PostProcessorWrapper>, texts: Texts) -> Option<(Vec<u32>, Vec<u32>)> {
    // Numbers that no vocabulary has.
    let text = |id| Encoding::from_tokens(vec![Token::new(id, String::new(), (0, 0))], 0);
    let second = match texts {
        Texts::One => None,
        Texts::Pair => Some(text(u32::MAX - 1)),
    };
    let framed = processor?.process(text(u32::MAX), second, true).ok()?;
    Some((framed.get_ids().to_vec(), framed.get_type_ids().to_vec()))
}

/// Sees that templates name no special token that they do not define: the library does not.
///
/// # Errors
/// One that does.
pub(super) fn check_templates(files: &Files, processor: &Value) -> Result<(), ModelError> {
    if let Some(inner) = processor.get("processors").and_then(Value::as_array) {
        return inner.iter().try_for_each(|one| check_templates(files, one));
    }
    // Whatever it calls itself: the library takes one that it does not know by its parts.
    let length = |token: &Value, list: &str| token.get(list).and_then(Value::as_array).map(Vec::len);
    let defined = |name: &str| {
        let token = processor.get("special_tokens")?.get(name)?;
        length(token, "ids").filter(|n| Some(*n) == length(token, "tokens"))
    };
    let pieces = ["single", "pair"].into_iter().filter_map(|kind| processor.get(kind)?.as_array()).flatten();
    let names = pieces.filter_map(|piece| piece.get("SpecialToken")?.get("id")?.as_str());
    match names.into_iter().find(|name| defined(name).is_none()) {
        Some(name) => {
            let why = format!(
                "its post-processor's template names {name:?}, which its `special_tokens` do not define"
            );
            Err(files.wrong(FAST, why))
        }
        None => Ok(()),
    }
}
