//! Learning rates of single cells.

use super::errors::Errors;
use super::grid::not_a_rate;
use crate::experiment::Experiment;
use crate::mask::Mask;
use crate::task::TaskName;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::str::FromStr;

/// Every rate is one, belongs to a cell of the grid, and is not one that this cell has already.
pub(super) fn further_rates(experiment: &Experiment, masks: &[Mask], errors: &mut Errors) {
    let tasks: BTreeSet<String> =
        experiment.tasks.iter().filter_map(|task| written::<TaskName>(task)).collect();
    let masks: BTreeSet<String> = masks.iter().map(Mask::to_string).collect();
    let of_all: BTreeSet<u64> = experiment.learning_rates.iter().map(|rate| rate.to_bits()).collect();
    let mut of_cells: BTreeMap<Cell, BTreeSet<u64>> = BTreeMap::new();
    for (i, further) in experiment.further_rates.iter().enumerate() {
        let field = format!("further_rates[{i}]");
        let cell = Cell { task: written::<TaskName>(&further.task), mask: written::<Mask>(&further.mask) };
        if !cell.task.as_ref().is_some_and(|task| tasks.contains(task)) {
            errors.add(field.clone(), format!("`{}` is not one of `tasks`", further.task));
        }
        if !cell.mask.as_ref().is_some_and(|mask| masks.contains(mask)) {
            errors.add(field.clone(), format!("`{}` is not one of `masks`", further.mask));
        }
        let seen = of_cells.entry(cell).or_default();
        for &rate in &further.learning_rates {
            if let Some(wrong) = not_a_rate(rate) {
                errors.add(field.clone(), wrong);
            } else if of_all.contains(&rate.to_bits()) || !seen.insert(rate.to_bits()) {
                errors
                    .add(field.clone(), format!("the cell has the learning rate {rate} already; remove one"));
            }
        }
    }
}

/// A task and a mask as they are written; none where they cannot be read.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Cell {
    task: Option<String>,
    mask: Option<String>,
}

/// What a text means, as it is written.
fn written<T: FromStr + Display>(text: &str) -> Option<String> {
    text.parse().ok().map(|read: T| read.to_string())
}
