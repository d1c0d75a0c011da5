//! What sentences say: events, states and comparisons, who follows from what, and how they are put into words.
//!
//! A label of inference is computed from meanings, never from how a sentence was made. In reading order:

/// Who and what takes part.
mod participant;
/// An event with its circumstances.
mod event;
/// Statements, and what follows from them.
mod statement;
/// Statements and questions drawn at random.
mod draw;
/// Changes of an event's meaning.
mod change;
/// Participants and circumstances in words.
mod phrase;
/// Events and statements in words.
mod telling;
/// Questions about an event.
mod question;

pub(super) use event::Event;
pub(super) use participant::Participant;
pub(super) use question::Question;
pub(super) use statement::{Relation, Statement, relation};
#[cfg(test)]
pub(super) use {
    event::{Action, Place, Time},
    participant::{Kind, Who},
    question::Asked,
    statement::{Described, Scale},
    telling::Slot,
};
