//! Which class reads them.

use super::super::{ModelError, contents};
use super::files::{FAST, Files, SETTINGS};
use serde_json::Value;

/// Which of transformers' classes reads the folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// BERT's: word pieces, of which the settings say how text is cleaned.
    Bert,
    /// `tokenizer.json` as it is.
    Generic,
}

/// Which segment the second text of a pair has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Segments {
    /// What the tokenizer says: 1 as a rule.
    Own,
    /// 0: the model is not told.
    Zero,
    /// Versions of transformers differ.
    Unclear,
}

/// Classes that read word pieces exactly as `BertTokenizer` does.
const LIKE_BERT: [&str; 8] = [
    "BertTokenizer",
    "ConvBertTokenizer",
    "DistilBertTokenizer",
    "ElectraTokenizer",
    "LayoutLMTokenizer",
    "LxmertTokenizer",
    "MobileBertTokenizer",
    "SqueezeBertTokenizer",
];
/// Classes that take `tokenizer.json` as it is.
const GENERIC: [&str; 2] = ["PreTrainedTokenizerFast", "TokenizersBackend"];

impl Class {
    /// The class that a folder names, and what it makes of pairs.
    ///
    /// # Errors
    /// One that reads text in another way, or that the folder brings along as code; a switch that no version of
    /// transformers, or not every one, heeds.
    pub fn from_files(files: &Files) -> Result<(Self, Segments), ModelError> {
        let (file, name) = match (files.setting("tokenizer_class"), files.of_model("tokenizer_class")) {
            (Some(name), _) => (SETTINGS, name.clone()),
            (None, Some(name)) => (contents::CONFIG, name.clone()),
            (None, None) => (SETTINGS, "BertTokenizer".into()),
        };
        let own = |map: &Value| map.is_array() || map.get("AutoTokenizer").is_some_and(|own| !own.is_null());
        for (file, map) in
            [(SETTINGS, files.setting("auto_map")), (contents::CONFIG, files.of_model("auto_map"))]
        {
            // In the model's config a list would be of no tokenizer.
            if map.is_some_and(|map| own(map) && (file == SETTINGS || map.is_object())) {
                let why = "`auto_map` names a tokenizer that the folder brings along as code; no code of a model is run";
                return Err(files.wrong(file, why));
            }
        }
        refuse_what_versions_differ_in(files)?;
        let name = name.as_str().unwrap_or_default();
        let plain = name.strip_suffix("Fast").unwrap_or(name);
        let class = if LIKE_BERT.contains(&plain) {
            Class::Bert
        } else if GENERIC.contains(&name) {
            Class::Generic
        } else {
            let why = format!(
                "`tokenizer_class` is {name:?}, which cuts text in another way than BERT's; \
                 BertTokenizer and its like are read, and PreTrainedTokenizerFast with a tokenizer.json"
            );
            return Err(files.wrong(file, why));
        };
        if class == Class::Generic && files.fast.is_none() {
            return Err(files.wrong(file, format!("`tokenizer_class` is {name:?}, which needs a {FAST}")));
        }
        let segments = match files.setting("model_input_names") {
            Some(Value::Array(names)) if names.iter().any(|n| n == "token_type_ids") => Segments::Own,
            Some(Value::Array(_)) => Segments::Zero,
            Some(other) => {
                return Err(files.wrong(SETTINGS, format!("`model_input_names` is {other}; expected a list")));
            }
            None if plain == "DistilBertTokenizer" || name == "TokenizersBackend" => Segments::Zero,
            None if class == Class::Generic => Segments::Unclear,
            None => Segments::Own,
        };
        Ok((class, segments))
    }
}

/// Settings that some of transformers' tokenizers heed and others do not, or that no batch of BERT's survives.
fn refuse_what_versions_differ_in(files: &Files) -> Result<(), ModelError> {
    let wrong = |name: &str, why: &str| {
        let value = files.setting(name).cloned().unwrap_or_default();
        Err(files.wrong(SETTINGS, format!("`{name}` is {value}; {why}")))
    };
    if files.switch("do_basic_tokenize")? == Some(false) {
        return wrong("do_basic_tokenize", "transformers' fast tokenizers split at punctuation all the same");
    }
    if files.setting("never_split").is_some_and(|list| list.as_array().is_none_or(|l| !l.is_empty())) {
        return wrong(
            "never_split",
            "transformers' fast tokenizers split them all the same; make them added tokens",
        );
    }
    for side in ["truncation_side", "padding_side"] {
        if files.setting(side).is_some_and(|value| value != "right") {
            return wrong(side, "only \"right\" can be trained");
        }
    }
    Ok(())
}
