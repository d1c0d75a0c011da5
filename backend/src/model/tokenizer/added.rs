//! Tokens that are found before a text is cut into words.

use super::super::ModelError;
use super::files::{ADDED, FAST, Files, SETTINGS, SPECIAL};
use super::special::{self, Special};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use tokenizers::{AddedToken, NormalizedString, Normalizer, Tokenizer};

/// Tokens that are found in a text before it is cut into words.
#[derive(Debug, Default)]
pub(super) struct Added {
    /// Those that a file numbers, by their numbers.
    numbered: BTreeMap<u32, AddedToken>,
    /// Where each number stands: file, token, number.
    declared: Vec<(&'static str, String, u32)>,
    /// What the user should know.
    pub notes: Vec<String>,
}

impl Added {
    /// What a folder's files add. `added_tokens_decoder` in `tokenizer_config.json` stands for all of them where it is
    /// written; else `added_tokens.json` is read, and over it `tokenizer.json`.
    ///
    /// # Errors
    /// Something that is not a token, or not a number.
    pub fn from_files(files: &Files, special: &mut Special) -> Result<Self, ModelError> {
        let mut added = Self::default();
        let decoder = files.settings.get("added_tokens_decoder");
        if let Some(decoder) = decoder {
            let wrong = |what: &str| {
                files.wrong(
                    SETTINGS,
                    format!("`added_tokens_decoder` {what}; expected numbers with their tokens"),
                )
            };
            for (number, value) in decoder.as_object().ok_or_else(|| wrong("is not an object"))? {
                let known =
                    number.parse().ok().zip(special::token(value, None).filter(|_| value.is_object()));
                let (id, token) = known.ok_or_else(|| wrong(&format!("has {number:?}: {value}")))?;
                added.declare(SETTINGS, id, &token);
                added.numbered.insert(id, token);
            }
        }
        let are_special: Vec<&str> = special.named.iter().map(|(_, t)| t.content.as_str()).collect();
        let are_special: Vec<&str> =
            are_special.into_iter().chain(special.extra.iter().map(|t| t.content.as_str())).collect();
        for (text, number) in &files.added {
            let id = number.as_u64().and_then(|id| u32::try_from(id).ok());
            let id = id.ok_or_else(|| files.wrong(ADDED, format!("{text:?} has the number {number}")))?;
            // transformers 5 does not look for them among those of the map.
            let of_map = special.of_map.contains(text);
            let token = AddedToken::from(text.as_str(), are_special.contains(&text.as_str()) && !of_map);
            added.declare(ADDED, id, &token);
            if decoder.is_none() {
                added.numbered.insert(id, token);
            }
        }
        for value in files.fast.iter().filter_map(|fast| fast.get("added_tokens")?.as_array()).flatten() {
            let id = value.get("id").and_then(Value::as_u64).and_then(|id| u32::try_from(id).ok());
            let known = id.zip(special::token(value, None).filter(|_| value.is_object()));
            let (id, token) = known.ok_or_else(|| {
                files.wrong(FAST, format!("`added_tokens` has {value}; expected a token with its id"))
            })?;
            added.declare(FAST, id, &token);
            if decoder.is_none() {
                added.numbered.insert(id, token);
            }
        }
        // A named token has the flags that it is added with.
        for (_, token) in &mut special.named {
            if let Some(own) = added.numbered.values().find(|own| own.content == token.content) {
                *token = own.clone();
            }
        }
        Ok(added)
    }

    fn declare(&mut self, file: &'static str, id: u32, token: &AddedToken) {
        self.declared.push((file, token.content.clone(), id));
    }

    /// Whether a file adds a token under a number.
    pub fn numbers(&self, text: &str) -> bool {
        self.numbered.values().any(|token| token.content == text)
    }

    /// All tokens in the order in which transformers adds them.
    pub fn in_order(&self, special: &Special) -> Vec<AddedToken> {
        let mut all: Vec<AddedToken> = self.numbered.values().cloned().collect();
        for token in special.named.iter().map(|(_, token)| token).chain(&special.extra) {
            if !all.iter().any(|own| own.content == token.content) {
                all.push(token.clone());
            }
        }
        for token in &mut all {
            token.special |= special.named.iter().any(|(_, named)| named.content == token.content);
        }
        all
    }

    /// Sees that every token got the number that each file gives it, and that `tokenizer.json` adds it alike.
    ///
    /// # Errors
    /// Two files disagree, or a number is not the next free one, which transformers' fast tokenizers would take.
    pub fn agree(
        &mut self,
        files: &Files,
        special: &Special,
        tokenizer: &Tokenizer,
    ) -> Result<(), ModelError> {
        let known = tokenizer.get_added_tokens_decoder();
        let find = |text: &str| known.iter().find(|(_, token)| token.content == text);
        for (file, text, want) in &self.declared {
            let why = match find(text) {
                Some((got, _)) if got == want => continue,
                Some((got, _)) => format!(
                    "it gives {text:?} the number {want}; transformers' fast tokenizers, which count on from the vocabulary, give it {got}"
                ),
                None => format!("it adds {text:?}, which `added_tokens_decoder` in {SETTINGS} does not"),
            };
            return Err(files.wrong(file, why));
        }
        for value in files.fast.iter().filter_map(|fast| fast.get("added_tokens")?.as_array()).flatten() {
            let Some(want) = special::token(value, None) else { continue };
            if let Some((_, got)) = find(&want.content)
                && flags(got) != flags(&want)
            {
                let why = format!(
                    "it adds {:?} with other flags than `added_tokens_decoder` in {SETTINGS}",
                    want.content
                );
                return Err(files.wrong(FAST, why));
            }
        }
        for text in &special.of_map {
            if find(text).is_none() {
                let why = format!("it adds {text:?}, which `added_tokens_decoder` in {SETTINGS} does not");
                return Err(files.wrong(SPECIAL, why));
            }
        }
        let own = files
            .settings
            .iter()
            .filter(|(field, _)| field.ends_with("_token") && special.get(field).is_none());
        for (field, text) in own.filter_map(|(field, value)| Some((field, value.as_str()?))) {
            if find(text).is_none() {
                let why = format!(
                    "`{field}` is {text:?}, which transformers 5 adds and transformers 4 does not; write it in `additional_special_tokens` too"
                );
                return Err(files.wrong(SETTINGS, why));
            }
        }
        let lowered: Vec<&str> = special
            .of_map
            .iter()
            .filter(|text| {
                files.added.contains_key(text.as_str()) && find(text).is_some_and(|(_, t)| t.normalized)
            })
            .map(String::as_str)
            .collect();
        if !lowered.is_empty() {
            self.notes.push(format!(
                "{} of {SPECIAL} are found in any case and accent where the text is lower-cased, as transformers 5 finds them (4 does not)",
                lowered.join(", ")
            ));
        }
        Ok(())
    }
}

impl Added {
    /// Sees that no two tokens are one once a text is normalized: which of them the library finds is a matter of chance.
    ///
    /// # Errors
    /// Two that are.
    pub fn told_apart(&self, files: &Files, tokenizer: &Tokenizer) -> Result<(), ModelError> {
        let known = tokenizer.get_added_tokens_decoder();
        let normalized: BTreeSet<&str> =
            known.values().filter(|token| token.normalized).map(|token| token.content.as_str()).collect();
        let mut found: BTreeMap<String, &str> = BTreeMap::new();
        for token in normalized {
            let file =
                self.declared.iter().find(|(_, text, _)| text == token).map_or(SETTINGS, |(file, ..)| *file);
            let mut text = NormalizedString::from(token);
            if let Some(normalizer) = tokenizer.get_normalizer() {
                normalizer.normalize(&mut text).map_err(|e| files.wrong(file, e.to_string()))?;
            }
            if let Some(other) = found.insert(text.get().to_owned(), token) {
                let why = format!(
                    "the added tokens {other:?} and {token:?} are the same once normalized, and either may be found; \
                     remove one, or set its `normalized` to false"
                );
                return Err(files.wrong(file, why));
            }
        }
        Ok(())
    }
}

/// What of a token decides where it is found.
pub(super) fn flags(token: &AddedToken) -> [bool; 4] {
    [token.single_word, token.lstrip, token.rstrip, token.normalized]
}
