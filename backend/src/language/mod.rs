//! The built-in language: English-like sentences from a grammar of our own, with labels true by construction.
//!
//! A task is a generator: given a label, it draws an input that has it. Sets are balanced, hold no input twice, and
//! share none; the same come out everywhere. Some words of every large class never stand in a training set: what is
//! known of them comes from pre-training on the `corpus`. In reading order:

/// Labelled inputs.
mod labelled;
/// Words by class, with their forms.
mod lexicon;
/// Regular forms.
mod morphology;
/// Parts of speech.
mod tag;
/// Chance, and which words it may draw.
mod dice;
/// A sentence under construction, with the edits that would break it.
mod sentence;
/// Noun phrases, verb phrases, clauses.
mod grammar;
/// What sentences say, and what follows from it.
mod scene;
/// Sentences with names.
mod templates;
/// A generator for each task.
mod tasks;
/// Text for pre-training.
mod corpus;
#[cfg(test)]
mod tests;

pub use corpus::corpus;
pub use labelled::{Input, Labelled, LabelledSet, TaskSets};

use dice::{Dice, Domain, View};
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use tunemask_shared::philox::{Purpose, Stream};
use tunemask_shared::run::hexadecimal;
use tunemask_shared::task::{BuiltInTask, Task};

/// Raised with every change of the language, so that a data set's fingerprint changes even where its sentences do not.
const VERSION: u32 = 3;
const SEED: u64 = 0;
const TRAIN_ROWS: usize = 4000;
const DEVELOPMENT_ROWS: usize = 500;

/// Word pieces that spell every sentence of the language, in lower case, sorted, each once: a regular form is its
/// stem and an ending (`##s`).
pub fn words() -> Vec<String> {
    let mut all = lexicon::LEXICON.pieces();
    all.extend(templates::words());
    all.into_iter().collect()
}

/// SHA-256 over the language's version and a task's inputs, in hexadecimal: another grammar is another data set.
pub fn fingerprint(task: BuiltInTask) -> String {
    sets(task).fingerprint
}

/// A task's sets, whose examples are the same everywhere.
pub fn sets(task: BuiltInTask) -> TaskSets {
    let mut hash = Sha256::new();
    hash.update(format!("{VERSION}\n"));
    let mut sets: Vec<LabelledSet> = Vec::new();
    let mut seen = HashSet::new();
    let described = Task::from(task);
    let names = ["train"].into_iter().chain(described.development_sets().iter().map(String::as_str));
    for (number, name) in (0..).zip(names) {
        let (rows, view) = match (number, name) {
            (0, _) => (TRAIN_ROWS, View { unseen: false, domain: home(task) }),
            (_, "mismatched") => (DEVELOPMENT_ROWS, View { unseen: true, domain: Domain::Coast }),
            _ => (DEVELOPMENT_ROWS, View { unseen: true, domain: home(task) }),
        };
        let mut stream = Stream::new(SEED, Purpose::Language, part(task) + number);
        let examples = draw(task, rows, &mut Dice::new(&mut stream, view), &mut seen);
        for Labelled { input, targets } in &examples {
            hash.update(format!("{name}\t{targets:?}\t{input:?}\n"));
        }
        sets.push(LabelledSet { name: name.to_owned(), examples });
    }
    TaskSets { sets, fingerprint: hexadecimal(&hash.finalize()) }
}

/// What a task's training set speaks of.
fn home(task: BuiltInTask) -> Domain {
    if task == BuiltInTask::Inference { Domain::Town } else { Domain::All }
}

/// The first of a task's streams: one for each set.
fn part(task: BuiltInTask) -> u32 {
    const MAX_SETS: u32 = 10;
    MAX_SETS * task as u32
}

/// So many new inputs, as many of each label, in random order.
fn draw(task: BuiltInTask, rows: usize, dice: &mut Dice<'_>, seen: &mut HashSet<String>) -> Vec<Labelled> {
    let labels = tasks::labels(task);
    let mut drawn = Vec::with_capacity(rows);
    while drawn.len() < rows {
        let example = tasks::draw(task, dice, drawn.len() % labels);
        if seen.insert(format!("{:?}", example.input)) {
            drawn.push(example);
        }
    }
    dice.shuffle(&mut drawn);
    drawn
}
