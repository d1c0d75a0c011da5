//! Checkpoints of those that train.

use super::active::{Active, ActiveGang};
use super::context::Training;
use crate::artifacts::Checkpoint;
use crate::lab::LabError;
use crate::lab::member::Member;
use crate::lab::saves::Saves;
use std::fmt::Display;
use std::time::Instant;
use tunemask_engine::Trainer;
use tunemask_shared::event::EventKind;

impl Training<'_> {
    /// Writes checkpoints of those for which it is time.
    ///
    /// # Errors
    /// The log cannot be written.
    pub(super) fn save_due(&self, gang: &mut ActiveGang, saves: &mut Saves) -> Result<(), LabError> {
        if saves.are_due() {
            gang.members_mut().for_each(Member::mark_due);
        }
        let ActiveGang { trainer, active } = gang;
        for active in active.iter_mut().filter(|active| active.member.wants_checkpoint()) {
            let clock = Instant::now();
            self.save(trainer, active)?;
            saves.took(clock.elapsed());
        }
        Ok(())
    }

    /// Writes the checkpoints of all.
    ///
    /// # Errors
    /// The log cannot be written.
    pub(super) fn save_all(&self, gang: &mut ActiveGang) -> Result<(), LabError> {
        let ActiveGang { trainer, active } = gang;
        active.iter_mut().try_for_each(|active| self.save(trainer, active))
    }

    /// Writes a checkpoint; that it could not be written is a line of the log.
    ///
    /// # Errors
    /// The log cannot be written.
    pub(super) fn save(&self, trainer: &Trainer, active: &mut Active) -> Result<(), LabError> {
        let Active { slot, member } = active;
        // First the curve, then what goes on from its end: a run never resumes ahead of its log.
        self.context.journal.append(member.flush())?;
        let line = match trainer.state(*slot) {
            Ok(state) => {
                let arithmetic = Some(self.context.node.arithmetic.clone());
                let checkpoint = Checkpoint { arithmetic, ..member.checkpoint(state) };
                match self.context.artifacts.save(&member.run().0, &checkpoint) {
                    Ok(()) => checkpointed(member, None),
                    Err(error) => not_saved(member, &error),
                }
            }
            Err(error) => not_saved(member, &error),
        };
        self.context.journal.push(vec![line])
    }
}

/// The line of a checkpoint that could not be written.
pub(super) fn not_saved(member: &Member, error: &impl Display) -> EventKind {
    tracing::error!("{error}");
    checkpointed(member, Some(error.to_string()))
}

fn checkpointed(member: &Member, failure: Option<String>) -> EventKind {
    EventKind::Checkpointed { run: member.run().clone(), step: member.step() as u64, failure }
}
