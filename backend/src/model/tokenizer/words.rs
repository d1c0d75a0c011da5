//! `vocab.txt`, and the vocabulary of `tokenizer.json`.

use super::super::ModelError;
use super::files::{FAST, Files, WORDS};
use serde_json::Value;
use std::collections::HashMap;

/// The word pieces of `vocab.txt` by their lines from 0; of a word that stands twice the last line counts.
///
/// # Errors
/// A file that is not UTF-8, or that versions of transformers read differently: with a byte-order mark, a lone
/// carriage return, or white space behind a word.
pub(super) fn of_text(files: &Files, bytes: &[u8]) -> Result<Vec<String>, ModelError> {
    let wrong = |line: usize, why: &str| files.wrong(WORDS, format!("line {line} {why}"));
    let text = str::from_utf8(bytes).map_err(|e| {
        wrong(1 + bytes[..e.valid_up_to()].iter().filter(|&&b| b == b'\n').count(), "is not UTF-8")
    })?;
    if text.starts_with('\u{feff}') {
        let why = "begins with a byte-order mark, which transformers takes for a part of the word; save the file without it";
        return Err(wrong(1, why));
    }
    let mut words = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        if line.contains('\r') {
            return Err(wrong(
                number,
                "has a carriage return that does not end a line; save the file with plain line endings",
            ));
        }
        let word = line.trim_end();
        if !word.is_empty() && word != line {
            let why =
                format!("has white space after {word:?}, which transformers 4 takes for a part of the word");
            return Err(wrong(number, &why));
        }
        words.push(word.to_owned());
    }
    Ok(words)
}

/// The word pieces of a `tokenizer.json`.
///
/// # Errors
/// It has none, or something that is not a number among theirs.
pub(super) fn of_json(files: &Files, model: &Value) -> Result<HashMap<String, u32>, ModelError> {
    let vocab = model.get("vocab").and_then(Value::as_object);
    let vocab = vocab
        .ok_or_else(|| files.wrong(FAST, "its model has no `vocab` of word pieces with their numbers"))?;
    let number = |(word, value): (&String, &Value)| {
        let id = value.as_u64().and_then(|id| u32::try_from(id).ok());
        let wrong = || files.wrong(FAST, format!("the word piece {word:?} has the number {value}"));
        Ok((word.clone(), id.ok_or_else(wrong)?))
    };
    vocab.iter().map(number).collect()
}

/// Sees that `vocab.txt` beside a `tokenizer.json` has the same word pieces: who changed one file alone expects
/// something of it.
///
/// # Errors
/// The first line that is another word piece there.
pub(super) fn agree(
    files: &Files,
    own: &HashMap<String, u32>,
    known: &HashMap<u32, String>,
    added: impl Fn(u32) -> bool,
) -> Result<(), ModelError> {
    let Some(bytes) = files.bytes(WORDS) else { return Ok(()) };
    let words = of_text(files, bytes)?;
    if let Some((word, id)) =
        own.iter().filter(|(_, id)| **id as usize >= words.len() && !added(**id)).min_by_key(|(_, id)| **id)
    {
        let why = format!(
            "it has {} lines, but the word piece {id} of {FAST} is {word:?}; remove the file that is out of date",
            words.len()
        );
        return Err(files.wrong(WORDS, why));
    }
    let last: HashMap<&str, usize> = words.iter().enumerate().map(|(i, w)| (w.as_str(), i)).collect();
    for (id, word) in words.iter().enumerate() {
        let got = known.get(&(id as u32)).map(|w| w.trim_end());
        // Of a word that stands twice only the last line counts, and numbers without a word are filled up.
        let silent = last.get(word.as_str()) != Some(&id) || got.is_none() && word.starts_with("[unused");
        if got != Some(word) && !silent {
            let got = got.map_or_else(|| "none".to_owned(), |got| format!("{got:?}"));
            let why = format!(
                "line {} is {word:?}, but the word piece {id} of {FAST} is {got}; remove the file that is out of date",
                id + 1
            );
            return Err(files.wrong(WORDS, why));
        }
    }
    Ok(())
}
