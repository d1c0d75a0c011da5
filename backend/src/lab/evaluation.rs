//! Scores on the development sets.

use crate::artifacts::Truth;
use crate::data::{Example, TaskData};
use crate::scoring::score;
use std::ops::ControlFlow;
use tunemask_engine::{EngineError, Sequence, Trainer};
use tunemask_shared::metric::Score;
use tunemask_shared::run::RunSpec;

/// Sequences that are predicted at once.
const CHUNK: usize = 32;

/// What a member predicts at the end of an epoch.
#[derive(Clone, Debug)]
pub(super) struct Scored {
    /// The member's slot in the engine's gang.
    pub(super) slot: usize,
    /// The scores on all development sets.
    pub(super) scores: Vec<Score>,
    /// What was scored, `[reads, outputs]`, set by set.
    pub(super) logits: Vec<Vec<f32>>,
}

impl Scored {
    /// A member of which nothing is scored yet.
    pub(super) fn new(slot: usize) -> Self {
        Self { slot, scores: Vec::new(), logits: Vec::new() }
    }
}

/// Predicts every development set with some members, whose task and scoring are those of `spec`, and fills in what each
/// predicts; breaks off where `go_on` says no.
///
/// # Errors
/// A sequence that the model cannot read.
pub(super) fn evaluate(
    gang: &mut Trainer,
    members: &mut [&mut Scored],
    spec: &RunSpec,
    data: &TaskData,
    mut go_on: impl FnMut() -> bool,
) -> Result<ControlFlow<()>, EngineError> {
    let slots: Vec<usize> = members.iter().map(|own| own.slot).collect();
    for (set, examples) in data.development.iter().enumerate() {
        if examples.is_empty() {
            // A second set without a file has no scores.
            members.iter_mut().for_each(|own| own.logits.push(Vec::new()));
            continue;
        }
        let mut logits = vec![Vec::new(); members.len()];
        for chunk in examples.chunks(CHUNK) {
            if !go_on() {
                return Ok(ControlFlow::Break(()));
            }
            let sequences: Vec<Sequence<'_>> = chunk.iter().map(|example| example.sequence()).collect();
            for (all, new) in logits.iter_mut().zip(gang.predict_with(&slots, &sequences)?) {
                all.extend(new);
            }
        }
        let Truth { targets, reads } = truth(examples);
        let reads: Vec<usize> = reads.into_iter().map(|reads| reads as usize).collect();
        for (own, logits) in members.iter_mut().zip(logits) {
            let scores =
                score(&spec.task, spec.clips_predictions().into(), &logits, &targets, &reads).into_iter();
            own.scores.extend(scores.map(|(metric, value)| Score { metric, set: set as u8, value }));
            own.logits.push(logits);
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// What is right on a development set.
pub(super) fn truth(examples: &[Example]) -> Truth {
    Truth {
        targets: examples.iter().flat_map(|e| &e.targets).copied().collect(),
        reads: examples.iter().map(|example| example.reads.len() as u32).collect(),
    }
}
