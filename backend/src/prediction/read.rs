//! What is read of a text: as an example of the task is.

use super::PredictionError;
use super::error::Missing;
use crate::data::{Input, Unlabelled};
use crate::model::Tokenizer;
use tunemask_shared::prediction::{MAX_TEXT_BYTES, PredictionQuestion, ReadText, ReadWord};
use tunemask_shared::task::Task;

/// A text as it was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// The text, the first one of a pair, or words separated by spaces.
    pub text: String,
    /// The second one of a pair.
    pub pair: Option<String>,
}

impl From<&PredictionQuestion> for Text {
    fn from(question: &PredictionQuestion) -> Self {
        Self { text: question.text.clone(), pair: question.pair.clone() }
    }
}

/// A text as a task reads it.
///
/// # Errors
/// It is empty or far too long; a second text is missing or too many.
pub(super) fn input(task: &Task, text: &Text) -> Result<Input, PredictionError> {
    let tags = task.kind().is_tagging();
    let pair = text.pair.as_deref().map(str::trim).filter(|pair| !pair.is_empty());
    let first = text.text.trim();
    let long = [first.len(), pair.map_or(0, str::len)].into_iter().find(|&bytes| bytes > MAX_TEXT_BYTES);
    if let Some(bytes) = long {
        return Err(PredictionError::Long(bytes));
    }
    let missing = match (task.has_pairs(), tags, first.is_empty(), pair) {
        (true, _, true, _) => Some(Missing::First),
        (true, _, false, None) => Some(Missing::Second),
        (false, true, true, _) => Some(Missing::Words),
        (false, false, true, _) => Some(Missing::Text),
        (false, _, false, Some(_)) => return Err(PredictionError::Pair(task.title().to_owned())),
        (true, _, false, Some(_)) | (false, _, false, None) => None,
    };
    if let Some(missing) = missing {
        return Err(PredictionError::Missing(missing));
    }
    Ok(match pair {
        Some(second) => Input::Pair(first.to_owned(), second.to_owned()),
        None if tags => Input::Words(first.split_whitespace().map(str::to_owned).collect()),
        None => Input::Text(first.to_owned()),
    })
}

/// A text, tokenised.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tokenised {
    pub unlabelled: Unlabelled,
    pub read: ReadText,
}

/// Tokenises a text as the examples of its task are.
///
/// # Errors
/// Nothing of it can be read.
pub(super) fn tokenise(
    task: &Task,
    input: &Input,
    tokenizer: &Tokenizer,
    max_length: usize,
) -> Result<Tokenised, PredictionError> {
    let unlabelled = Unlabelled::new(input, task.kind(), tokenizer, max_length)?;
    if unlabelled.example.reads.is_empty() {
        return Err(PredictionError::Nothing);
    }
    let words = match input {
        Input::Text(_) | Input::Pair(..) => Vec::new(),
        Input::Words(words) => {
            let read = |place| unlabelled.words.binary_search(&place).is_ok();
            let word = |(place, text): (usize, &String)| ReadWord { text: text.clone(), read: read(place) };
            words.iter().enumerate().map(word).collect()
        }
    };
    let tokens = unlabelled.example.ids.len() as u32;
    Ok(Tokenised { read: ReadText { tokens, truncated: unlabelled.truncated, words }, unlabelled })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(name: &str) -> Task {
        Task::known(&name.parse().unwrap()).unwrap()
    }

    #[test]
    fn a_text_is_read_as_its_task_reads_texts() {
        let text = |text: &str, pair: Option<&str>| Text { text: text.into(), pair: pair.map(str::to_owned) };
        let said = |task: &str, written| input(&known(task), &written).unwrap_err().to_string();
        assert_eq!(input(&known("sentiment"), &text(" a b ", Some(" "))).unwrap(), Input::Text("a b".into()));
        assert_eq!(
            input(&known("inference"), &text("a", Some("b "))).unwrap(),
            Input::Pair("a".into(), "b".into())
        );
        let words = Input::Words(vec!["a".into(), "b,".into()]);
        assert_eq!(input(&known("tags"), &text("a \t b,", None)).unwrap(), words);
        assert_eq!(said("sentiment", text(" ", None)), "write a text");
        assert_eq!(said("tags", text("", None)), "write the words of a sentence");
        assert_eq!(said("inference", text("a", None)), "write the second text; the task reads pairs");
        assert_eq!(said("inference", text("", Some("b"))), "write the first text");
        assert!(said("sentiment", text("a", Some("b"))).contains("leave the second one out"));
        assert!(said("sentiment", text(&"a ".repeat(20_001), None)).contains("at most 20000"));
    }
}
