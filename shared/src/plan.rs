//! Which runs of an experiment train together, and what that takes.

use crate::experiment_id::ExperimentId;
use crate::mask::is_default;
use serde::{Deserialize, Serialize};

/// Runs that step together through the same frozen matrices.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlannedGang {
    /// Places of its runs in the experiment's list, ascending.
    pub runs: Vec<u32>,
    /// Share of the arithmetic of these runs that is done once for several of them, 0 to below 1.
    pub shared: f64,
    /// Time that it takes if all of its runs train to their end, in seconds, by the speed of this machine's matrix products, evaluation included.
    pub expected_secs: f64,
    /// Share of that time which successive halving saves: for runs that train together, and if as many are retired as it says. 0
    /// without it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub saved: f64,
    /// Memory that its runs need beside the model, in bytes: activations, and of all scalars that train, those of heads among
    /// them, the values, gradients, moments and best epoch; with gradient accumulation the sums of gradients, too.
    pub memory_bytes: u64,
    /// What its runs leave on the disk when they have finished, in bytes; 0 in the logs of older programs.
    #[serde(default)]
    pub disk_bytes: u64,
}

impl PlannedGang {
    /// Seconds that it takes.
    fn secs(&self) -> f64 {
        self.expected_secs * (1.0 - self.saved)
    }
}

/// Room that an experiment takes on the disk, by its rule whose weights stay. About: what runs predict is counted, not what
/// the log takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedDisk {
    /// Bytes when all of its runs have finished.
    pub kept: u64,
    /// Bytes at most meanwhile, with the checkpoints of those that train and weights that are dropped later.
    pub most: u64,
    /// Bytes that are free now; only where a plan was asked for, and the system says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub free: Option<u64>,
}

impl PlannedDisk {
    /// This, and then another experiment on the same disk.
    pub fn then(self, next: PlannedDisk) -> PlannedDisk {
        PlannedDisk {
            kept: self.kept + next.kept,
            most: self.most.max(self.kept + next.most),
            free: self.free.or(next.free),
        }
    }
}

/// How much a task has to train on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrainingSet {
    /// The task's name.
    pub task: String,
    /// Its training examples, under the experiment's limit.
    pub examples: u64,
}

/// The gangs of an experiment, in the order in which they train. Runs that had finished before are in none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The gangs.
    pub gangs: Vec<PlannedGang>,
    /// What the experiment's tasks have to train on; only where a plan was asked for, not in the log.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub training: Vec<TrainingSet>,
    /// Room on the disk; none in the logs of older programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disk: Option<PlannedDisk>,
    /// How many of its gangs train at once; none where it is one, and in the logs of older programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workers: Option<u32>,
    /// Seconds of each task that a job system would start; only where a plan was asked for, and a job system trains.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub task_secs: Vec<f64>,
    /// The first experiment that has exactly its runs; only where a plan was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_runs_as: Option<ExperimentId>,
}

impl Plan {
    /// Runs to train.
    pub fn runs(&self) -> usize {
        self.gangs.iter().map(|gang| gang.runs.len()).sum()
    }

    /// Seconds that all gangs take, shared among those who train at once; no less than the longest of them.
    pub fn expected_secs(&self) -> f64 {
        let longest = self.gangs.iter().map(PlannedGang::secs).fold(0.0, f64::max);
        longest.max(self.work_secs() / f64::from(self.workers()))
    }

    /// Seconds of work: those of all gangs.
    pub fn work_secs(&self) -> f64 {
        self.gangs.iter().map(PlannedGang::secs).sum()
    }

    /// Share of the work of all gangs that successive halving saves, 0 to below 1.
    pub fn saved(&self) -> f64 {
        let all: f64 = self.gangs.iter().map(|gang| gang.expected_secs).sum();
        if all > 0.0 { 1.0 - self.work_secs() / all } else { 0.0 }
    }

    /// How many gangs train at once.
    pub fn workers(&self) -> u32 {
        self.workers.unwrap_or(1).max(1)
    }

    /// Memory of the gang that needs the most, in bytes, beside the model.
    pub fn memory_bytes(&self) -> u64 {
        self.gangs.iter().map(|gang| gang.memory_bytes).max().unwrap_or(0)
    }

    /// What all runs leave on the disk if all keep their weights, in bytes.
    pub fn disk_bytes(&self) -> u64 {
        self.gangs.iter().map(|gang| gang.disk_bytes).sum()
    }

    /// What all runs take on the disk: by their experiment's rule, or as if all kept their weights where the plan does not say.
    pub fn room(&self) -> PlannedDisk {
        let all = self.disk_bytes();
        self.disk.unwrap_or(PlannedDisk { kept: all, most: all, free: None })
    }

    /// Share of all arithmetic that is done once for several runs: gangs weigh by the time they would take alone.
    pub fn shared(&self) -> f64 {
        let alone = |gang: &PlannedGang| gang.secs() / (1.0 - gang.shared).max(1e-9);
        let total: f64 = self.gangs.iter().map(alone).sum();
        if total > 0.0 { 1.0 - self.work_secs() / total } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_weigh_gangs_by_their_time() {
        let gang = |runs: &[u32], shared, expected_secs, memory_bytes| PlannedGang {
            runs: runs.to_vec(),
            shared,
            expected_secs,
            saved: 0.0,
            memory_bytes,
            disk_bytes: 100,
        };
        let gangs = vec![gang(&[0, 1, 3], 0.5, 10.0, 7), gang(&[2], 0.0, 20.0, 9)];
        let plan = Plan { gangs, ..Plan::default() };
        assert_eq!((plan.runs(), plan.expected_secs(), plan.memory_bytes()), (4, 30.0, 9));
        let [two, four] = [2, 4].map(|workers| Plan { workers: Some(workers), ..plan.clone() });
        assert_eq!((two.expected_secs(), four.expected_secs(), four.shared()), (20.0, 20.0, plan.shared()));
        assert_eq!(plan.disk_bytes(), 200);
        assert!((plan.shared() - 0.25).abs() < 1e-12);
        let halved =
            Plan { gangs: vec![PlannedGang { saved: 0.75, ..plan.gangs[1].clone() }], ..Plan::default() };
        assert_eq!((halved.expected_secs(), halved.saved(), plan.saved()), (5.0, 0.75, 0.0));
        assert_eq!((Plan::default().shared(), Plan::default().saved()), (0.0, 0.0));
        assert_eq!(plan.room(), PlannedDisk { kept: 200, most: 200, free: None });
    }

    #[test]
    fn experiments_one_after_the_other_add_up_what_they_keep() {
        let [first, second] =
            [(10, 50), (20, 45)].map(|(kept, most)| PlannedDisk { kept, most, free: Some(7) });
        assert_eq!(first.then(second), PlannedDisk { kept: 30, most: 55, free: Some(7) });
    }
}
