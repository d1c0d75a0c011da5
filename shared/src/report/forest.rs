//! Claims with the differences that speak for or against them, each as an interval on one axis.

use super::Block;
use crate::run::RunId;
use serde::{Deserialize, Serialize};

/// A forest plot of claims. Numbers are percentage points.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Forest {
    /// What it shows.
    pub title: String,
    /// What difference does not matter.
    pub margin: f64,
    /// What the intervals are: `90 % intervals`.
    pub intervals: String,
    /// The claims of which something was compared.
    pub claims: Vec<ForestClaim>,
    /// The claims of which nothing was, each with why.
    pub open: Vec<OpenClaim>,
    /// Its numbers, unrounded.
    pub csv: String,
}

/// A claim of which something was compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ForestClaim {
    /// The claim.
    pub sentence: String,
    /// What the results say of it.
    pub finding: Finding,
    /// The same in plain words.
    pub plain: String,
    /// What was compared.
    pub comparisons: Vec<ForestRow>,
    /// All numbers of it.
    pub details: Vec<Block>,
}

/// A claim of which nothing could be compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpenClaim {
    /// The claim.
    pub sentence: String,
    /// What is missing.
    pub reason: String,
}

/// A difference between masks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ForestRow {
    /// What is compared: `mha − full`.
    pub name: String,
    /// What it says of the claim, alone.
    pub finding: Finding,
    /// The difference.
    #[serde(with = "crate::number")]
    pub difference: f64,
    /// The lower end of its interval; not-a-number where nothing tells how it varies.
    #[serde(with = "crate::number")]
    pub low: f64,
    /// The upper end.
    #[serde(with = "crate::number")]
    pub high: f64,
    /// The numbers as a reader sees them: `−0.4 [−1.2, 0.5]`.
    pub text: String,
    /// All of it in words.
    pub said: String,
    /// The runs behind it, to which it leads.
    pub runs: Vec<RunId>,
}

/// What results say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// They show it.
    Supported,
    /// They show the contrary.
    NotSupported,
    /// They show neither.
    Undecided,
}

impl Finding {
    /// The finding in words.
    pub fn title(self) -> &'static str {
        match self {
            Finding::Supported => "supported",
            Finding::NotSupported => "not supported",
            Finding::Undecided => "undecided",
        }
    }
}
