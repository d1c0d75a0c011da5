//! The built-in language: English-like sentences from a grammar of our own, with labels true by construction.
//!
//! A task is a generator: given a label, it draws a sentence that has it. Sets are balanced, hold no text
//! twice, and share none; the same sentences come out everywhere.
//!
//! In reading order:

/// Task: does the sentence follow the grammar?
mod acceptability;
/// Clauses, questions and their combinations.
mod clause;
/// Words by class, with their forms.
mod lexicon;
/// Noun phrases.
mod noun_phrase;
/// A sentence under construction, with the edits that would break it.
mod sentence;
/// Task: is the sentence positive?
mod sentiment;
#[cfg(test)]
mod tests;
/// Verb phrases.
mod verb_phrase;

use super::record::{Input, Record, RecordSet, TaskRecords};
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use tunemask_shared::philox::{Purpose, Stream};
use tunemask_shared::run::hexadecimal;
use tunemask_shared::task::Task;

const SEED: u64 = 0;
const TRAIN_ROWS: usize = 4000;
const DEVELOPMENT_ROWS: usize = 500;

/// Word pieces that spell every sentence of the language, in lower case, sorted, each once: a regular form is its
/// stem and an ending (`##s`).
pub fn words() -> Vec<String> {
    lexicon::LEXICON.pieces()
}

/// Draws a sentence with a label.
type Generator = fn(&mut Stream, bool) -> String;

/// A task's generator and the number of its stream; numbers are never given anew.
fn generator(task: Task) -> Option<(Generator, u32)> {
    match task {
        Task::Acceptability => Some((acceptability::sentence, 0)),
        Task::Sentiment => Some((sentiment::sentence, 1)),
        _ => None,
    }
}

/// SHA-256 over a task's sentences, in hexadecimal: another grammar is another data set.
pub(super) fn fingerprint(task: Task) -> String {
    read(task).fingerprint
}

/// A task's records; none for a task that the language does not have.
pub(super) fn read(task: Task) -> TaskRecords {
    let sizes = [("train", TRAIN_ROWS), ("dev", DEVELOPMENT_ROWS)];
    let mut sets: Vec<RecordSet> = Vec::new();
    let mut hash = Sha256::new();
    if let Some((generator, part)) = generator(task) {
        let mut stream = Stream::new(SEED, Purpose::Language, part);
        let mut seen = HashSet::new();
        for (name, rows) in sizes {
            let records = draw(generator, rows, &mut stream, &mut seen);
            for record in &records {
                hash.update(format!("{name}\t{:?}\t{:?}\n", record.targets, record.input));
            }
            sets.push(RecordSet { name: name.to_owned(), records, ..RecordSet::default() });
        }
    }
    TaskRecords { sets, fingerprint: hexadecimal(&hash.finalize()), notes: Vec::new() }
}

/// So many new sentences, half of each label, in random order.
fn draw(generator: Generator, rows: usize, stream: &mut Stream, seen: &mut HashSet<String>) -> Vec<Record> {
    let mut drawn: Vec<(String, f32)> = Vec::with_capacity(rows);
    while drawn.len() < rows {
        let label = drawn.len() % 2 == 1;
        let text = generator(stream, label);
        if seen.insert(text.clone()) {
            drawn.push((text, f32::from(u8::from(label))));
        }
    }
    stream.shuffle(&mut drawn);
    (0..)
        .zip(drawn)
        .map(|(index, (text, target))| Record { input: Input::Text(text), targets: vec![target], index })
        .collect()
}
