//! The paper's claims, and what results say of them.

use crate::results::significance::{Method, Scope};
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
    /// No mask that trains as few parameters does as well as the LayerNorms.
    BestOfTheirSize,
    /// The LayerNorms of one type are mostly enough.
    OneType,
    /// As many parameters drawn at random do worse than the LayerNorms.
    RandomIsWorse,
    /// The LayerNorms of one block come close to those of all.
    OneBlock,
    /// The LayerNorms of a middle block do better than those of the outer ones.
    MiddleLayers,
    /// Outliers do better than as many scalars of the same LayerNorms drawn at random, at each number.
    OutliersMatter,
    /// More outliers do better.
    MoreOutliers,
    /// Four outliers of each LayerNorm do better than `frozen`.
    FewOutliers,
    /// In tagging, too, each module comes close to full fine-tuning.
    Tagging,
}

impl Claim {
    /// All of them, in the order of the paper.
    pub const ALL: [Claim; 10] = [
        Claim::EveryModule,
        Claim::BestOfTheirSize,
        Claim::OneType,
        Claim::RandomIsWorse,
        Claim::OneBlock,
        Claim::MiddleLayers,
        Claim::OutliersMatter,
        Claim::MoreOutliers,
        Claim::FewOutliers,
        Claim::Tagging,
    ];

    /// How many of its comparisons must hold, as its sentence says.
    pub fn needs(self) -> Needs {
        match self {
            // "Every module", "no mask", "at each number", "each step": all of them.
            Claim::EveryModule
            | Claim::Tagging
            | Claim::BestOfTheirSize
            | Claim::OutliersMatter
            | Claim::MoreOutliers => Needs::All,
            // One comparison, with which both are the same.
            Claim::RandomIsWorse | Claim::MiddleLayers | Claim::FewOutliers => Needs::All,
            // "One type", "one block": any of them.
            Claim::OneType | Claim::OneBlock => Needs::Any,
        }
    }

    /// The claim as a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Claim::EveryModule => "Every module alone comes close to full fine-tuning.",
            Claim::BestOfTheirSize => "No mask that trains as few parameters does as well as the LayerNorms.",
            Claim::OneType => "The LayerNorms of one type are mostly enough.",
            Claim::RandomIsWorse => "As many parameters drawn at random do worse than the LayerNorms.",
            Claim::OneBlock => "The LayerNorms of one block come close to those of all blocks.",
            Claim::MiddleLayers => "Among single blocks, the LayerNorms in the middle do best.",
            Claim::OutliersMatter => "Outliers do better than as many scalars drawn at random.",
            Claim::MoreOutliers => "More outliers do better than fewer.",
            Claim::FewOutliers => "Four outliers of each LayerNorm do better than a frozen encoder.",
            Claim::Tagging => "In tagging, too, every module alone comes close to full fine-tuning.",
        }
    }
}

/// How many of a claim's comparisons must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Needs {
    /// Each is tested at α: an intersection-union test. One that fails, by Holm's correction, refutes the claim.
    All,
    /// One is enough, by Holm's correction. All that fail, each at α, refute the claim.
    Any,
}

impl Needs {
    /// The levels of one of so many comparisons.
    ///
    /// By Holm, the first of m is tested at α / m and the last at α: the number of seeds that the first takes does for all.
    pub(super) fn levels(self, alpha: f64, comparisons: usize) -> Levels {
        let corrected = alpha / comparisons.max(1) as f64;
        match self {
            Needs::All => Levels { each: alpha, support: alpha, refutation: corrected },
            Needs::Any => Levels { each: alpha, support: corrected, refutation: alpha },
        }
    }
}

/// At what level a comparison is tested.
#[derive(Clone, Copy, Debug)]
pub(super) struct Levels {
    /// Without a correction.
    pub each: f64,
    /// For what supports its claim.
    pub support: f64,
    /// For what refutes it.
    pub refutation: f64,
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
    /// How many of its comparisons must hold, and so which of their p-values are corrected.
    pub needs: Needs,
    /// Why, in a sentence.
    pub reason: String,
    /// Why comparisons could not be made or are without a task, a sentence or two each.
    #[serde(default)]
    pub missing: Vec<String>,
    /// What was compared.
    pub evidence: Vec<Comparison>,
}

/// A difference between masks and how sure it is. Scores are in the metric's own unit, not percent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The masks of which the mean score comes first.
    pub left: Vec<Mask>,
    /// The masks whose mean score is taken off.
    pub right: Vec<Mask>,
    /// The tasks, over which the difference is averaged.
    pub tasks: Vec<Task>,
    /// Left less right.
    #[serde(with = "tunemask_shared::number")]
    pub difference: f64,
    /// The ends of the 90 % interval, whose lower end is the bound of a one-sided test at 5 %. Of the trained models alone
    /// where there are fewer than three seeds.
    #[serde(with = "tunemask_shared::number::columns")]
    pub interval: Vec<f64>,
    /// The hypothesis that is tested: the difference is above this.
    pub bound: f64,
    /// How likely so large a difference is if it were not above the bound (one-sided); Holm-corrected over all
    /// that were planned where one is enough ([`Needs::Any`]).
    #[serde(with = "tunemask_shared::number")]
    pub p: f64,
    /// How likely so small a difference is if it were not below the contrary bound (one-sided); Holm-corrected
    /// over all that were planned where all must hold ([`Needs::All`]).
    #[serde(with = "tunemask_shared::number")]
    pub p_contrary: f64,
    /// The contrary: the difference is below this.
    pub contrary_bound: f64,
    /// For 'comparable': the larger p-value of the two one-sided tests against ± the margin, uncorrected.
    pub p_equivalence: Option<f64>,
    /// Seeds with which the test would decide in four of five studies, were difference and spread what they seem; `None`
    /// where it decided, or where more seeds would not do.
    pub seeds_needed: Option<u32>,
    /// What it speaks for.
    #[serde(flatten)]
    pub method: Method,
    /// The runs behind it.
    pub runs: Vec<RunId>,
}

impl Comparison {
    /// What it shows of its claim, alone, at this level. What speaks for these models alone, or leaves a source of variation out, shows
    /// nothing of the method; what is better, but by less than the margin, is shown to be better.
    pub fn outcome(&self, alpha: f64) -> Outcome {
        match (self.method.speaks_for, self.p < alpha, self.p_contrary < alpha) {
            (Scope::Method, true, _) => Outcome::Supported,
            (Scope::Method, false, true) => Outcome::NotSupported,
            _ => Outcome::Undecided,
        }
    }
}
