//! What is read of an experiment's model and data before it is known.

use super::PlannedTask;
use crate::data::{self, DataError};
use crate::hub;
use crate::lab::resources::Resources;
use crate::model::Model;
use std::path::Path;
use std::sync::Arc;
use tunemask_shared::experiment::{BUILTIN_MODEL, Experiment, FieldError};
use tunemask_shared::hub::{HubName, RepositoryKind};
use tunemask_shared::task::Task;
use tunemask_shared::validation::ValidExperiment;

/// An experiment with absolute folders, and names of the hub with their commits: its queue may go on in a program that was started
/// elsewhere, when a branch has moved. What is kept of a run thus says which commit it used.
pub(super) fn absolute_folders(experiment: &Experiment) -> Experiment {
    Experiment {
        model: located(&experiment.model, RepositoryKind::Model),
        delta: experiment.delta_file().map(absolute),
        data: experiment
            .data
            .as_deref()
            .filter(|folder| !folder.trim().is_empty())
            .map(|folder| located(folder, RepositoryKind::Dataset)),
        ..experiment.clone()
    }
}

pub(super) fn read_model(
    experiment: &Experiment,
    resources: &Resources,
) -> Result<Arc<Model>, Vec<FieldError>> {
    let delta = experiment.delta.as_deref().map(Path::new);
    resources.read_model(&experiment.model, delta).map_err(|error| {
        // Where the base alone can be used, the delta is what is wrong.
        let base_is_good = delta.is_some() && resources.read_model(&experiment.model, None).is_ok();
        let field = if base_is_good { "delta" } else { "model" };
        vec![FieldError { field: field.into(), message: error.to_string() }]
    })
}

pub(super) fn read_tasks(
    valid: &ValidExperiment,
    model: &Model,
) -> Result<Vec<PlannedTask>, Vec<FieldError>> {
    let e = &valid.experiment;
    let folder = e.data.as_deref().map(Path::new);
    let fingerprints = read_each(&valid.tasks, |task| data::fingerprint(task, folder))?;
    let sizes = read_each(&valid.tasks, |task| {
        data::sizes(task, folder, &model.tokenizer, e.max_length as usize, e.train_limit, e.eval_limit)
    })?;
    let tasks = valid.tasks.iter().zip(fingerprints).zip(sizes);
    Ok(tasks
        .map(|((task, fingerprint), sizes)| PlannedTask { task: task.clone(), fingerprint, sizes })
        .collect())
}

/// What is read of each task, or the errors of all of which it cannot be read.
fn read_each<T>(
    tasks: &[Task],
    read: impl Fn(&Task) -> Result<T, DataError>,
) -> Result<Vec<T>, Vec<FieldError>> {
    let (mut found, mut errors) = (Vec::new(), Vec::new());
    for (i, task) in tasks.iter().enumerate() {
        match read(task) {
            Ok(read) => found.push(read),
            Err(error) => {
                errors.push(FieldError { field: format!("tasks[{i}]"), message: error.to_string() });
            }
        }
    }
    if errors.is_empty() { Ok(found) } else { Err(errors) }
}

/// Where a model or data are, however the program that reads them was started.
fn located(name: &str, kind: RepositoryKind) -> String {
    if !HubName::is_meant(name) {
        return absolute(name);
    }
    // Of what is not there it is said when it is read.
    let here = hub::snapshot(name, kind).ok().flatten();
    here.map_or_else(|| name.trim().to_owned(), |here| here.name.to_string())
}

fn absolute(name: &str) -> String {
    let name = name.trim();
    if name.is_empty() || name == BUILTIN_MODEL {
        return name.to_owned();
    }
    std::path::absolute(name).map_or_else(|_| name.to_owned(), |path| path.to_string_lossy().into_owned())
}
