//! The one validation of form, server and command line: every field's error at once. In reading order:

/// What is wrong, as it is found.
mod errors;
/// Its name and its model.
mod model;
/// Tasks and the folder of their data.
mod tasks;
/// Masks.
mod masks;
/// Learning rates, seeds, and the size of the grid.
mod grid;
/// Learning rates of single cells.
mod further;
/// How every run trains.
mod protocol;
/// An experiment of which nothing is wrong.
mod valid;

pub use errors::MAX_ERRORS;
pub use grid::{MAX_RATE, MAX_RUNS};
pub use model::MAX_NAME_CHARS;
pub use valid::{GridCell, ValidExperiment};

use crate::experiment::{Experiment, FieldError};
use crate::facts::Facts;
use errors::Errors;

/// Reads an experiment against what is known about its model and data.
///
/// What is not known is not checked: the page asks the server for it, and the server knows it all.
///
/// # Errors
/// Every field's error, in the order of the fields.
pub fn validate(experiment: &Experiment, facts: &Facts) -> Result<ValidExperiment, Vec<FieldError>> {
    let mut errors = Errors::default();
    let name = model::name(experiment, &mut errors);
    let model = model::model(experiment, facts, &mut errors);
    let tasks = tasks::tasks(experiment, facts, &mut errors);
    let masks = masks::masks(experiment, model, &mut errors);
    grid::learning_rates(experiment, &mut errors);
    further::further_rates(experiment, &masks, &mut errors);
    grid::seeds(experiment, &mut errors);
    protocol::protocol(experiment, model, &tasks, &mut errors);
    grid::size(experiment, &mut errors);
    let experiment = Experiment { name, ..experiment.clone() };
    errors.none().map(|()| ValidExperiment { experiment, tasks, masks })
}

#[cfg(test)]
mod tests;
