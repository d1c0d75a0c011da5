//! What else counts where the paper is silent.

use serde::{Deserialize, Serialize};

/// Where the paper is silent: what else counts. The defaults are the paper's reading in the README.
///
/// The outlier fields are written only where they differ from their default: runs from before them keep
/// their identity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MaskSwitches {
    /// The pooler trains in every mask, not only in `full`.
    pub pooler_trains: bool,
    /// The embeddings' LayerNorm counts as one: its γ trains wherever the γ of both LayerNorms of every block
    /// do, its β wherever their β do. So in `layernorms`, `bitfit` (β), `layernorms + mha`; not in
    /// `layernorm_a`.
    pub embedding_norm_counts: bool,
    /// What `outliers` and `outliers_random` pick from.
    #[serde(skip_serializing_if = "is_default")]
    pub outlier_pool: OutlierPool,
    /// What makes an outlier of `outliers`.
    #[serde(skip_serializing_if = "is_default")]
    pub outlier_statistic: OutlierStatistic,
}

/// What `outliers:N` and `outliers_random:N` pick N values of, in each LayerNorm of the blocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutlierPool {
    /// N of γ and β together.
    #[default]
    Both,
    /// N of γ.
    Gamma,
    /// N of γ and N of β.
    Each,
}

/// What makes a value an outlier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutlierStatistic {
    /// Its distance from its pool's mean, |w − mean|.
    #[default]
    Distance,
    /// Its magnitude, |w|.
    Magnitude,
}

/// Whether a value is its type's default: it is then not written.
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
