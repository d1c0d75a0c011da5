//! An experiment of which nothing is wrong.

use crate::experiment::Experiment;
use crate::mask::Mask;
use crate::task::Task;

/// An experiment whose every field was read.
#[derive(Clone, Debug, PartialEq)]
pub struct ValidExperiment {
    /// As written, its name trimmed.
    pub experiment: Experiment,
    /// Its tasks, without those of the user's own of which nothing is known yet.
    pub tasks: Vec<Task>,
    /// Its masks.
    pub masks: Vec<Mask>,
}

/// One cell of the grid.
#[derive(Clone, Debug, PartialEq)]
pub struct GridCell {
    /// Task.
    pub task: Task,
    /// Mask.
    pub mask: Mask,
    /// Peak learning rate.
    pub learning_rate: f64,
    /// Seed.
    pub seed: u64,
    /// Epochs, by the experiment or by the protocol's rule.
    pub epochs: u32,
}

impl ValidExperiment {
    /// The cells in the order in which they are trained: task, mask, learning rate, seed.
    pub fn cells(&self) -> Vec<GridCell> {
        let e = &self.experiment;
        let mut cells = Vec::new();
        for task in &self.tasks {
            for mask in &self.masks {
                let epochs = e.epochs.unwrap_or_else(|| task.default_epochs(mask));
                for learning_rate in e.rates_of(task.name(), mask) {
                    for &seed in &e.seeds {
                        cells.push(GridCell {
                            task: task.clone(),
                            mask: mask.clone(),
                            learning_rate,
                            seed,
                            epochs,
                        });
                    }
                }
            }
        }
        cells
    }
}
