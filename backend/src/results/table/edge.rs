//! Where in its grid a picked learning rate lies.

use serde::Serialize;

/// An end of the grid of learning rates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Edge {
    /// The lowest rate won.
    Lowest,
    /// The highest rate won.
    Highest,
    /// The lowest rate won with one seed, the highest with another.
    Both,
}

impl Edge {
    /// Every one.
    pub const ALL: [Edge; 3] = [Edge::Lowest, Edge::Highest, Edge::Both];

    /// Its sign after a learning rate.
    pub fn sign(self) -> char {
        match self {
            Edge::Lowest => '↓',
            Edge::Highest => '↑',
            Edge::Both => '↕',
        }
    }

    /// Its name in a file.
    pub fn name(self) -> &'static str {
        match self {
            Edge::Lowest => "lowest",
            Edge::Highest => "highest",
            Edge::Both => "both",
        }
    }
}

/// On which edge of a cell's rates a picked one lies; a single rate has none.
pub(super) fn edge(grid: &[f64], picked: &[f64]) -> Option<Edge> {
    let highest = grid.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let lowest = grid.iter().copied().fold(f64::INFINITY, f64::min);
    match (picked.contains(&lowest), picked.contains(&highest)) {
        _ if grid.len() < 2 => None,
        (true, true) => Some(Edge::Both),
        (true, false) => Some(Edge::Lowest),
        (false, true) => Some(Edge::Highest),
        (false, false) => None,
    }
}
