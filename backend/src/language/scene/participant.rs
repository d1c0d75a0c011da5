//! Who and what takes part.

use super::super::lexicon::{Noun, Sense};

/// What kind of thing: people, or the place of a word in the class of kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Kind {
    Person,
    Animal,
    Bird,
    Fruit,
    Garment,
    Tool,
    Instrument,
    Flower,
    Vehicle,
    Fish,
    Boat,
    Man,
    Woman,
    /// Of no kind that has a word.
    Thing,
}

impl Kind {
    pub(in super::super) fn is_person(self) -> bool {
        matches!(self, Kind::Person | Kind::Man | Kind::Woman)
    }
}

/// Of whom or what a phrase speaks, from the general to the single one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in super::super) enum Who {
    /// `someone` or `something`: people, or all the rest.
    Any { person: bool },
    /// `a fruit`
    Some(Kind),
    /// `an apple`
    A(Sense<Noun>),
    /// `the apple`: one and the same throughout an example.
    The(Sense<Noun>),
    /// `Anna`
    Name(&'static str),
}

/// Someone or something that takes part in an event.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in super::super) struct Participant {
    pub who: Who,
    pub kind: Kind,
    /// What describes it; only of `a` and `the`.
    pub adjective: Option<Sense<&'static str>>,
}

impl Participant {
    /// `someone` for people, `something` for all other kinds.
    pub(in super::super) fn any(kind: Kind) -> Self {
        let person = kind.is_person();
        let kind = if person { Kind::Person } else { Kind::Thing };
        Self { who: Who::Any { person }, kind, adjective: None }
    }

    /// Whether it is nobody in particular.
    pub(in super::super) fn is_any(&self) -> bool {
        matches!(self.who, Who::Any { .. })
    }

    /// Whether a negation before it denies all of its kind.
    pub(in super::super) fn is_indefinite(&self) -> bool {
        matches!(self.who, Who::Any { .. } | Who::Some(_) | Who::A(_))
    }

    /// Whether whatever the other stands for is one of these.
    pub(in super::super) fn covers(&self, other: &Self) -> bool {
        let described = match (self.adjective, other.adjective) {
            (None, _) => true,
            (own, theirs) => own == theirs,
        };
        described
            && match (self.who, other.who) {
                (Who::Any { person }, _) => person == other.kind.is_person(),
                (Who::Some(kind), Who::Some(_) | Who::A(_) | Who::The(_) | Who::Name(_)) => {
                    kind == other.kind || kind == Kind::Person && other.kind.is_person()
                }
                (Who::A(noun), Who::A(same) | Who::The(same)) => noun == same,
                (own, theirs) => own == theirs,
            }
    }
}
