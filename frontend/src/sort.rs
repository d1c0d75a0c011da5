//! The order of the table of runs, as the reader chose it.

use crate::best::{BestScore, best_score};
use crate::legend::Legend;
use tunemask_shared::run::{RunId, RunStatus};
use tunemask_shared::state::RunState;

/// A column that the table can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// Masks, in the experiment's order.
    Mask,
    /// Tasks, in the experiment's order.
    Task,
    /// Peak learning rate.
    Rate,
    /// Seed.
    Seed,
    /// Scalars that train.
    Trainable,
    /// Status, in the order of a run's life.
    Status,
    /// Share of the steps done.
    Steps,
    /// Loss of the last step.
    Loss,
    /// Best score so far.
    Best,
    /// Seconds of training.
    Time,
}

/// Every column with its word in an address, in the order of the table.
const WORDS: [(Column, &str); 10] = [
    (Column::Mask, "mask"),
    (Column::Task, "task"),
    (Column::Rate, "rate"),
    (Column::Seed, "seed"),
    (Column::Trainable, "trainable"),
    (Column::Status, "status"),
    (Column::Steps, "steps"),
    (Column::Loss, "loss"),
    (Column::Best, "best"),
    (Column::Time, "time"),
];

/// The order of values, from the top down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The lowest first; of scores, the worst.
    Ascending,
    /// The highest first; of scores, the best.
    Descending,
}

impl Direction {
    /// The opposite one.
    fn reversed(self) -> Direction {
        match self {
            Direction::Ascending => Direction::Descending,
            Direction::Descending => Direction::Ascending,
        }
    }
}

/// A column and a direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// The column.
    pub column: Column,
    /// The direction.
    pub direction: Direction,
}

impl Column {
    /// The direction that its first click chooses: the best first for scores, ascending for all else.
    fn first_direction(self) -> Direction {
        if self == Column::Best { Direction::Descending } else { Direction::Ascending }
    }

    /// The number that a run is sorted by; not-a-number where it has none.
    fn sort_value(self, run: &RunState, legend: &Legend) -> f64 {
        let place = |at: Option<usize>| at.map_or(f64::NAN, |i| i as f64);
        match self {
            Column::Mask => place(legend.masks.iter().position(|m| *m == run.spec.mask)),
            Column::Task => place(legend.tasks.iter().position(|t| *t == run.spec.task)),
            Column::Rate => run.spec.learning_rate,
            Column::Seed => run.spec.seed as f64,
            Column::Trainable => run.trainable as f64,
            Column::Status => place(RunStatus::ALL.iter().position(|s| *s == run.status)),
            Column::Steps => run.done(),
            Column::Loss => run.last_loss.map_or(f64::NAN, |l| l.0),
            Column::Best => best_score(run).map_or(f64::NAN, BestScore::rank),
            Column::Time => run.elapsed_secs,
        }
    }
}

impl Sort {
    /// The order after a click on a column's head: its first direction, then the other one, then none.
    pub fn clicked(before: Option<Sort>, column: Column) -> Option<Sort> {
        let first = column.first_direction();
        match before.filter(|s| s.column == column) {
            None => Some(Sort { column, direction: first }),
            Some(sort) if sort.direction == first => Some(Sort { column, direction: first.reversed() }),
            Some(_) => None,
        }
    }

    /// The word in an address: `loss`, or `-loss` if it descends.
    pub fn word(self) -> String {
        let word = WORDS.iter().find(|(c, _)| *c == self.column).map_or("", |(_, word)| word);
        if self.direction == Direction::Descending { format!("-{word}") } else { word.into() }
    }

    /// Reads [`Sort::word`].
    pub fn read(word: &str) -> Option<Sort> {
        let (direction, name) = match word.strip_prefix('-') {
            Some(name) => (Direction::Descending, name),
            None => (Direction::Ascending, word),
        };
        let (column, _) = WORDS.into_iter().find(|(_, word)| *word == name)?;
        Some(Sort { column, direction })
    }

    /// Sorts runs. Runs without a number come last in either direction; equal ones keep their order.
    pub fn apply(self, runs: Vec<(&RunId, &RunState)>, legend: &Legend) -> Vec<RunId> {
        let mut keyed: Vec<(f64, &RunId)> =
            runs.into_iter().map(|(id, run)| (self.column.sort_value(run, legend), id)).collect();
        keyed.sort_by(|(a, _), (b, _)| {
            let order = if self.direction == Direction::Ascending { a.total_cmp(b) } else { b.total_cmp(a) };
            a.is_nan().cmp(&b.is_nan()).then(order)
        });
        keyed.into_iter().map(|(_, id)| id.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use tunemask_shared::state::LastLoss;

    #[test]
    fn what_is_missing_comes_last_both_ways() {
        let runs: Vec<(RunId, RunState)> = [Some(0.5), None, Some(0.25), Some(f64::NAN), Some(0.75)]
            .into_iter()
            .zip(1..)
            .map(|(loss, seed)| {
                (RunId(seed.to_string()), RunState { last_loss: loss.map(LastLoss), ..sample::run(seed, 10) })
            })
            .collect();
        let order = |direction| {
            let sort = Sort { column: Column::Loss, direction };
            let ids = sort.apply(runs.iter().map(|(id, run)| (id, run)).collect(), &Legend::default());
            ids.into_iter().map(|id| id.0).collect::<String>()
        };
        assert_eq!(
            (order(Direction::Ascending), order(Direction::Descending)),
            ("31524".into(), "51324".into())
        );
    }

    #[test]
    fn masks_stand_in_the_experiments_order() {
        let legend = sample::legend();
        let of = |mask| {
            let mut run = sample::run(1, 10);
            run.spec.mask = mask;
            Column::Mask.sort_value(&run, &legend)
        };
        use tunemask_shared::mask::Mask::{BitFit, Full, Mha};
        assert_eq!((of(Full), of(BitFit), of(Mha).is_nan()), (0.0, 2.0, true));
    }

    #[test]
    fn three_clicks_come_back_to_no_order() {
        for (column, word) in WORDS {
            let mut sort = None;
            let mut words = Vec::new();
            for _ in 0..3 {
                sort = Sort::clicked(sort, column);
                if let Some(sort) = sort {
                    assert_eq!(Sort::read(&sort.word()), Some(sort));
                    words.push(sort.word());
                }
            }
            let (up, down) = (word.to_owned(), format!("-{word}"));
            let want = if column == Column::Best { [down, up] } else { [up, down] };
            assert_eq!((words, sort), (want.to_vec(), None));
        }
        assert_eq!((Sort::read("--loss"), Sort::read("bananas"), Sort::read("-")), (None, None, None));
    }
}
