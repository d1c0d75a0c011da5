//! A row for each mask.

use super::subject::Subject;
use crate::commands::output;
use anyhow::Result;
use serde::Serialize;
use tunemask_shared::mask::{Count, Mask};
use tunemask_shared::text::{percent, thousands};

/// Counts of outliers that are listed.
const OUTLIERS: [usize; 4] = [4, 16, 64, 256];

#[derive(Serialize)]
struct Row {
    name: String,
    trainable: usize,
    ratio: f64,
    /// Whether no more than `trainable` is known.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    at_most: bool,
}

/// Prints a row for each mask: of those that are asked for, else of the paper's that the shape has.
pub(super) fn print(subject: &Subject) -> Result<()> {
    let asked = &subject.arguments.mask;
    let rows: Vec<Row> = if asked.is_empty() {
        // A narrow model has fewer values in a LayerNorm than the largest counts of outliers.
        papers(subject.facts.shape.layers).filter_map(|mask| row(subject, &mask).ok()).collect()
    } else {
        asked.iter().map(|mask| row(subject, mask)).collect::<Result<_>>()?
    };
    if subject.arguments.json {
        return rows.iter().try_for_each(output::json);
    }
    let mut lines = vec![["mask", "trainable", "of all"].map(String::from).to_vec()];
    lines.extend(rows.into_iter().map(|r| {
        let bound = if r.at_most { "≤ " } else { "" };
        vec![r.name, format!("{bound}{}", thousands(r.trainable as u64)), percent(r.ratio)]
    }));
    let facts = &subject.facts;
    output::line(format_args!("{}: {} parameters", facts.title, thousands(facts.shape.scalars() as u64)))?;
    output::line(output::aligned(&lines))?;
    Ok(())
}

/// Every mask of the paper, and the draw over blocks alone, on a model of so many blocks.
fn papers(layers: usize) -> impl Iterator<Item = Mask> {
    Mask::plain()
        .into_iter()
        .chain([Mask::Random { count: None, seed: None }, Mask::RandomBlocks])
        .chain((1..=layers).map(Mask::SingleNorm))
        .chain(OUTLIERS.map(Mask::Outliers))
        .chain(OUTLIERS.map(|count| Mask::OutliersRandom { count, seed: None }))
}

fn row(subject: &Subject, mask: &Mask) -> Result<Row> {
    let (shape, switches, seed) = (&subject.facts.shape, subject.switches, Some(subject.arguments.seed));
    let mut size = mask.size(shape, switches, seed, None)?;
    // Rules that go by value may meet; without weights a bound is all that can be said.
    if let (Count::AtMost(_), Ok(weights)) = (size, subject.weights()) {
        size = mask.size(shape, switches, seed, Some(weights))?;
    }
    let trainable = size.bound();
    let ratio = trainable as f64 / shape.scalars() as f64;
    Ok(Row { name: mask.to_string(), trainable, ratio, at_most: matches!(size, Count::AtMost(_)) })
}
