//! A text of which nothing is known to be right, as the engine reads it.

use super::DataError;
use super::example::{Example, example};
use super::record::{Input, Record};
use crate::model::Tokenizer;
use tunemask_shared::task::TaskKind;

/// A text as the engine reads it. Its targets are such as every head has, and say nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Unlabelled {
    /// Tokens and reads.
    pub example: Example,
    /// Whether tokens were cut to fit.
    pub truncated: bool,
    /// Where words are tagged, the place of the word of each read.
    pub words: Vec<usize>,
}

impl Unlabelled {
    /// Tokenises a text exactly as an example of a task is: to at most `max_length` tokens, special ones counted.
    ///
    /// # Errors
    /// A text that cannot be tokenised.
    pub fn new(
        input: &Input,
        kind: &TaskKind,
        tokenizer: &Tokenizer,
        max_length: usize,
    ) -> Result<Self, DataError> {
        let (targets, words) = match input {
            Input::Text(_) | Input::Pair(..) => (kind.targets(), Vec::new()),
            Input::Words(words) => {
                let encoded = tokenizer.encode_words(words, max_length).map_err(DataError::Tokenize)?;
                let firsts = encoded.firsts.iter().enumerate();
                (words.len(), firsts.filter_map(|(place, first)| first.map(|_| place)).collect())
            }
        };
        let record = Record { input: input.clone(), targets: vec![0.0; targets], index: 0 };
        let cut = example(&record, tokenizer, max_length).map_err(DataError::Tokenize)?;
        Ok(Self { example: cut.example, truncated: cut.truncated, words })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model;
    use tunemask_shared::task::Task;

    #[test]
    fn it_is_read_as_an_example_of_its_task_is() {
        let model = model::open("builtin:tiny").unwrap();
        for (name, most) in [("sentiment", 64), ("inference", 9), ("tags", 64), ("tags", 6)] {
            let task = Task::known(&name.parse().unwrap()).unwrap();
            let records = super::super::training_records(&task, None).unwrap();
            for record in records.iter().take(20) {
                let labelled = example(record, &model.tokenizer, most).unwrap();
                let own = Unlabelled::new(&record.input, task.kind(), &model.tokenizer, most).unwrap();
                assert_eq!(own.truncated, labelled.truncated);
                let same = |e: &Example| (e.ids.clone(), e.segments.clone(), e.reads.clone());
                assert_eq!(same(&own.example), same(&labelled.example), "{name}");
                assert_eq!(own.example.targets.len(), labelled.example.targets.len());
                let reads = if task.kind().is_tagging() { own.example.reads.len() } else { 0 };
                assert_eq!(own.words, (0..reads).collect::<Vec<_>>(), "all words have pieces");
            }
        }
    }
}
