//! `tunemask masks`: what each mask trains in a model.
//!
//! In reading order:

/// A row a mask.
mod rows;
/// What two masks share.
mod overlap;
/// The scalars of a mask.
mod listing;

use crate::model::{self, Model};
use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use std::cell::OnceCell;
use std::process::ExitCode;
use tunemask_shared::mask::{Mask, MaskSwitches, OutlierPool, OutlierStatistic};
use tunemask_shared::protocol::ModelFacts;
use tunemask_shared::selection::Selection;

/// List what each mask trains in a model
///
/// The task's head trains with every mask and is not counted. A mask is a name or an expression: see the masks in
/// README.md.
#[derive(Args, Debug)]
pub struct Arguments {
    /// builtin:tiny, or a Hugging Face folder; its config.json suffices where no mask goes by the weights' values
    #[arg(long)]
    model: String,
    /// A mask to count instead of the paper's, in its canonical form; repeatable
    #[arg(long, value_name = "MASK")]
    mask: Vec<Mask>,
    /// Count what two masks share
    #[arg(long, num_args = 2, value_names = ["MASK", "MASK"], conflicts_with_all = ["mask", "list"], action = clap::ArgAction::Set)]
    overlap: Vec<Mask>,
    /// Write the scalars of a mask with tensor, index, value and distance from their pool's mean in σ
    #[arg(long, value_name = "MASK", conflicts_with = "mask")]
    list: Option<Mask>,
    /// How scalars are written
    #[arg(long, value_enum, default_value_t = Format::Csv, requires = "list", conflicts_with = "json")]
    format: Format,
    /// Seed of draws that name none
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Print one JSON object a mask
    #[arg(long)]
    json: bool,
    /// The pooler trains in every mask, not only in `full`
    #[arg(long)]
    pooler_trains: bool,
    /// The embeddings' LayerNorm counts as one where a mask holds those of all blocks
    #[arg(long)]
    embedding_norm_counts: bool,
    /// What `outliers` are picked from
    #[arg(long, value_enum, default_value_t = OutlierPoolArgument::Both)]
    outlier_pool: OutlierPoolArgument,
    /// What makes an outlier
    #[arg(long, value_enum, default_value_t = OutlierStatisticArgument::Distance)]
    outlier_statistic: OutlierStatisticArgument,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A header and a line a scalar
    Csv,
    /// A JSON object a line
    Jsonl,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum OutlierPoolArgument {
    /// γ and β of a LayerNorm together
    Both,
    /// γ alone
    Gamma,
    /// γ and β, so many of each
    Each,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum OutlierStatisticArgument {
    /// |w − mean|
    Distance,
    /// |w|
    Magnitude,
}

impl Arguments {
    fn switches(&self) -> MaskSwitches {
        MaskSwitches {
            pooler_trains: self.pooler_trains,
            embedding_norm_counts: self.embedding_norm_counts,
            outlier_pool: match self.outlier_pool {
                OutlierPoolArgument::Both => OutlierPool::Both,
                OutlierPoolArgument::Gamma => OutlierPool::Gamma,
                OutlierPoolArgument::Each => OutlierPool::Each,
            },
            outlier_statistic: match self.outlier_statistic {
                OutlierStatisticArgument::Distance => OutlierStatistic::Distance,
                OutlierStatisticArgument::Magnitude => OutlierStatistic::Magnitude,
            },
        }
    }
}

/// A model of which the weights are read only when they are asked for.
struct Subject<'a> {
    arguments: &'a Arguments,
    facts: ModelFacts,
    switches: MaskSwitches,
    opened: OnceCell<Model>,
}

impl Subject<'_> {
    fn weights(&self) -> Result<&[f32]> {
        if let Some(model) = self.opened.get() {
            return Ok(&model.weights);
        }
        let model = model::open(&self.arguments.model)?;
        Ok(&self.opened.get_or_init(|| model).weights)
    }

    /// The scalars of a mask.
    fn resolve(&self, mask: &Mask) -> Result<Selection> {
        let seed = self.arguments.seed;
        let resolve = |weights| mask.resolve(&self.facts.shape, self.switches, seed, weights);
        match resolve(None) {
            Err(tunemask_shared::mask::MaskError::NeedsWeights(_)) => {
                let weights =
                    self.weights().with_context(|| format!("`{mask}` goes by the weights' values"))?;
                Ok(resolve(Some(weights))?)
            }
            other => Ok(other?),
        }
    }
}

/// Prints what the arguments ask for.
pub fn masks(arguments: &Arguments) -> Result<ExitCode> {
    let facts = model::shape(&arguments.model)?;
    let subject = Subject { arguments, facts, switches: arguments.switches(), opened: OnceCell::new() };
    if let Some(mask) = &arguments.list {
        listing::print(&subject, mask)?;
    } else if let [first, second] = &arguments.overlap[..] {
        overlap::print(&subject, first, second)?;
    } else {
        rows::print(&subject)?;
    }
    Ok(ExitCode::SUCCESS)
}
