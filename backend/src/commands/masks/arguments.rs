//! What `tunemask masks` is asked for.

use crate::commands::switches::{OutlierPoolArgument, OutlierStatisticArgument};
use clap::{Args, ValueEnum};
use tunemask_shared::mask::{Mask, MaskSwitches};

/// List what each mask trains in a model
///
/// The task's head trains with every mask and is not counted. A mask is a name or an expression: see the masks in
/// README.md.
#[derive(Args, Debug)]
pub struct Arguments {
    /// builtin:tiny, or a Hugging Face folder; its config.json suffices if no mask depends on the weights' values
    #[arg(long)]
    pub(super) model: String,
    /// A mask to count instead of the paper's, in its canonical form; repeatable
    #[arg(long, value_name = "MASK")]
    pub(super) mask: Vec<Mask>,
    /// Count what two masks share
    #[arg(long, num_args = 2, value_names = ["MASK", "MASK"], conflicts_with_all = ["mask", "list"], action = clap::ArgAction::Set)]
    pub(super) overlap: Vec<Mask>,
    /// List the scalars of a mask with tensor, index, value and distance from the mean of their pool in σ
    #[arg(long, value_name = "MASK", conflicts_with = "mask")]
    pub(super) list: Option<Mask>,
    /// Output format of the scalars
    #[arg(long, value_enum, default_value_t = Format::Csv, requires = "list", conflicts_with = "json")]
    pub(super) format: Format,
    /// Seed of draws that do not name one
    #[arg(long, default_value_t = 1)]
    pub(super) seed: u64,
    /// Print one JSON object per mask
    #[arg(long)]
    pub(super) json: bool,
    /// Train the pooler in every mask, not only in `full`
    #[arg(long)]
    pub(super) pooler_trains: bool,
    /// Count the embeddings' LayerNorm as one in masks that hold those of all blocks
    #[arg(long)]
    pub(super) embedding_norm_counts: bool,
    /// What `outliers` are picked from
    #[arg(long, value_enum, default_value_t = OutlierPoolArgument::Both)]
    pub(super) outlier_pool: OutlierPoolArgument,
    /// How outliers are measured
    #[arg(long, value_enum, default_value_t = OutlierStatisticArgument::Distance)]
    pub(super) outlier_statistic: OutlierStatisticArgument,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// A header and one line per scalar
    Csv,
    /// One JSON object per line
    Jsonl,
}

impl Arguments {
    pub(super) fn switches(&self) -> MaskSwitches {
        MaskSwitches {
            pooler_trains: self.pooler_trains,
            embedding_norm_counts: self.embedding_norm_counts,
            outlier_pool: self.outlier_pool.into(),
            outlier_statistic: self.outlier_statistic.into(),
        }
    }
}
