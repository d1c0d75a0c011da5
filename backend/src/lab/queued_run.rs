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
        let s = &self.spec;
        let same = (
            (s.engine, &s.model, &s.task, &s.data, s.clip_predictions),
            (s.batch_size, s.max_length, s.dropout, s.train_limit, s.eval_limit, s.precision),
            (s.gradient_accumulation, &s.class_weights),
        );
        (!self.alone).then(|| Compatibility(format!("{same:?}")))
    }

    /// The line that queues it.
    pub(super) fn line(&self) -> EventKind {
        let Self { run, spec, trainable, alone } = self.clone();
        EventKind::Queued { run, spec: Box::new(spec), trainable, alone }
    }
}
