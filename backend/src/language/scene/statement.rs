//! Statements, and what follows from them.

use super::event::Event;
use super::participant::Participant;

/// What a sentence says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in super::super) enum Statement {
    /// That there was such an event, or none.
    Event { event: Event, holds: bool },
    /// That someone is old, or is not.
    State { who: Participant, scale: Scale, holds: bool },
    /// That one is older than another, or is not.
    Comparison { more: Participant, less: Participant, scale: Scale, holds: bool },
}

/// What adjectives describe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Described {
    Things,
    Living,
}

/// A pair of opposites, and which of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in super::super) struct Scale {
    /// What it describes.
    pub of: Described,
    /// Its place in the lexicon.
    pub place: usize,
    /// Which end. Of a comparison only how it is told.
    pub upper: bool,
}

impl Scale {
    fn is_opposite(self, other: Scale) -> bool {
        self.is_same(other) && self.upper != other.upper
    }
    fn is_same(self, other: Scale) -> bool {
        (self.of, self.place) == (other.of, other.place)
    }
}

/// How a statement stands to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Relation {
    /// It is true wherever they are.
    Entailment,
    /// It may be true or not.
    Neutral,
    /// It is false wherever they are true.
    Contradiction,
}

/// How a statement stands to what is known.
pub(in super::super) fn relation(known: &[Statement], claimed: &Statement) -> Relation {
    let all: Vec<Relation> = known.iter().map(|k| pairwise(k, claimed)).collect();
    let any = |relation| all.contains(&relation);
    if any(Relation::Entailment) {
        Relation::Entailment
    } else if any(Relation::Contradiction) {
        Relation::Contradiction
    } else {
        Relation::Neutral
    }
}

fn pairwise(known: &Statement, claimed: &Statement) -> Relation {
    use Relation::{Contradiction, Entailment, Neutral};
    // A fact implies another: the same sign confirms it, another one denies it.
    let implied = |implied: bool, same_sign: bool| match (implied, same_sign) {
        (false, _) => Neutral,
        (true, true) => Entailment,
        (true, false) => Contradiction,
    };
    match (known, claimed) {
        (Statement::Event { event: k, holds: true }, Statement::Event { event: s, holds }) => {
            implied(s.covers(k), *holds)
        }
        // None of a kind: none of what is of the kind.
        (Statement::Event { event: k, holds: false }, Statement::Event { event: s, holds }) => {
            implied(k.covers(s), !*holds)
        }
        (
            Statement::State { who, scale, holds },
            Statement::State { who: other, scale: claimed, holds: said_to },
        ) if who == other => {
            if scale == claimed {
                implied(true, holds == said_to)
            } else if scale.is_opposite(*claimed) && *holds {
                // Who is old is not young; who is not old may be neither.
                implied(true, !*said_to)
            } else {
                Neutral
            }
        }
        (
            Statement::Comparison { more, less, scale, holds },
            Statement::Comparison { more: said_more, less: said_less, scale: claimed, holds: said_to },
        ) if scale.is_same(*claimed) => {
            if (more, less) == (said_more, said_less) {
                implied(true, holds == said_to)
            } else if (more, less) == (said_less, said_more) && *holds {
                implied(true, !*said_to)
            } else {
                Neutral
            }
        }
        _ => Neutral,
    }
}

impl Statement {
    /// Whether both say the same.
    pub(in super::super) fn equals(&self, other: &Self) -> bool {
        relation(&[*self], other) == Relation::Entailment && relation(&[*other], self) == Relation::Entailment
    }

    /// Whether it says that something is, not that it is not.
    pub(in super::super) fn holds(&self) -> bool {
        match self {
            Statement::Event { holds, .. }
            | Statement::State { holds, .. }
            | Statement::Comparison { holds, .. } => *holds,
        }
    }

    /// The same, said to be or not to be. Denied, `the old nurse` is `the nurse`: whether another one did it
    /// would be open.
    pub(in super::super) fn with_sign(mut self, sign: bool) -> Self {
        if let (Statement::Event { event, .. }, false) = (&mut self, sign) {
            for participant in event.participants_mut() {
                participant.adjective = participant.adjective.filter(|_| participant.is_indefinite());
            }
        }
        match &mut self {
            Statement::Event { holds, .. }
            | Statement::State { holds, .. }
            | Statement::Comparison { holds, .. } => *holds = sign,
        }
        self
    }
}
