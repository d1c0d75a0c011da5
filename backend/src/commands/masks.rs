//! `tunemask masks`: what each mask trains in a model.

use super::output;
use crate::model;
use anyhow::Result;
use clap::Args;
use serde::Serialize;
use std::process::ExitCode;
use tunemask_shared::mask::{Mask, MaskSwitches};
use tunemask_shared::shape::ModelShape;
use tunemask_shared::statistics::text::{percent, thousands};

/// Counts of outliers that are listed.
const OUTLIERS: [usize; 4] = [4, 16, 64, 256];

/// List what each mask trains in a model
///
/// The task's head trains with every mask and is not counted.
#[derive(Args, Debug)]
pub struct Arguments {
    /// builtin:tiny, or a Hugging Face folder; its config.json suffices
    #[arg(long)]
    model: String,
    /// Print one JSON object a mask
    #[arg(long)]
    json: bool,
    /// The pooler trains in every mask, not only in `full`
    #[arg(long)]
    pooler_trains: bool,
    /// The embeddings' LayerNorm counts as one in `layernorms` and `bitfit`
    #[arg(long)]
    embedding_norm_counts: bool,
}

#[derive(Serialize)]
struct Row {
    name: String,
    trainable: usize,
    ratio: f64,
}

/// Prints a row a mask.
pub fn masks(arguments: &Arguments) -> Result<ExitCode> {
    let facts = model::shape(&arguments.model)?;
    let switches = MaskSwitches {
        pooler_trains: arguments.pooler_trains,
        embedding_norm_counts: arguments.embedding_norm_counts,
    };
    let rows = rows(&facts.shape, switches);
    if arguments.json {
        rows.iter().try_for_each(output::json)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut lines = vec![["mask", "trainable", "of all"].map(String::from).to_vec()];
    lines.extend(rows.into_iter().map(|r| vec![r.name, thousands(r.trainable as u64), percent(r.ratio)]));
    output::line(format_args!("{}: {} parameters", facts.title, thousands(facts.shape.scalars() as u64)))?;
    output::line(output::aligned(&lines))?;
    Ok(ExitCode::SUCCESS)
}

/// Every mask of the paper that the shape has.
fn rows(shape: &ModelShape, switches: MaskSwitches) -> Vec<Row> {
    let masks = Mask::plain()
        .into_iter()
        .chain([Mask::Random { count: None, seed: None }])
        .chain((1..=shape.layers).map(Mask::SingleNorm))
        .chain(OUTLIERS.map(Mask::Outliers))
        .chain(OUTLIERS.map(|count| Mask::OutliersRandom { count, seed: None }));
    let row = |mask: Mask| {
        // A narrow model has fewer values in a LayerNorm than the largest of these counts.
        let trainable = mask.count(shape, switches).ok()?;
        Some(Row { name: mask.to_string(), trainable, ratio: trainable as f64 / shape.scalars() as f64 })
    };
    masks.filter_map(row).collect()
}
