//! Which class reads them.

use super::super::{ModelError, contents};
use super::files::{FAST, Files, MERGES, SETTINGS, VOCABULARY, WORDS};
use serde_json::Value;

/// Which of transformers' classes reads the folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// BERT's: word pieces, of which the settings say how text is cleaned.
    Bert,
    /// RoBERTa's: byte-level BPE.
    ByteLevel,
    /// XLM-RoBERTa's and CamemBERT's: SentencePiece's unigrams, from `tokenizer.json`.
    SentencePiece,
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
/// RoBERTa's class.
const BYTE_LEVEL: &str = "RobertaTokenizer";
/// Classes of SentencePiece's unigrams.
const SENTENCE_PIECE: [&str; 2] = ["XLMRobertaTokenizer", "CamembertTokenizer"];
/// Models whose folders need not name the class, with what it is then.
const BY_MODEL: [(&str, &str); 5] = [
    ("roberta", BYTE_LEVEL),
    ("xlm-roberta", SENTENCE_PIECE[0]),
    ("camembert", SENTENCE_PIECE[1]),
    ("distilbert", "DistilBertTokenizer"),
    ("electra", "ElectraTokenizer"),
];
/// Models that are not told which of two texts a token belongs to.
const WITHOUT_SEGMENTS: [&str; 4] = ["roberta", "xlm-roberta", "camembert", "distilbert"];
/// Classes that take `tokenizer.json` as it is.
const GENERIC: [&str; 2] = ["PreTrainedTokenizerFast", "TokenizersBackend"];

impl Class {
    /// The class that a folder names, and what it makes of pairs.
    ///
    /// # Errors
    /// One that reads text in another way, or that the folder brings along as code; a switch that no version of
    /// transformers, or not every one, heeds.
    pub fn from_files(files: &Files) -> Result<(Self, Segments), ModelError> {
        let model = files.of_model("model_type").and_then(Value::as_str).unwrap_or_default();
        let (file, name) = match (files.setting("tokenizer_class"), files.of_model("tokenizer_class")) {
            (Some(name), _) => (SETTINGS, name.clone()),
            (None, Some(name)) => (contents::CONFIG, name.clone()),
            (None, None) => {
                let usual = BY_MODEL.into_iter().find(|(kind, _)| *kind == model);
                (SETTINGS, usual.map_or("BertTokenizer", |(_, class)| class).into())
            }
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
        } else if plain == BYTE_LEVEL {
            Class::ByteLevel
        } else if SENTENCE_PIECE.contains(&plain) {
            Class::SentencePiece
        } else if GENERIC.contains(&name) {
            Class::Generic
        } else {
            let why = format!(
                "`tokenizer_class` is {name:?}, which cuts text in another way than BERT's; BertTokenizer and its like \
                 are read, RobertaTokenizer, and with a tokenizer.json XLMRobertaTokenizer, CamembertTokenizer and \
                 PreTrainedTokenizerFast"
            );
            return Err(files.wrong(file, why));
        };
        let needs = match class {
            Class::Bert if files.fast.is_none() && files.bytes(WORDS).is_none() => {
                Some(format!("a {FAST} or a {WORDS}"))
            }
            Class::ByteLevel if files.fast.is_none() && files.bytes(MERGES).is_none() => {
                Some(format!("a {FAST}, or {VOCABULARY} and {MERGES}"))
            }
            Class::SentencePiece if files.fast.is_none() => {
                Some(format!("a {FAST}: open the folder with AutoTokenizer in transformers and save it"))
            }
            Class::Generic if files.fast.is_none() => Some(format!("a {FAST}")),
            Class::Bert | Class::ByteLevel | Class::SentencePiece | Class::Generic => None,
        };
        if let Some(needs) = needs {
            return Err(files.wrong(file, format!("`tokenizer_class` is {name:?}, which needs {needs}")));
        }
        if WITHOUT_SEGMENTS.contains(&model) {
            return Ok((class, Segments::Zero));
        }
        let segments = match files.setting("model_input_names") {
            Some(Value::Array(names)) if names.iter().any(|n| n == "token_type_ids") => Segments::Own,
            Some(Value::Array(_)) => Segments::Zero,
            Some(other) => {
                return Err(files.wrong(SETTINGS, format!("`model_input_names` is {other}; expected a list")));
            }
            None if plain == "DistilBertTokenizer" || name == "TokenizersBackend" => Segments::Zero,
            None => match class {
                Class::Bert => Segments::Own,
                Class::ByteLevel | Class::SentencePiece => Segments::Zero,
                Class::Generic => Segments::Unclear,
            },
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
