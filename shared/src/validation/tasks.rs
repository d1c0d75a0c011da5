//! Tasks, and the folder of their data.

use super::errors::Errors;
use crate::experiment::Experiment;
use crate::facts::{DataFacts, Facts};
use crate::task::Task;

/// The tasks, without those that cannot be read. Errors of the data folder come first.
pub(super) fn tasks(experiment: &Experiment, facts: &Facts, errors: &mut Errors) -> Vec<Task> {
    let needs_data = readable(experiment).any(|(_, task)| task.source().needs_data());
    let has_data = experiment.data.as_deref().is_some_and(|folder| !folder.trim().is_empty());
    if needs_data && !has_data {
        errors.add("data", "name the folder that holds the tasks' folders (RTE, SST-2, …, conll2003, ptb)");
    }
    // Also where no chosen task needs it: what is written there must not be taken for a folder.
    if let Some(Err(why)) = &facts.data
        && has_data
    {
        errors.add("data", why);
    }
    let tasks = errors.list("tasks", &experiment.tasks);
    if let Some(Ok(data)) = &facts.data
        && has_data
    {
        require_folders(experiment, data, errors);
    }
    if facts
        .model
        .as_ref()
        .and_then(|model| model.as_ref().ok())
        .is_some_and(|model| model.shape.segments < 2)
    {
        refuse_pairs(experiment, errors);
    }
    tasks
}

/// The tasks that can be read, each with its place in the list.
fn readable(experiment: &Experiment) -> impl Iterator<Item = (usize, Task)> {
    experiment.tasks.iter().enumerate().filter_map(|(i, task)| Some((i, task.parse().ok()?)))
}

/// The data folder must have the folder of every task that needs one.
fn require_folders(experiment: &Experiment, data: &DataFacts, errors: &mut Errors) {
    for (i, task) in readable(experiment) {
        if let Some(folder) = task.folder()
            && !data.tasks.contains(&task)
        {
            let title = task.title();
            errors.add(
                format!("tasks[{i}]"),
                format!("the data folder has no {folder} with a training file; add it or leave {title} out"),
            );
        }
    }
}

/// For a model of one segment, which cannot read pairs.
fn refuse_pairs(experiment: &Experiment, errors: &mut Errors) {
    let why = "the model has one segment (type_vocab_size 1) and cannot tell two texts apart";
    for (i, task) in readable(experiment).filter(|(_, task)| task.has_pairs()) {
        let title = task.title();
        errors.add(format!("tasks[{i}]"), format!("{title} has pairs of texts, and {why}; leave it out"));
    }
}
