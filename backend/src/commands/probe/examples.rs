//! `FILE.jsonl` to a batch.

use crate::files;
use crate::model::{EncodedWords, Encoding, Tokenizer};
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::path::Path;
use tunemask_engine::Objective;

/// A line of the file as the engine reads it.
pub struct Example {
    /// Its word pieces.
    pub encoding: Encoding,
    /// The first token, or the first piece of each word.
    pub reads: Vec<u32>,
    /// Its class or score; the class of each word; 1 or 0 for each label that it may have.
    pub targets: Vec<f32>,
    /// The step, from 1, that reads it.
    pub step: Option<usize>,
    /// Its row in the task's training file, or its line's place here.
    pub row: Option<u32>,
}

/// A text or a pair.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Labelled {
    text: String,
    pair: Option<String>,
    /// Of a head for one class or a score.
    label: Option<f64>,
    /// Of a head for several labels: 1 or 0 for each.
    labels: Option<Vec<f64>>,
    step: Option<usize>,
    row: Option<u32>,
}

/// A sentence, word by word.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tagged {
    tokens: Vec<String>,
    tags: Vec<f64>,
    step: Option<usize>,
    row: Option<u32>,
}

/// Reads and tokenizes every line; empty ones are skipped.
///
/// # Errors
/// The file cannot be read or holds no example; a line is no such object or has a label out of range. The
/// error names file and line.
pub fn read(
    path: &Path,
    objective: Objective,
    tokenizer: &Tokenizer,
    longest: usize,
) -> Result<Vec<Example>> {
    let text = files::text(path, files::DATA)?;
    let mut examples = Vec::new();
    for (number, line) in (1..).zip(text.split('\n')).filter(|(_, l)| !l.trim().is_empty()) {
        if line.len() > files::LINE {
            bail!("{}, line {number}: longer than {} KiB", path.display(), files::LINE >> 10);
        }
        let example = example(line, objective, tokenizer, longest);
        examples.push(example.with_context(|| format!("{}, line {number}", path.display()))?);
    }
    if examples.is_empty() {
        bail!("{}: no examples; write one JSON object per line", path.display());
    }
    Ok(examples)
}

fn example(line: &str, objective: Objective, tokenizer: &Tokenizer, longest: usize) -> Result<Example> {
    if objective.is_pooled() {
        let line: Labelled = serde_json::from_str(line)?;
        let targets = match (line.label, &line.labels, objective) {
            (None, Some(labels), Objective::MultiLabel(count)) => presences(labels, count)?,
            (_, _, Objective::MultiLabel(count)) => {
                bail!(
                    "give \"labels\" and no \"label\": a list of {count} numbers, 1 for each label that it has, else 0"
                )
            }
            (Some(label), None, _) => vec![target(label, objective)?],
            (..) => bail!("give \"label\", a number, and no \"labels\""),
        };
        let encoding = tokenizer.encode(&line.text, line.pair.as_deref(), longest)?;
        return Ok(Example { encoding, reads: vec![0], targets, step: line.step, row: line.row });
    }
    let line: Tagged = serde_json::from_str(line)?;
    if line.tokens.len() != line.tags.len() || line.tokens.is_empty() {
        bail!(
            "{} tokens have {} tags; give one tag per token, and at least one token",
            line.tokens.len(),
            line.tags.len()
        );
    }
    let EncodedWords { encoding, firsts } = tokenizer.encode_words(&line.tokens, longest)?;
    let reads = firsts
        .iter()
        .zip(&line.tags)
        .filter_map(|(&first, &tag)| first.map(|position| (position, tag)))
        .map(|(position, tag)| Ok((position, target(tag, objective)?)));
    let (reads, targets): (Vec<u32>, Vec<f32>) = reads.collect::<Result<Vec<_>>>()?.into_iter().unzip();
    if reads.is_empty() {
        bail!("none of its words has a word piece");
    }
    Ok(Example { encoding, reads, targets, step: line.step, row: line.row })
}

/// Which of several labels it has.
fn presences(labels: &[f64], count: usize) -> Result<Vec<f32>> {
    if labels.len() != count {
        bail!("\"labels\" has {} numbers; with --labels {count} give {count}", labels.len());
    }
    if let Some(odd) = labels.iter().find(|label| **label != 0.0 && **label != 1.0) {
        bail!("\"labels\" has {odd}; give 1 for each label that it has, else 0");
    }
    Ok(labels.iter().map(|&label| label as f32).collect())
}

fn target(label: f64, objective: Objective) -> Result<f32> {
    let labels = objective.outputs();
    if objective != Objective::Regression && !(label.fract() == 0.0 && (0.0..labels as f64).contains(&label))
    {
        bail!("label {label} is not a class; with --labels {labels} it is one of 0 to {}", labels - 1);
    }
    let target = label as f32;
    if !target.is_finite() {
        bail!("label {label} is not a score that a 32-bit number can hold");
    }
    Ok(target)
}
