//! What a difference speaks for, and how it was found.

use serde::{Deserialize, Serialize};
use std::fmt;
use tunemask_shared::text::count;

/// Seeds from which the spread between seeds is measured; with fewer a difference speaks for the trained models alone.
pub const MIN_SEEDS: usize = 3;

/// What a difference speaks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The method: other seeds, other examples.
    Method,
    /// The models that were trained, on other examples: there are fewer than [`MIN_SEEDS`] seeds.
    TrainedModels,
    /// Other seeds on this development set: predictions are not stored, so what examples add is unknown.
    DevelopmentSet,
    /// What was measured and no more: neither seeds nor predictions tell how it varies.
    Measured,
}

/// Which sources of variation are known.
#[derive(Clone, Copy, Debug)]
pub(super) struct KnownVariation {
    /// The spread between seeds.
    pub seeds: bool,
    /// What each example does.
    pub examples: bool,
}

impl From<KnownVariation> for Scope {
    fn from(KnownVariation { seeds, examples }: KnownVariation) -> Self {
        match (seeds, examples) {
            (true, true) => Scope::Method,
            (true, false) => Scope::DevelopmentSet,
            (false, true) => Scope::TrainedModels,
            (false, false) => Scope::Measured,
        }
    }
}

/// How a difference was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Method {
    /// What it speaks for.
    pub speaks_for: Scope,
    /// How many seeds there are.
    pub seeds: u32,
    /// Whether epoch and learning rate were chosen on other examples than those that are compared, or not chosen at all.
    pub choice_counted: bool,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seeds = count(self.seeds as usize, "seed");
        match self.speaks_for {
            Scope::Method => write!(f, "{seeds} and the development examples"),
            Scope::TrainedModels => write!(f, "the development examples alone ({seeds})"),
            Scope::DevelopmentSet => write!(f, "{seeds} alone (no stored predictions)"),
            Scope::Measured => write!(f, "unknown ({seeds}, no stored predictions)"),
        }
    }
}

impl Method {
    /// What a reader must know of the choice of epoch and rate, if it is not counted.
    pub fn caution(&self) -> Option<&'static str> {
        let why = "Epoch and learning rate were chosen on the examples that are compared, and what that adds is not known: \
                   predictions after each epoch are not stored for all runs";
        (!self.choice_counted).then_some(why)
    }

    /// Why a difference that was found so decides nothing on the method; `None` where it may.
    pub fn limit(&self) -> Option<String> {
        let seeds = count(self.seeds as usize, "seed");
        let verb = if self.seeds == 1 { "speaks" } else { "speak" };
        match self.speaks_for {
            Scope::Method => None,
            Scope::TrainedModels => Some(format!(
                "{seeds} {verb} for these trained models, not for the method: a verdict takes {MIN_SEEDS} seeds or more"
            )),
            Scope::DevelopmentSet => Some(
                "Predictions are not stored for all runs, so what other development examples would change is unknown"
                    .to_owned(),
            ),
            Scope::Measured => Some(format!(
                "{seeds} without stored predictions {verb} for themselves alone: a verdict takes {MIN_SEEDS} seeds or more"
            )),
        }
    }
}
