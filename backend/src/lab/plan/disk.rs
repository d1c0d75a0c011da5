//! Room that the runs of a plan take on the disk, gang by gang, by the rule whose weights stay.

use super::{ExperimentPlan, PlannedRun};
use std::collections::{HashMap, VecDeque};
use tunemask_shared::keep_weights::KeepWeights;
use tunemask_shared::plan::{Plan, PlannedDisk, PlannedGang};

/// What a run leaves when it has finished, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Left {
    /// What goes where its weights are dropped.
    pub(super) weights: u64,
    /// Predictions and all else that stays.
    pub(super) rest: u64,
}

/// A run among those of its task and mask.
#[derive(Clone, Copy, Debug)]
struct RunOfCell {
    cell: usize,
    left: Left,
}

/// The runs of a task and a mask that are still to train.
#[derive(Clone, Copy, Debug, Default)]
struct Cell {
    runs: usize,
    rates: usize,
    /// Weights of those that have finished.
    weights: u64,
}

impl ExperimentPlan {
    /// The room that these gangs take, one after the other.
    pub(in crate::lab) fn disk(&self, plan: &Plan) -> PlannedDisk {
        let mut cells: Vec<Cell> = Vec::new();
        let mut places = HashMap::new();
        let mut place = |run: &PlannedRun| {
            let spec = &run.queued.spec;
            let cell = *places.entry((spec.task.name().clone(), spec.mask.clone())).or_insert_with(|| {
                let rates = self.experiment.rates_of(spec.task.name(), &spec.mask).len();
                cells.push(Cell { rates: rates.max(1), ..Cell::default() });
                cells.len() - 1
            });
            cells[cell].runs += 1;
            RunOfCell { cell, left: self.left(run) }
        };
        let runs = |gang: &PlannedGang| -> Vec<RunOfCell> {
            let runs = gang.runs.iter().filter_map(|&i| self.runs.get(i as usize));
            runs.map(&mut place).collect()
        };
        let gangs: Vec<Vec<RunOfCell>> = plan.gangs.iter().map(runs).collect();
        let disk = room(self.experiment.keeps(), &gangs, cells);
        PlannedDisk { most: disk.most + self.checkpoint_bytes(plan), ..disk }
    }

    /// Bytes that the checkpoints of the runs that train at once take at most, beside what finished ones leave.
    fn checkpoint_bytes(&self, plan: &Plan) -> u64 {
        // Its scalars, two moments and the best epoch; and once more while one is put in the place of another.
        let run_bytes = |i: u32| self.runs.get(i as usize).map_or(0, |run| 4 * 4 * self.scalars(run));
        let gang = |gang: &PlannedGang| {
            let bytes = || gang.runs.iter().map(|&i| run_bytes(i));
            bytes().sum::<u64>() + bytes().max().unwrap_or(0)
        };
        plan.gangs.iter().map(gang).max().unwrap_or(0)
    }
}

/// The room that gangs take one after the other: each leaves all, then goes what the rule does not keep.
fn room(rule: KeepWeights, gangs: &[Vec<RunOfCell>], mut cells: Vec<Cell>) -> PlannedDisk {
    let (mut now, mut most) = (0, 0);
    let mut last = VecDeque::new();
    for gang in gangs {
        now += gang.iter().map(|place| place.left.weights + place.left.rest).sum::<u64>();
        most = most.max(now);
        for place in gang {
            let weights = place.left.weights;
            now -= match rule {
                KeepWeights::All => 0,
                KeepWeights::None => weights,
                KeepWeights::Last(runs) => {
                    last.push_back(weights);
                    if last.len() > runs as usize { last.pop_front().unwrap_or(0) } else { 0 }
                }
                // Which of its rates that will be is not known; their weights are of one size.
                KeepWeights::Picked => {
                    let cell = &mut cells[place.cell];
                    cell.weights += weights;
                    cell.runs -= 1;
                    if cell.runs == 0 { cell.weights - cell.weights / cell.rates as u64 } else { 0 }
                }
            };
        }
    }
    PlannedDisk { kept: now, most, free: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_has_its_room() {
        // Two cells of two rates; the second gang has the rest of the first cell and the second cell.
        let place = |cell| RunOfCell { cell, left: Left { weights: 100, rest: 1 } };
        let gangs = [vec![place(0)], vec![place(0), place(1), place(1)]];
        let cells = || vec![Cell { runs: 2, rates: 2, weights: 0 }; 2];
        let of = |rule| {
            let disk = room(rule, &gangs, cells());
            (disk.kept, disk.most)
        };
        assert_eq!(of(KeepWeights::All), (404, 404));
        assert_eq!(of(KeepWeights::None), (4, 304));
        assert_eq!(of(KeepWeights::Picked), (204, 404));
        assert_eq!(of(KeepWeights::Last(1)), (104, 404));
        assert_eq!(of(KeepWeights::Last(9)), (404, 404));
    }
}
