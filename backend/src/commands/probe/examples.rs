use crate::engine::{Objective, Read};
use crate::model::{Encoding, Tokenizer};
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::fs;
use std::path::Path;

/// A line of the file as the engine reads it.
pub struct Example {
    /// Its word pieces.
    pub encoding: Encoding,
    /// Its class or score, at the first token.
    pub read: Read,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    text: String,
    pair: Option<String>,
    label: f64,
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
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let mut examples = Vec::new();
    for (number, line) in (1..).zip(text.split('\n')).filter(|(_, l)| !l.trim().is_empty()) {
        let example = example(line, objective, tokenizer, longest);
        examples.push(example.with_context(|| format!("{}, line {number}", path.display()))?);
    }
    if examples.is_empty() {
        bail!("{}: no examples; write a JSON object a line", path.display());
    }
    Ok(examples)
}

fn example(line: &str, objective: Objective, tokenizer: &Tokenizer, longest: usize) -> Result<Example> {
    let line: Line = serde_json::from_str(line)?;
    if let Objective::Classification(labels) = objective
        && !(line.label.fract() == 0.0 && (0.0..labels as f64).contains(&line.label))
    {
        bail!("label {} is no class; with --labels {labels} it is one of 0 to {}", line.label, labels - 1);
    }
    let target = line.label as f32;
    if !target.is_finite() {
        bail!("label {} is no score that a 32-bit number holds", line.label);
    }
    Ok(Example {
        encoding: tokenizer.encode(&line.text, line.pair.as_deref(), longest)?,
        read: Read { position: 0, target },
    })
}
