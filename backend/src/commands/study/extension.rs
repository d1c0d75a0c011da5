//! More learning rates where the best one of a grid lies on its edge, so that the best one has rates on both sides.
//!
//! A round adds one rate beyond each edge that won, to its cell alone, and is the study's experiment once more with these
//! rates: what has finished is not trained again, and the last round's table is that of all. Which rates a round adds follows from
//! the results before it, so a study that was stopped, and is called again, comes to the same rounds.

use crate::results::table::{Edge, ResultTable};
use tunemask_shared::experiment::{Experiment, FurtherRates};
use tunemask_shared::mask::Mask;
use tunemask_shared::task::Task;
use tunemask_shared::validation::{MAX_RATE, MAX_RUNS};

/// Rates that a cell gets at most on each side of its grid, unless told otherwise.
pub const MAX_PER_SIDE: u32 = 3;

/// A round.
#[derive(Clone, Debug, PartialEq)]
pub struct Round {
    /// The experiment with all rates so far.
    pub experiment: Experiment,
    /// What this round adds: one entry per cell.
    pub added: Vec<FurtherRates>,
}

impl Round {
    /// Runs that it adds.
    pub fn runs(&self) -> usize {
        let rates: usize = self.added.iter().map(|further| further.learning_rates.len()).sum();
        rates * self.experiment.seeds.len()
    }
}

/// The next round; `None` if no cell's best rate lies on an edge beyond which there may be more.
///
/// A cell whose picked rate is undecided for lack of numbers has no edge. Rates above the largest that an experiment may
/// have are not tried, nor are more runs than it may have.
pub fn next_round(experiment: &Experiment, table: &ResultTable, most_per_side: u32) -> Option<Round> {
    let mut added: Vec<FurtherRates> = Vec::new();
    for row in &table.rows {
        for cell in &row.cells {
            let sides: &[Side] = match cell.edge {
                Some(Edge::Lowest) => &[Side::Below],
                Some(Edge::Highest) => &[Side::Above],
                Some(Edge::Both) => &[Side::Below, Side::Above],
                None => &[],
            };
            let wanted = sides.iter().filter_map(|side| {
                let further = |rate: &&f64| side.is_beyond(**rate, &experiment.learning_rates);
                let tried = cell.further.iter().filter(further).count();
                (tried < most_per_side as usize).then(|| side.beyond(&experiment.learning_rates, tried))?
            });
            let learning_rates: Vec<f64> = wanted.collect();
            if !learning_rates.is_empty() {
                added.push(further(&cell.task, &row.mask, learning_rates));
            }
        }
    }
    let mut experiment = experiment.clone();
    added.iter().for_each(|new| join(&mut experiment.further_rates, new));
    let round = Round { experiment, added };
    (!round.added.is_empty() && round.experiment.runs() <= MAX_RUNS).then_some(round)
}

fn further(task: &Task, mask: &Mask, learning_rates: Vec<f64>) -> FurtherRates {
    FurtherRates { task: task.name().to_string(), mask: mask.to_string(), learning_rates }
}

/// One entry per cell, whichever rounds its rates are of.
fn join(all: &mut Vec<FurtherRates>, new: &FurtherRates) {
    match all.iter_mut().find(|old| old.task == new.task && old.mask == new.mask) {
        Some(old) => old.learning_rates.extend(&new.learning_rates),
        None => all.push(new.clone()),
    }
}

/// A side of a grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Below,
    Above,
}

impl Side {
    fn is_beyond(self, rate: f64, grid: &[f64]) -> bool {
        grid.iter().all(|&own| if self == Side::Below { rate < own } else { rate > own })
    }

    /// The next rate on this side after so many that were tried there; `None` beyond the largest that may be.
    fn beyond(self, grid: &[f64], tried: usize) -> Option<f64> {
        let mut sorted = grid.to_vec();
        sorted.sort_by(f64::total_cmp);
        if self == Side::Below {
            sorted.reverse();
        }
        let [.., before, edge] = sorted[..] else { return None };
        let mut rate = edge;
        for _ in 0..=tried {
            rate = if grid.iter().all(|&rate| leading(rate).is_some()) {
                self.step(rate)?
            } else {
                tidy(rate * (edge / before))
            };
        }
        (rate > 0.0 && rate <= MAX_RATE).then_some(rate)
    }

    /// The next of 1, 5, 10, 50, …, as the paper's rates.
    fn step(self, rate: f64) -> Option<f64> {
        let (digit, power) = leading(rate)?;
        let (digit, power) = match (self, digit) {
            (Side::Above, 1) => (5, power),
            (Side::Above, _) => (1, power + 1),
            (Side::Below, 1) => (5, power - 1),
            (Side::Below, _) => (1, power),
        };
        format!("{digit}e{power}").parse().ok()
    }
}

/// The only digit of a rate, 1 or 5, and its power of ten; `None` of any other rate.
fn leading(rate: f64) -> Option<(u8, i32)> {
    let text = format!("{rate:e}");
    let (digits, power) = text.split_once('e')?;
    let digit = digits.parse().ok().filter(|digit| matches!(digit, 1 | 5))?;
    Some((digit, power.parse().ok()?))
}

/// A rate of three digits, as somebody would write it.
fn tidy(rate: f64) -> f64 {
    format!("{rate:.2e}").parse().unwrap_or(rate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::tests::states::table_of;
    use tunemask_shared::experiment::RatePick;
    use tunemask_shared::validation::{GridCell, validate};

    /// Two masks on two tasks: the best rates lie at 1e-1, above, below, and within the grid.
    fn planted(cell: &GridCell) -> f64 {
        let best: f64 = match (cell.mask == Mask::LayerNorms, cell.task == Task::rte()) {
            (true, true) => 1e-1,
            (true, false) => 1.0,
            (false, true) => 5e-6,
            (false, false) => 1e-3,
        };
        0.9 - 0.1 * (cell.learning_rate / best).ln().abs()
    }

    fn study() -> Experiment {
        Experiment {
            tasks: vec!["rte".into(), "mrpc".into()],
            masks: vec!["layernorms".into(), "frozen".into()],
            learning_rates: vec![1e-4, 1e-3, 1e-2],
            seeds: vec![1, 2, 3],
            data: Some("glue".into()),
            ..Experiment::default()
        }
    }

    /// All rounds: what each adds, and the last table.
    fn rounds(
        e: &Experiment,
        most: u32,
        of: impl Fn(&GridCell) -> f64,
    ) -> (Vec<Vec<FurtherRates>>, ResultTable) {
        let (mut e, mut rounds) = (e.clone(), Vec::new());
        loop {
            assert!(validate(&e, &Default::default()).is_ok());
            let table = table_of(&e, |cell| Ok(of(cell)));
            let Some(round) = next_round(&e, &table, most) else { return (rounds, table) };
            assert_eq!(round.runs(), round.experiment.runs() - e.runs());
            rounds.push(round.added);
            e = round.experiment;
        }
    }

    #[test]
    fn a_cell_whose_optimum_is_outside_gets_rates_until_it_is_inside() {
        let (rounds, table) = rounds(&study(), 3, planted);
        let of = |task: Task, mask: Mask, rate: f64| further(&task, &mask, vec![rate]);
        let first = vec![
            of(Task::rte(), Mask::LayerNorms, 5e-2),
            of(Task::mrpc(), Mask::LayerNorms, 5e-2),
            of(Task::rte(), Mask::Frozen, 5e-5),
        ];
        let high = |a: f64| vec![of(Task::rte(), Mask::LayerNorms, a), of(Task::mrpc(), Mask::LayerNorms, a)];
        let second = [high(1e-1), vec![of(Task::rte(), Mask::Frozen, 1e-5)]].concat();
        let third = [high(5e-1), vec![of(Task::rte(), Mask::Frozen, 5e-6)]].concat();
        assert_eq!(rounds, [first, second, third]);
        let cell = |row: usize, task: usize| &table.rows[row].cells[task];
        // Found inside; still on an edge after three rates, above and below; never left.
        assert_eq!((cell(0, 0).picked.clone(), cell(0, 0).edge), (vec![1e-1], None));
        assert_eq!((cell(0, 1).picked.clone(), cell(0, 1).edge), (vec![5e-1], Some(Edge::Highest)));
        assert_eq!((cell(1, 0).picked.clone(), cell(1, 0).edge), (vec![5e-6], Some(Edge::Lowest)));
        assert_eq!((cell(1, 1).further.len(), cell(1, 1).edge), (0, None));
        let notes = crate::results::table::notes(&table).join("\n");
        let said =
            "layernorms: also trained beyond the grid of learning rates: 5e-2, 1e-1, 5e-1 on RTE, MRPC.";
        assert!(notes.contains(said), "{notes}");
        let left =
            "layernorms on MRPC: the picked learning rate is the highest of the grid; try higher ones.";
        assert!(notes.contains(left) && !notes.contains("layernorms on RTE: the picked"), "{notes}");
    }

    #[test]
    fn no_rate_is_beyond_the_bounds_nor_where_nothing_is_to_be_extended() {
        let highest = |cell: &GridCell| cell.learning_rate;
        let grid = |rates: &[f64]| Experiment { learning_rates: rates.into(), ..study() };
        let rates = |e: &Experiment, most| -> Vec<f64> {
            let (rounds, _) = rounds(e, most, highest);
            rounds.iter().map(|added| added[0].learning_rates[0]).collect()
        };
        assert_eq!(rates(&grid(&[1e-1, 5e-1]), 3), [1.0], "a learning rate is at most 1");
        assert!(rates(&grid(&[1e-3, 1e-2]), 0).is_empty());
        assert!(rates(&grid(&[1e-3]), 3).is_empty(), "one rate has no edge");
        assert_eq!(
            rates(&grid(&[2e-2, 1e-2, 5e-4]), 2),
            [4e-2, 8e-2],
            "others than 1, 5, 10: the last ratio"
        );
        let lowest = |cell: &GridCell| 1.0 - cell.learning_rate;
        let (below, _) = rounds(&grid(&[3e-5, 1e-4]), 2, lowest);
        assert_eq!(below.iter().map(|added| added[0].learning_rates[0]).collect::<Vec<_>>(), [9e-6, 2.7e-6]);
        // A plateau is not an edge to leave: of equal rates the one that was first stays, and is inside then.
        assert_eq!(rounds(&grid(&[1e-3, 1e-2]), 3, |_| 0.5).0.len(), 1);
    }

    #[test]
    fn both_edges_are_extended_where_each_seed_has_its_own_rate() {
        let e = Experiment {
            rate_pick: RatePick::PerSeed,
            seeds: vec![1, 2],
            tasks: vec!["rte".into()],
            ..study()
        };
        let apart =
            |cell: &GridCell| if cell.seed == 1 { cell.learning_rate } else { 0.5 - cell.learning_rate };
        let (rounds, table) = rounds(&e, 1, apart);
        assert_eq!(rounds[0][0].learning_rates, [5e-5, 5e-2]);
        assert_eq!((rounds.len(), table.rows[0].cells[0].edge), (1, Some(Edge::Both)));
    }
}
