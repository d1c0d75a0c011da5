use super::inspection::inspect;
use super::resources::Resources;
use crate::data;
use std::path::Path;
use tunemask_shared::experiment::{BUILTIN_MODEL, Experiment};
use tunemask_shared::run::{ENGINE_VERSION, RunSpec};
use tunemask_shared::validation::{Cell, FieldError, ValidExperiment, validate};

/// An experiment whose runs are known to the last bit that determines them.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// As asked for, its folders absolute: the queue may go on in a program started elsewhere.
    pub(super) experiment: Experiment,
    /// Its runs with the number of scalars that each trains, in the order in which they are trained.
    pub(super) runs: Vec<(RunSpec, u64)>,
}

impl Plan {
    /// Reads model and data as far as it takes to know every run.
    ///
    /// # Errors
    /// Every field's error.
    pub(super) fn make(experiment: &Experiment, resources: &Resources) -> Result<Self, Vec<FieldError>> {
        let mut experiment = experiment.clone();
        experiment.model = absolute(&experiment.model);
        experiment.data = experiment.data.as_deref().filter(|d| !d.trim().is_empty()).map(absolute);
        let valid = validate(&experiment, &inspect(&experiment.model, experiment.data.as_deref()))?;

        let model = resources
            .read_model(&experiment.model)
            .map_err(|e| vec![FieldError { field: "model".into(), message: e.to_string() }])?;
        let folder = experiment.data.as_deref().map(Path::new);
        let mut errors = Vec::new();
        let mut prints = Vec::new();
        for (i, &task) in valid.tasks.iter().enumerate() {
            match data::fingerprint(task, folder) {
                Ok(print) => prints.push((task, print)),
                Err(e) => errors.push(FieldError { field: format!("tasks[{i}]"), message: e.to_string() }),
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let mut runs = Vec::new();
        for cell in valid.cells() {
            let print = prints.iter().find(|(task, _)| *task == cell.task).map(|(_, p)| p.clone());
            let switches = valid.experiment.mask_switches();
            let trainable = cell
                .mask
                .count(&model.config.shape, switches)
                .map_err(|e| vec![FieldError { field: "masks".into(), message: e.to_string() }])?;
            let spec = spec(&valid, cell, model.fingerprint.clone(), print.unwrap_or_default());
            runs.push((spec, trainable as u64));
        }
        Ok(Self { experiment: valid.experiment, runs })
    }
}

fn spec(valid: &ValidExperiment, cell: Cell, model: String, data: String) -> RunSpec {
    let e = &valid.experiment;
    RunSpec {
        engine: ENGINE_VERSION,
        model,
        task: cell.task,
        data,
        mask: cell.mask,
        switches: e.mask_switches(),
        learning_rate: cell.learning_rate,
        seed: cell.seed,
        epochs: cell.epochs,
        batch_size: e.batch_size,
        max_length: e.max_length,
        warmup_fraction: e.warmup_fraction,
        dropout: e.dropout,
        adam: [e.adam_beta1, e.adam_beta2, e.adam_epsilon],
        epsilon_place: e.epsilon_place,
        train_limit: e.train_limit,
        eval_limit: e.eval_limit,
    }
}

fn absolute(name: &str) -> String {
    let name = name.trim();
    if name.is_empty() || name == BUILTIN_MODEL {
        return name.to_owned();
    }
    std::path::absolute(name).map_or_else(|_| name.to_owned(), |path| path.to_string_lossy().into_owned())
}
