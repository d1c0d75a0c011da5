//! The paper's claims, and what results say of them.

use crate::results::significance::Method;
use serde::{Deserialize, Serialize};
use tunemask_shared::mask::Mask;
use tunemask_shared::run::RunId;
use tunemask_shared::task::Task;

/// What the paper claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Claim {
    /// Attention, feed-forward and LayerNorms each come close to full fine-tuning.
    EveryModule,
    /// LayerNorms gain most over `frozen` by trained parameter.
    BestPerParameter,
    /// The LayerNorms of one type are mostly enough.
    OneType,
    /// As many parameters drawn at random do worse than the LayerNorms.
    RandomIsWorse,
    /// The LayerNorms of a middle block do better than those of the outer ones.
    MiddleLayers,
    /// Four outliers of each LayerNorm do better than `frozen`.
    FewOutliers,
}

impl Claim {
    /// All of them, in the order of the paper.
    pub const ALL: [Claim; 6] = [
        Claim::EveryModule,
        Claim::BestPerParameter,
        Claim::OneType,
        Claim::RandomIsWorse,
        Claim::MiddleLayers,
        Claim::FewOutliers,
    ];

    /// The claim as a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Claim::EveryModule => "Every module alone comes close to full fine-tuning.",
            Claim::BestPerParameter => "LayerNorms gain the most by trained parameter.",
            Claim::OneType => "The LayerNorms of one type are mostly enough.",
            Claim::RandomIsWorse => "As many parameters drawn at random do worse than the LayerNorms.",
            Claim::MiddleLayers => "Of single blocks' LayerNorms those in the middle do best.",
            Claim::FewOutliers => "Four outliers of each LayerNorm do better than a frozen encoder.",
        }
    }
}

/// What the results say of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// They show it.
    Supported,
    /// They show the contrary.
    NotSupported,
    /// They show neither, or runs are missing.
    Undecided,
}

impl Outcome {
    /// The outcome in words.
    pub fn title(self) -> &'static str {
        match self {
            Outcome::Supported => "supported",
            Outcome::NotSupported => "not supported",
            Outcome::Undecided => "undecided",
        }
    }
}

/// A claim held against the results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The claim.
    pub claim: Claim,
    /// What the results say.
    pub outcome: Outcome,
    /// Why, in a sentence.
    pub reason: String,
    /// What was compared; the p-values are corrected within the claim.
    pub evidence: Vec<Comparison>,
}

/// A difference between masks and how sure it is. Scores are in the metric's own unit, not percent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The masks of which the mean score comes first.
    pub left: Vec<Mask>,
    /// The masks whose mean score is taken off.
    pub right: Vec<Mask>,
    /// What the difference is of.
    pub quantity: Quantity,
    /// The tasks, over which the difference is averaged.
    pub tasks: Vec<Task>,
    /// Left less right.
    #[serde(with = "tunemask_shared::number")]
    pub difference: f64,
    /// The ends of the 95 % interval.
    #[serde(with = "tunemask_shared::number::columns")]
    pub interval: Vec<f64>,
    /// The hypothesis that is tested: the difference is above this.
    pub bound: f64,
    /// How likely so large a difference is if it were not above the bound (one-sided), Holm-corrected.
    #[serde(with = "tunemask_shared::number")]
    pub p: f64,
    /// How likely so small a difference is if it were not below the contrary bound (one-sided), Holm-corrected.
    #[serde(with = "tunemask_shared::number")]
    pub p_contrary: f64,
    /// The contrary: the difference is below this.
    pub contrary_bound: f64,
    /// For 'comparable': the larger p-value of the two one-sided tests against ± the margin, uncorrected.
    pub p_equivalence: Option<f64>,
    /// How it was found.
    #[serde(flatten)]
    pub method: Method,
    /// The runs behind it.
    pub runs: Vec<RunId>,
}

/// What a difference is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// The task's first metric.
    Score,
    /// Its gain over `frozen`, by a million trained parameters.
    GainPerMillion,
}
