//! Participants and circumstances in words.

use super::super::lexicon::LEXICON;
use super::super::sentence::Sentence;
use super::super::tag::Tag;
use super::event::{Event, Place, Time};
use super::participant::{Kind, Participant, Who};

/// What a negation does to a phrase that speaks of nobody in particular.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Article {
    /// `a lamp`, `someone`
    Plain,
    /// `any lamp`, `anyone`
    Any,
    /// `no lamp`, `nobody`
    No,
}

/// Kinds in the order of the lexicon.
const KINDS: [Kind; 13] = [
    Kind::Person,
    Kind::Animal,
    Kind::Bird,
    Kind::Fruit,
    Kind::Garment,
    Kind::Tool,
    Kind::Instrument,
    Kind::Flower,
    Kind::Vehicle,
    Kind::Fish,
    Kind::Boat,
    Kind::Man,
    Kind::Woman,
];

/// Which circumstance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Circumstance {
    Place,
    Time,
    Manner,
}

impl Sentence<'_, '_> {
    /// `the old nurse`, `a fruit`, `someone`, `Anna`
    pub(super) fn participant(&mut self, participant: &Participant, article: Article) {
        let indefinite = match article {
            Article::Plain => "a",
            Article::Any => "any",
            Article::No => "no",
        };
        match participant.who {
            Who::Name(name) => {
                self.push(Tag::Name, name);
            }
            Who::Any { person } => {
                let words: &[&'static str] = match (person, article) {
                    (true, Article::Plain) => &["someone", "somebody"],
                    (true, Article::Any) => &["anyone"],
                    (true, Article::No) => &["nobody"],
                    (false, Article::Plain) => &["something"],
                    (false, Article::Any) => &["anything"],
                    (false, Article::No) => &["nothing"],
                };
                let word = *self.dice.pick(words);
                self.push(Tag::Noun, word);
            }
            Who::Some(kind) => {
                self.push(Tag::Determiner, indefinite);
                let place = KINDS.iter().position(|k| *k == kind).unwrap_or_default();
                let noun = self.dice.pick(LEXICON.nouns("kinds").sense(place).0);
                self.push(Tag::Noun, &noun.singular);
            }
            Who::A(noun) | Who::The(noun) => {
                let definite = matches!(participant.who, Who::The(_));
                self.push(Tag::Determiner, if definite { "the" } else { indefinite });
                if let Some(adjective) = participant.adjective {
                    let word = *self.dice.pick(adjective.0);
                    self.push(Tag::Adjective, word);
                }
                let noun = self.dice.pick(noun.0);
                self.push(Tag::Noun, &noun.singular);
            }
        }
    }

    /// A circumstance, if it is said.
    pub(super) fn circumstance(&mut self, event: &Event, which: Circumstance) {
        match which {
            Circumstance::Place => {
                if let Some(Place { preposition, noun }) = event.place {
                    let noun = self.dice.pick(noun.0);
                    self.extend(&[
                        (Tag::Preposition, preposition),
                        (Tag::Determiner, "the"),
                        (Tag::Noun, &noun.singular),
                    ]);
                }
            }
            Circumstance::Time => {
                if let Some(time) = event.time {
                    self.time(time);
                }
            }
            Circumstance::Manner => {
                if let Some(manner) = event.manner {
                    let word = *self.dice.pick(manner.0);
                    self.push(Tag::Adverb, word);
                }
            }
        }
    }

    fn time(&mut self, time: Time) {
        match time {
            Time::Yesterday => self.extend(&[(Tag::Noun, "yesterday")]),
            Time::LastWeek => self.extend(&[(Tag::Adjective, "last"), (Tag::Noun, "week")]),
            Time::At(noun) => self.extend(&[(Tag::Preposition, "at"), (Tag::Noun, noun)]),
            Time::Day(day) => self.extend(&[(Tag::Preposition, "on"), (Tag::Name, day)]),
            Time::Season(season) => {
                let season = *self.dice.pick(season.0);
                self.extend(&[(Tag::Preposition, "in"), (Tag::Noun, season)]);
            }
            Time::Part(part) => {
                self.extend(&[(Tag::Preposition, "in"), (Tag::Determiner, "the"), (Tag::Noun, part)]);
            }
        }
    }
}
