//! An event with its circumstances.

use super::super::lexicon::{Noun, Sense, Verb};
use super::participant::Participant;

/// What happens; a verb's place in its class.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in super::super) enum Action {
    /// Someone does it.
    Alone(Sense<Verb>),
    /// Someone does it to a person or a thing.
    Upon(Sense<Verb>),
    /// Something passes from one to another; the verb of who receives it, where there is one.
    Transfer(Sense<Verb>, Option<Sense<Verb>>),
}

/// Where.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in super::super) struct Place {
    pub preposition: &'static str,
    pub noun: Sense<Noun>,
}

/// When: the words after a preposition, or an adverb.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in super::super) enum Time {
    /// `yesterday`
    Yesterday,
    /// `last week`
    LastWeek,
    /// `at noon`, `at midnight`
    At(&'static str),
    /// `on monday`
    Day(&'static str),
    /// `in autumn`
    Season(Sense<&'static str>),
    /// `in the morning`
    Part(&'static str),
}

/// Something that happened. What is `None` is not said.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in super::super) struct Event {
    pub action: Action,
    /// Who does it; of a transfer, who has the thing first.
    pub agent: Participant,
    /// To whom or what.
    pub patient: Option<Participant>,
    /// Who has it in the end.
    pub recipient: Option<Participant>,
    pub place: Option<Place>,
    pub time: Option<Time>,
    pub manner: Option<Sense<&'static str>>,
}

/// Whether what one says covers what the other says; what is not said covers all.
fn covers<T: PartialEq>(general: &Option<T>, special: &Option<T>) -> bool {
    general.is_none() || general == special
}

impl Event {
    /// Whether every event of the other description is one of this.
    pub(in super::super) fn covers(&self, other: &Self) -> bool {
        let part = |own: &Option<Participant>, theirs: &Option<Participant>| match (own, theirs) {
            (Some(own), Some(theirs)) => own.covers(theirs),
            (own, theirs) => own.is_none() && theirs.is_none(),
        };
        self.action == other.action
            && self.agent.covers(&other.agent)
            && part(&self.patient, &other.patient)
            && part(&self.recipient, &other.recipient)
            && covers(&self.place, &other.place)
            && covers(&self.time, &other.time)
            && covers(&self.manner, &other.manner)
    }

    /// Its participants.
    pub(in super::super) fn participants(&self) -> impl Iterator<Item = &Participant> {
        std::iter::once(&self.agent).chain(&self.patient).chain(&self.recipient)
    }

    /// The same.
    pub(in super::super) fn participants_mut(&mut self) -> impl Iterator<Item = &mut Participant> {
        std::iter::once(&mut self.agent).chain(&mut self.patient).chain(&mut self.recipient)
    }
}
