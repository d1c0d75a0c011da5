//! Runs that step together, each with its slot in the engine's gang.

use crate::lab::member::Member;
use tunemask_engine::{EngineError, Trainer};

/// A run that trains.
pub(super) struct Active {
    /// Its place in the engine's gang.
    pub(super) slot: usize,
    pub(super) member: Member,
}

/// Runs that step together.
pub(super) struct ActiveGang {
    pub(super) trainer: Trainer,
    /// By their slots, ascending.
    pub(super) active: Vec<Active>,
}

impl ActiveGang {
    /// The gang of a trainer that has each member's state in the slot of its place.
    pub(super) fn new(trainer: Trainer, members: Vec<Member>) -> Self {
        let active = members.into_iter().enumerate().map(|(slot, mut member)| {
            member.forget_state();
            Active { slot, member }
        });
        Self { active: active.collect(), trainer }
    }

    /// The members, in their order.
    pub(super) fn members(&self) -> impl Iterator<Item = &Member> + Clone {
        self.active.iter().map(|active| &active.member)
    }

    /// The same, to be changed.
    pub(super) fn members_mut(&mut self) -> impl Iterator<Item = &mut Member> {
        self.active.iter_mut().map(|active| &mut active.member)
    }

    /// Whether all are over.
    pub(super) fn is_empty(&self) -> bool {
        self.active.is_empty()
    }

    /// Takes those out that are over.
    pub(super) fn remove_ended(&mut self) {
        // From behind: those behind a slot that is removed move up by one.
        let Self { trainer, active } = self;
        for i in (0..active.len()).rev() {
            if active[i].member.is_over() {
                trainer.remove(active[i].slot);
                active.remove(i);
            }
        }
        for (slot, active) in active.iter_mut().enumerate() {
            active.slot = slot;
        }
    }

    /// Lets each member take note of what it has become, to go on in another gang.
    ///
    /// # Errors
    /// The device fails.
    pub(super) fn keep_states(&mut self) -> Result<(), EngineError> {
        for Active { slot, member } in &mut self.active {
            member.keep_state(self.trainer.state(*slot)?);
        }
        Ok(())
    }

    /// Gives the device's memory back.
    pub(super) fn into_members(self) -> Vec<Member> {
        self.active.into_iter().map(|active| active.member).collect()
    }
}
