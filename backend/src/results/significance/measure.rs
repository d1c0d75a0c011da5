//! By which scores masks are compared: by the same kind on both sides.

use super::{Cell, ModelSelection};
use tunemask_shared::metric::Direction;

/// Which scores of some cells are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Those that tables report, on the whole development set.
    Reported,
    /// Means over halves of it, selected on the other half where there was a selection.
    Halves,
}

impl Measure {
    /// Halves if epoch or rate of one cell were selected and all can be scored so. A mean over halves is not the score on
    /// the whole set for F1 or a correlation, so a cell without a selection is scored on halves as well.
    pub fn of<'a>(cells: impl Iterator<Item = &'a Cell> + Clone) -> Self {
        let is_selected = |cell: &Cell| matches!(cell.selection, ModelSelection::CrossValidated(_));
        let all_by_halves = || cells.clone().all(|cell| cell.selection.half_scores().is_some());
        if cells.clone().any(is_selected) && all_by_halves() { Measure::Halves } else { Measure::Reported }
    }

    /// A cell's score at each seed.
    pub fn scores(self, cell: &Cell) -> &[f64] {
        self.of_halves(cell, cell.selection.half_scores())
    }

    /// The same, but for the sign of an error, of which less is better.
    pub fn larger_is_better(self, cell: &Cell) -> Vec<f64> {
        let sign = match cell.metric().direction() {
            Direction::Higher => 1.0,
            Direction::Lower => -1.0,
        };
        self.scores(cell).iter().map(|score| sign * score).collect()
    }

    /// The score at each seed at a rate that all seeds selected.
    pub fn scores_by_all_seeds(self, cell: &Cell) -> &[f64] {
        self.of_halves(cell, cell.selection.half_scores_by_all_seeds())
    }

    fn of_halves<'a>(self, cell: &'a Cell, halves: Option<&'a [f64]>) -> &'a [f64] {
        match self {
            Measure::Reported => &cell.scores,
            Measure::Halves => halves.unwrap_or(&cell.scores),
        }
    }

    /// Whether no score of this cell gains by a selection on the examples that are scored.
    pub fn is_free_of_optimism(self, cell: &Cell) -> bool {
        self == Measure::Halves || matches!(cell.selection, ModelSelection::Fixed { .. })
    }
}
