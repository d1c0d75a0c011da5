//! Tasks, and the folder of their data.

use super::errors::Errors;
use crate::experiment::Experiment;
use crate::facts::{DataFacts, Facts, resolve};
use crate::task::{Task, TaskName};

/// The tasks, without those that cannot be read, and those of the user's own where nothing is known of the data folder.
/// Errors of the folder come first.
pub(super) fn tasks(experiment: &Experiment, facts: &Facts, errors: &mut Errors) -> Vec<Task> {
    let needs_data = readable(experiment).any(|(_, name)| needs_data(&name));
    let has_data = experiment.data.as_deref().is_some_and(|folder| !folder.trim().is_empty());
    if needs_data && !has_data {
        errors.add("data", "name the folder that holds the tasks' folders (RTE, SST-2, …, conll2003, ptb)");
    }
    // Also where no chosen task needs it: what is written there must not be taken for a folder.
    let data = match &facts.data {
        Some(Err(why)) if has_data => {
            errors.add("data", why);
            None
        }
        Some(Ok(data)) if has_data => Some(data),
        Some(_) | None => None,
    };
    let names: Vec<TaskName> = errors.list("tasks", &experiment.tasks);
    if let Some(data) = data {
        require_folders(experiment, data, errors);
    }
    if facts
        .model
        .as_ref()
        .and_then(|model| model.as_ref().ok())
        .is_some_and(|model| model.shape.segments < 2 && model.shape.family.tells_texts_by_segments())
    {
        refuse_pairs(experiment, data, errors);
    }
    names.iter().filter_map(|name| resolve(name, data)).collect()
}

/// The names that can be read, each with its place in the list.
fn readable(experiment: &Experiment) -> impl Iterator<Item = (usize, TaskName)> {
    experiment.tasks.iter().enumerate().filter_map(|(i, task)| Some((i, task.parse().ok()?)))
}

/// Whether a task's examples come from the data folder.
fn needs_data(name: &TaskName) -> bool {
    Task::known(name).is_none_or(|task| task.source().needs_data())
}

/// The data folder must have the folder of every task that needs one.
fn require_folders(experiment: &Experiment, data: &DataFacts, errors: &mut Errors) {
    for (i, name) in readable(experiment).filter(|(_, name)| needs_data(name) && data.task(name).is_none()) {
        let known = Task::known(&name).and_then(|task| task.folder());
        let (folder, title) = (known.unwrap_or(name.title()), name.title());
        errors.add(
            format!("tasks[{i}]"),
            format!("the data folder has no {folder} with a training file; add it or leave {title} out"),
        );
    }
}

/// For a model of one segment, which cannot read pairs.
fn refuse_pairs(experiment: &Experiment, data: Option<&DataFacts>, errors: &mut Errors) {
    let why = "the model has one segment (type_vocab_size 1) and cannot tell two texts apart";
    for (i, name) in readable(experiment) {
        if resolve(&name, data).is_some_and(|task| task.has_pairs()) {
            let title = name.title();
            errors.add(format!("tasks[{i}]"), format!("{title} has pairs of texts, and {why}; leave it out"));
        }
    }
}
