//! Learning rates of single cells.

use super::errors::Errors;
use super::grid::not_a_rate;
use crate::experiment::Experiment;
use crate::mask::Mask;
use crate::task::TaskName;

/// Every rate is one, belongs to a cell of the grid, and is not one that this cell has already.
pub(super) fn further_rates(experiment: &Experiment, masks: &[Mask], errors: &mut Errors) {
    let tasks: Vec<TaskName> = experiment.tasks.iter().filter_map(|task| task.parse().ok()).collect();
    let mut seen: Vec<(Option<TaskName>, Option<Mask>, f64)> = Vec::new();
    for (i, further) in experiment.further_rates.iter().enumerate() {
        let field = format!("further_rates[{i}]");
        let (task, mask) = (further.task.parse::<TaskName>().ok(), further.mask.parse::<Mask>().ok());
        if !task.as_ref().is_some_and(|task| tasks.contains(task)) {
            errors.add(field.clone(), format!("`{}` is not one of `tasks`", further.task));
        }
        if !mask.as_ref().is_some_and(|mask| masks.contains(mask)) {
            errors.add(field.clone(), format!("`{}` is not one of `masks`", further.mask));
        }
        for &rate in &further.learning_rates {
            let own = (task.clone(), mask.clone(), rate);
            if let Some(wrong) = not_a_rate(rate) {
                errors.add(field.clone(), wrong);
            } else if experiment.learning_rates.contains(&rate) || seen.contains(&own) {
                errors
                    .add(field.clone(), format!("the cell has the learning rate {rate} already; remove one"));
            } else {
                seen.push(own);
            }
        }
    }
}
