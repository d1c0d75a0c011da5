//! The end of an epoch: scores, and after the last one what the run leaves.

use super::active::{Active, ActiveGang};
use super::context::Training;
use super::outcome::Stop;
use super::saving::not_saved;
use crate::artifacts::{ArtifactError, Product};
use crate::lab::evaluation::{Scored, evaluate, truth};
use crate::lab::member::Member;
use std::time::Instant;
use tunemask_engine::{EngineError, Trainer};
use tunemask_shared::event::EventKind;
use tunemask_shared::run::RunId;

/// A member whose epoch has ended.
struct EndedEpoch {
    /// Its place among those that train.
    index: usize,
    epoch: u32,
    scored: Scored,
}

/// What a member's weights are at the end of an epoch.
struct EpochWeights<'a> {
    /// The compact vector of what trains.
    trained: &'a [f32],
    /// After the last epoch, whether all else has the bits that it had at first.
    frozen_unchanged: Option<bool>,
}

impl Training<'_> {
    /// Scores the members whose epoch has ended, and ends those for which it was the last or which others have beaten.
    ///
    /// # Errors
    /// Why the gang steps no further.
    pub(super) fn evaluate(&self, all: &mut ActiveGang) -> Result<(), Stop> {
        let ActiveGang { trainer, active } = &mut *all;
        let mut ended = ended_epochs(active);
        if ended.is_empty() {
            return Ok(());
        }
        let clock = Instant::now();
        // A pause may wait; whoever is cancelled is so after the scores, and the program's end does not wait for them.
        let go_on = || !self.context.control.is_stopped();
        let mut members: Vec<&mut Scored> = ended.iter_mut().map(|ended| &mut ended.scored).collect();
        if evaluate(trainer, &mut members, &self.first.spec, &self.data, go_on)?.is_break() {
            return Ok(());
        }
        let secs = clock.elapsed().as_secs_f64() / ended.len() as f64;
        let slots: Vec<usize> = ended.iter().map(|ended| ended.scored.slot).collect();
        let weighed = with_weights(trainer, active, ended)?;

        let mut lines = Vec::new();
        for (EndedEpoch { index, epoch, scored }, weights) in weighed {
            let member = &mut active[index].member;
            let Scored { scores, logits, .. } = scored;
            lines.extend(member.evaluated(epoch, scores, secs, weights.trained, &logits));
            if let Some(frozen_unchanged) = weights.frozen_unchanged {
                let last = Product { epoch, trained: weights.trained.to_vec(), predictions: logits };
                lines.extend(self.finish(member, last, frozen_unchanged));
            }
        }
        let finished = lines.iter().filter(|line| matches!(line, EventKind::Finished { .. }));
        let finished: Vec<RunId> = finished.filter_map(|line| line.run().cloned()).collect();
        self.context.journal.append(lines)?;
        // Only now: what is written down as finished needs its checkpoint no more.
        finished.iter().for_each(|run| self.context.artifacts.remove(&run.0));
        self.retire(all, &slots)?;
        Ok(())
    }

    /// Writes what a run leaves, and gives its last lines: it has finished when that is on the disk.
    fn finish(&self, member: &mut Member, last: Product, frozen_unchanged: bool) -> Vec<EventKind> {
        let truth = self.data.development.iter().map(|set| truth(set)).collect();
        let left = member.trained(last, truth);
        match self.context.artifacts.finish(&member.run().0, &left, member.keep()) {
            Ok(()) => member.finished(&left.last.trained, frozen_unchanged),
            Err(error) => lost(member, &error),
        }
    }
}

/// The members whose epoch has ended, in their order; nothing is scored yet.
fn ended_epochs(active: &[Active]) -> Vec<EndedEpoch> {
    let ended = active.iter().enumerate().filter_map(|(index, active)| {
        let epoch = active.member.epoch_ended()?;
        Some(EndedEpoch { index, epoch, scored: Scored::new(active.slot) })
    });
    ended.collect()
}

/// Each member whose epoch has ended, with its weights.
fn with_weights<'a>(
    trainer: &'a Trainer,
    active: &[Active],
    ended: Vec<EndedEpoch>,
) -> Result<Vec<(EndedEpoch, EpochWeights<'a>)>, EngineError> {
    let is_last =
        |ended: &&EndedEpoch| active[ended.index].member.ends_with(ended.epoch, &ended.scored.scores);
    let last: Vec<usize> = ended.iter().filter(is_last).map(|ended| ended.scored.slot).collect();
    // Looks at the whole model: once for all of them.
    let unchanged = if last.is_empty() { Vec::new() } else { trainer.frozen_unchanged(&last)? };
    let weighed = ended.into_iter().map(|ended| {
        let slot = ended.scored.slot;
        let place = last.iter().position(|&last| last == slot);
        let frozen_unchanged = place.and_then(|place| unchanged.get(place).copied());
        let weights = EpochWeights { trained: trainer.trained(slot)?, frozen_unchanged };
        Ok((ended, weights))
    });
    weighed.collect()
}

/// The end of a run of which nothing could be kept: it goes on from its last checkpoint when it is tried again.
fn lost(member: &mut Member, error: &ArtifactError) -> Vec<EventKind> {
    let saved = not_saved(member, error);
    let reason = format!("trained to the end, but the result is not saved: {error}; then retry it");
    let mut lines = member.end(EventKind::failed(member.run().clone(), reason));
    lines.insert(0, saved);
    lines
}
