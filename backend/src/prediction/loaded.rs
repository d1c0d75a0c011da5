//! Finished runs on their model, ready to read.

use super::PredictionError;
use crate::artifacts::{Artifacts, TunedError, kept_scalars};
use crate::model::{self, Model};
use std::path::Path;
use std::sync::Arc;
use tunemask_engine::{Adam, Device, MemberSpec, MemberState, Objective, Trainer};
use tunemask_shared::experiment::{Experiment, ReportedEpoch};
use tunemask_shared::keep_weights::KeepWeights;
use tunemask_shared::run::{RunId, RunSpec};

/// A run that is asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct AskedRun<'a> {
    pub run: &'a RunId,
    pub spec: &'a RunSpec,
    /// Whether it goes alone: it trains whole matrices, or is one of the reference engine.
    pub alone: bool,
    /// The rule by which its weights were dropped, if they were.
    pub dropped: Option<KeepWeights>,
    /// When it ended: a run that trained again has ended later.
    pub ended_ms: Option<u64>,
}

/// Where runs come from, and what computes them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'a> {
    pub files: &'a Artifacts,
    pub device: &'a Device,
    pub epoch: ReportedEpoch,
}

/// A run with what it trained.
struct Member {
    joins: MemberSpec,
    trained: Vec<f32>,
    epoch: u32,
}

/// Runs that are on their model.
pub(super) struct Loaded {
    /// `None` if not one of them could be loaded.
    pub trainer: Option<Trainer>,
    /// Of each run that was to be loaded its place and its epoch, or why it is not there.
    pub places: Vec<Result<RunSlot, String>>,
}

/// Where a run is among those that are loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RunSlot {
    pub slot: usize,
    /// The epoch whose weights it has.
    pub epoch: u32,
}

/// The model of an experiment, which must be that on which its runs were trained.
///
/// # Errors
/// It cannot be read, or is another one now.
pub(super) fn read_model(experiment: &Experiment, fingerprint: &str) -> Result<Arc<Model>, PredictionError> {
    let model = model::open_with(&experiment.model, experiment.delta_file().map(Path::new))?;
    if model.fingerprint != fingerprint {
        return Err(PredictionError::Changed(experiment.model.clone()));
    }
    Ok(Arc::new(model))
}

impl Member {
    fn read(model: &Model, asked: AskedRun<'_>, source: Source<'_>) -> Result<Self, TunedError> {
        if let Some(rule) = asked.dropped {
            return Err(TunedError::Dropped { run: asked.run.clone(), rule });
        }
        let (spec, shape) = (asked.spec, &model.config.shape);
        let trains = spec.mask.trains(shape, spec.switches, spec.seed, Some(&model.weights))?;
        let expected = trains.len() + Objective::from(spec.task.kind()).head_scalars(shape);
        let scalars = kept_scalars(source.files, asked.run, source.epoch, expected)?;
        // It takes no step; its head is among the scalars.
        let joins = MemberSpec { trains, seed: spec.seed, adam: Adam::default(), head: None };
        Ok(Self { joins, trained: scalars.trained, epoch: scalars.epoch })
    }
}

/// Loads runs of one task onto their model; several must be such as train together.
///
/// # Errors
/// The device has no room, or fails.
pub(super) fn load(
    model: &Model,
    runs: &[AskedRun<'_>],
    source: Source<'_>,
) -> Result<Loaded, PredictionError> {
    let (mut joins, mut states, mut places) = (Vec::new(), Vec::new(), Vec::new());
    for &asked in runs {
        places.push(match Member::read(model, asked, source) {
            Ok(Member { joins: own, trained, epoch }) => {
                joins.push(own);
                let zeros = || vec![0.0; trained.len()];
                states.push(MemberState { steps: 0, first: zeros(), second: zeros(), trained });
                Ok(RunSlot { slot: states.len() - 1, epoch })
            }
            Err(error) => Err(error.to_string()),
        });
    }
    let Some(first) = runs.first().filter(|_| !joins.is_empty()) else {
        return Ok(Loaded { trainer: None, places });
    };
    let objective = Objective::from(first.spec.task.kind());
    let (engine, weights) = (first.spec.engine_kind, Arc::clone(&model.weights));
    let mut trainer = Trainer::new(engine, source.device, model.config, weights, objective, joins)?;
    for (slot, state) in states.into_iter().enumerate() {
        trainer.restore(slot, state)?;
    }
    Ok(Loaded { trainer: Some(trainer), places })
}
