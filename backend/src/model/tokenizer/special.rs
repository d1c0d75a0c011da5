//! Special tokens by their roles.

use super::super::ModelError;
use super::class::Class;
use super::files::{Files, SETTINGS, SPECIAL};
use serde_json::{Map, Value};
use tokenizers::AddedToken;

/// Fields that name a special token, in the order in which transformers adds those that are in no vocabulary.
const ROLES: [&str; 7] =
    ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];
/// What those are called that every BERT has, where no file names them.
pub(super) const USUAL: [(&str, &str); 5] = [
    ("unk_token", "[UNK]"),
    ("sep_token", "[SEP]"),
    ("pad_token", "[PAD]"),
    ("cls_token", "[CLS]"),
    ("mask_token", "[MASK]"),
];
/// The same of RoBERTa and those that are built like it.
const ROBERTAS: [(&str, &str); 7] = [
    ("bos_token", "<s>"),
    ("eos_token", "</s>"),
    ("unk_token", "<unk>"),
    ("sep_token", "</s>"),
    ("pad_token", "<pad>"),
    ("cls_token", "<s>"),
    ("mask_token", "<mask>"),
];

/// What a class calls its special tokens where no file names them.
fn usual(class: Class) -> &'static [(&'static str, &'static str)] {
    match class {
        Class::Bert => &USUAL,
        Class::ByteLevel | Class::SentencePiece => &ROBERTAS,
        Class::Generic => &[],
    }
}

/// The name of `additional_special_tokens` in transformers 5.
const EXTRA: &str = "extra_special_tokens";
const ADDITIONAL: &str = "additional_special_tokens";

/// The special tokens that a folder names.
#[derive(Debug, Default)]
pub(super) struct Special {
    /// Field and token, in the order of [`ROLES`].
    pub named: Vec<(&'static str, AddedToken)>,
    /// Those without a role.
    pub extra: Vec<AddedToken>,
    /// Of `extra`, those that `special_tokens_map.json` alone names.
    pub of_map: Vec<String>,
}

/// A token as it stands in JSON: its text, or an object with flags.
pub(super) fn token(value: &Value, special: Option<bool>) -> Option<AddedToken> {
    let Some(map) = value.as_object() else {
        return Some(AddedToken::from(value.as_str()?, special.unwrap_or(true)));
    };
    let flag = |name: &str| map.get(name).and_then(Value::as_bool);
    let special = special.or_else(|| flag("special")).unwrap_or(false);
    let mut token = AddedToken::from(map.get("content")?.as_str()?, special);
    token.single_word = flag("single_word").unwrap_or(false);
    token.lstrip = flag("lstrip").unwrap_or(false);
    token.rstrip = flag("rstrip").unwrap_or(false);
    token.normalized = flag("normalized").unwrap_or(!special);
    Some(token)
}

impl Special {
    /// BERT's usual ones.
    pub fn usual() -> Self {
        let mut special = Self::default();
        special.fill(Class::Bert);
        special
    }

    /// What the files of a folder name. With `added_tokens_decoder` in `tokenizer_config.json`, transformers does not
    /// look into `special_tokens_map.json`.
    ///
    /// # Errors
    /// Something that is no token; two files that name different ones.
    pub fn from_files(files: &Files, class: Class) -> Result<Self, ModelError> {
        let modern = files.settings.contains_key("added_tokens_decoder");
        let mut special = Self::default();
        for role in ROLES {
            let own = named(files, SETTINGS, &files.settings, role)?;
            let other = named(files, SPECIAL, &files.special, role)?;
            let usual = usual(class).iter().find(|(r, _)| *r == role).map(|(_, usual)| *usual);
            let here = own.as_ref().map(|t| t.content.as_str()).or(if modern { usual } else { None });
            if let Some(other) = &other
                && (modern || here.is_some())
                && here != Some(other.content.as_str())
            {
                let here = here.map_or_else(|| "none".to_owned(), |here| format!("{here:?}"));
                let why = format!("`{role}` is {:?}, but {here} by {SETTINGS}", other.content);
                return Err(files.wrong(SPECIAL, why));
            }
            let chosen = if modern { own } else { other.or(own) };
            special.named.extend(chosen.map(|token| (role, token)));
        }
        special.fill(class);
        let extra = match files.setting(EXTRA) {
            Some(list) if list.as_array().is_none_or(|l| !l.is_empty()) => Some((EXTRA, list)),
            _ => files.setting(ADDITIONAL).map(|list| (ADDITIONAL, list)),
        };
        if let Some((field, list)) = extra {
            special.extra = tokens(files, SETTINGS, field, list)?;
        }
        for field in [EXTRA, ADDITIONAL] {
            let Some(list) = files.special.get(field).filter(|l| !l.is_null()) else { continue };
            for token in tokens(files, SPECIAL, field, list)? {
                if !special.extra.iter().any(|own| own.content == token.content) {
                    if modern || field == ADDITIONAL {
                        special.of_map.push(token.content.clone());
                    }
                    if !modern {
                        special.extra.push(token);
                    }
                }
            }
        }
        Ok(special)
    }

    /// Adds the usual ones where no file names them.
    fn fill(&mut self, class: Class) {
        for &(role, usual) in usual(class) {
            if self.get(role).is_none() {
                self.named.push((role, AddedToken::from(usual, true)));
            }
        }
        self.named.sort_by_key(|(role, _)| ROLES.iter().position(|r| r == role));
    }

    /// The token of a role.
    pub fn get(&self, role: &str) -> Option<&AddedToken> {
        self.named.iter().find(|(r, _)| *r == role).map(|(_, token)| token)
    }

    /// The text of a role's token; empty if there is none.
    pub fn text(&self, role: &str) -> &str {
        self.get(role).map_or("", |token| token.content.as_str())
    }
}

fn named(
    files: &Files,
    file: &str,
    map: &Map<String, Value>,
    role: &str,
) -> Result<Option<AddedToken>, ModelError> {
    let Some(value) = map.get(role).filter(|v| !v.is_null()) else { return Ok(None) };
    // What stands in the map is special, whatever it says of itself.
    let special = if file == SPECIAL || value.is_string() { Some(true) } else { None };
    match token(value, special) {
        Some(token) if !token.content.is_empty() => Ok(Some(token)),
        _ => Err(files.wrong(file, format!("`{role}` is {value}; expected a token"))),
    }
}

fn tokens(files: &Files, file: &str, field: &str, list: &Value) -> Result<Vec<AddedToken>, ModelError> {
    let wrong = || files.wrong(file, format!("`{field}` is {list}; expected a list of tokens"));
    let values: Vec<&Value> = match list {
        Value::Array(list) => list.iter().collect(),
        // Each under a name of its own.
        Value::Object(map) => map.values().collect(),
        _ => return Err(wrong()),
    };
    values.into_iter().map(|value| token(value, Some(true)).ok_or_else(wrong)).collect()
}
