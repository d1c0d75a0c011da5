//! An experiment's runs, each known to the last bit that determines it.

use super::{PlannedRun, PlannedTask, Trained};
use crate::artifacts::norm_scalars;
use crate::lab::queued_run::QueuedRun;
use crate::lab::trainers::Trainers;
use crate::model::Model;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use tunemask_engine::{DeviceError, Precision};
use tunemask_shared::experiment::{DecayOn, EngineKind, FieldError};
use tunemask_shared::mask::Mask;
use tunemask_shared::run::{ENGINE_VERSION, RunSpec};
use tunemask_shared::validation::{GridCell, ValidExperiment};

/// Every run of an experiment, in the order in which they are asked for.
///
/// # Errors
/// A mask that the model has not.
pub(super) fn runs(
    valid: &ValidExperiment,
    model: &Model,
    tasks: &[PlannedTask],
    precision: Precision,
) -> Result<Vec<PlannedRun>, Vec<FieldError>> {
    let mut resolved: HashMap<(Mask, Option<u64>), Arc<Trained>> = HashMap::new();
    let mut runs = Vec::new();
    for cell in valid.cells() {
        let Some(task) = tasks.iter().find(|known| known.task == cell.task) else { continue };
        // Thousands of seeds of one mask train the same scalars, unless they draw them.
        let key = (cell.mask.clone(), Some(cell.seed).filter(|_| cell.mask.selects_by_the_run()));
        let trained = match resolved.entry(key) {
            Entry::Occupied(known) => known.get().clone(),
            Entry::Vacant(new) => {
                let made = trained(valid, &cell, model).map_err(|error| vec![error])?;
                new.insert(Arc::new(made)).clone()
            }
        };
        let spec = spec(valid, cell, model, task, precision);
        let trainable = trained.trains.len() as u64;
        let alone = trained.alone || spec.engine_kind == EngineKind::Candle;
        let run = spec.id().map_err(|error| vec![unnamed(&error)])?;
        runs.push(PlannedRun { queued: QueuedRun { run, spec, trainable, alone }, trained });
    }
    Ok(runs)
}

/// Whether those who train them can train them all.
///
/// # Errors
/// They cannot.
pub(super) fn can_train(trainers: Trainers, runs: &[PlannedRun]) -> Result<(), FieldError> {
    if runs.iter().all(|run| trainers.can_train(&run.queued.spec)) {
        return Ok(());
    }
    Err(FieldError { field: "masks".into(), message: DeviceError::ProcessorOnly.to_string() })
}

fn unnamed(error: &serde_json::Error) -> FieldError {
    FieldError { field: "masks".into(), message: format!("internal error: a run has no identity: {error}") }
}

fn trained(valid: &ValidExperiment, cell: &GridCell, model: &Model) -> Result<Trained, FieldError> {
    let (shape, switches) = (&model.config.shape, valid.experiment.mask_switches());
    let trains = cell
        .mask
        .trains(shape, switches, cell.seed, Some(&model.weights))
        .map_err(|error| FieldError { field: "masks".into(), message: error.to_string() })?;
    let norms = norm_scalars(shape, &trains.selection).len();
    let alone = tunemask_engine::goes_alone(shape, &trains);
    Ok(Trained { trains, norms, alone })
}

fn spec(
    valid: &ValidExperiment,
    cell: GridCell,
    model: &Model,
    task: &PlannedTask,
    precision: Precision,
) -> RunSpec {
    let e = &valid.experiment;
    // The reference engine trains in f32, whatever the device does.
    let precision = if e.engine == EngineKind::Candle { Precision::F32 } else { precision };
    RunSpec {
        engine: ENGINE_VERSION,
        model: model.fingerprint.clone(),
        task: cell.task.clone(),
        data: task.fingerprint.clone(),
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
        weight_decay: e.weight_decay,
        // What nothing decays on is one run, whatever would decay.
        weight_decay_on: if e.weight_decay == 0.0 { DecayOn::default() } else { e.weight_decay_on },
        max_gradient_norm: e.max_gradient_norm,
        schedule: e.schedule,
        gradient_accumulation: e.gradient_accumulation,
        early_stopping: e.early_stopping,
        class_weights: e.class_weights.clone(),
        train_limit: e.train_limit,
        eval_limit: e.eval_limit,
        precision: Some(precision).filter(|precision| *precision != Precision::F32),
        clip_predictions: e.clip_predictions && cell.task.kind().is_regression(),
        engine_kind: e.engine,
    }
}
