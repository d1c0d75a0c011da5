//! `FILE.jsonl` to a batch.

use crate::files;
use crate::model::{EncodedWords, Encoding, Tokenizer};
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::path::Path;
use tunemask_engine::{Objective, Read};

/// A line of the file as the engine reads it.
pub struct Example {
    /// Its word pieces.
    pub encoding: Encoding,
    /// Its class or score at the first token, or the class of each word at its first piece.
    pub reads: Vec<Read>,
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
    label: f64,
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
        let target = target(line.label, objective)?;
        let encoding = tokenizer.encode(&line.text, line.pair.as_deref(), longest)?;
        let reads = vec![Read { position: 0, target }];
        return Ok(Example { encoding, reads, step: line.step, row: line.row });
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
        .map(|(position, tag)| target(tag, objective).map(|target| Read { position, target }));
    let reads = reads.collect::<Result<Vec<Read>>>()?;
    if reads.is_empty() {
        bail!("none of its words has a word piece");
    }
    Ok(Example { encoding, reads, step: line.step, row: line.row })
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
