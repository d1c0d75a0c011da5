//! A matrix of figures, each cell coloured by its own.
//!
//! A cell without a figure has no value and says in words why; one that was never asked for is empty.

use super::Warning;
use crate::mask::Mask;
use crate::metric::Direction;
use crate::run::RunId;
use serde::{Deserialize, Serialize};

/// A heat map.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeatMap {
    /// What it shows.
    pub title: String,
    /// What it shows, for a reader who does not see it.
    pub summary: String,
    /// What tells its rows apart.
    pub down: String,
    /// What tells its columns apart.
    pub across: String,
    /// The columns.
    pub columns: Vec<String>,
    /// The rows, a cell for each column.
    pub rows: Vec<HeatRow>,
    /// Which values are better.
    pub better: Direction,
    /// What is drawn, unrounded.
    pub csv: String,
}

/// A row of a heat map.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeatRow {
    /// What it is of.
    pub mask: Mask,
    /// The seed of its runs, where a row is of one seed and not of all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Its cells.
    pub cells: Vec<HeatCell>,
}

/// A cell of a heat map. What it has not is left out on the wire.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HeatCell {
    /// By what it is coloured; finite.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// The value as a reader sees it, or why there is none: `66.4`, `failed`.
    pub text: String,
    /// What it says below, smaller: `± 1.3`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub under: String,
    /// Whether it is the one of its row that is reported.
    #[serde(skip_serializing_if = "Choice::is_open")]
    pub choice: Choice,
    /// What a reader is warned of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning: Option<Warning>,
    /// All of it in words.
    pub said: String,
    /// The runs behind it, to which it leads.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub runs: Vec<RunId>,
}

/// Whether a cell is the one of its row that is reported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// It is not, or nothing is chosen yet.
    #[default]
    Open,
    /// It is, for all seeds or for some.
    Picked,
}

impl Choice {
    fn is_open(&self) -> bool {
        *self == Choice::Open
    }
}

impl HeatMap {
    /// Whether its rows are of one seed each.
    pub fn is_of_seeds(&self) -> bool {
        self.rows.iter().any(|row| row.seed.is_some())
    }

    /// How many of its cells the experiment asks for.
    pub fn asked(&self) -> usize {
        self.rows.iter().flat_map(|row| &row.cells).filter(|cell| cell.is_asked()).count()
    }
}

impl HeatCell {
    /// Whether the experiment asks for it at all.
    pub fn is_asked(&self) -> bool {
        !self.text.is_empty()
    }
}
