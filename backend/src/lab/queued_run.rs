//! A run that waits for a device, and what decides which others it may train with.

use tunemask_shared::event::EventKind;
use tunemask_shared::run::{RunId, RunSpec};
use tunemask_shared::state::RunState;

/// A run that waits for a device.
#[derive(Clone, Debug)]
pub(super) struct QueuedRun {
    /// Its identity.
    pub(super) run: RunId,
    /// What it is.
    pub(super) spec: RunSpec,
    /// Scalars that train, head not counted.
    pub(super) trainable: u64,
    /// Whether it trains without others: it trains whole matrices, or in the reference engine.
    pub(super) alone: bool,
}

/// What runs agree in that can read the same batches.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Compatibility(String);

impl QueuedRun {
    /// A run as the log knows it.
    pub(super) fn from_state(run: &RunId, known: &RunState) -> Self {
        let RunState { spec, trainable, alone, .. } = known;
        Self { run: run.clone(), spec: spec.clone(), trainable: *trainable, alone: *alone }
    }

    /// What those that train with it agree in; `None` if it trains alone.
    pub(super) fn compatibility(&self) -> Option<Compatibility> {
        // Field by field, so that a new one is not forgotten: without it, unlike runs would share a step.
        let RunSpec {
            engine,
            engine_kind,
            model,
            task,
            data,
            clip_predictions,
            batch_size,
            max_length,
            dropout,
            train_limit,
            eval_limit,
            precision,
            gradient_accumulation,
            class_weights,
            // Each member's own.
            mask: _,
            switches: _,
            learning_rate: _,
            seed: _,
            epochs: _,
            warmup_fraction: _,
            adam: _,
            epsilon_place: _,
            weight_decay: _,
            weight_decay_on: _,
            max_gradient_norm: _,
            schedule: _,
            early_stopping: _,
        } = &self.spec;
        let same = (
            (engine, engine_kind, model, task, data, clip_predictions),
            (batch_size, max_length, dropout, train_limit, eval_limit, precision),
            (gradient_accumulation, class_weights),
        );
        (!self.alone).then(|| Compatibility(format!("{same:?}")))
    }

    /// The line that queues it.
    pub(super) fn line(&self) -> EventKind {
        let Self { run, spec, trainable, alone } = self.clone();
        EventKind::Queued { run, spec: Box::new(spec), trainable, alone }
    }
}
