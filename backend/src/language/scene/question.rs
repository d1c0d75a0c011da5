//! Questions about an event.

use super::super::dice::Dice;
use super::super::sentence::Sentence;
use super::super::tag::Tag;
use super::event::Event;
use super::participant::Participant;
use super::phrase::{Article, Circumstance};
use super::statement::Statement;
use super::telling::{Frame, Sign, Slot};

/// What a question asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in super::super) enum Asked {
    Who(Slot),
    Where,
    When,
}

/// A question about an event, in which what is asked for is not said.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in super::super) struct Question {
    pub event: Event,
    pub asked: Asked,
}

impl Dice<'_> {
    /// Something that can be asked about an event; `None` of one that says next to nothing.
    pub(in super::super) fn asked(&mut self, event: &Event) -> Option<Asked> {
        let all = [
            // As often as all other people and things together.
            Asked::Who(Slot::Agent),
            Asked::Who(Slot::Agent),
            Asked::Who(Slot::Patient),
            Asked::Who(Slot::Recipient),
            Asked::Where,
            Asked::When,
        ];
        let can: Vec<Asked> =
            all.into_iter().filter(|asked| Question::about(event, *asked).is_some()).collect();
        (!can.is_empty()).then(|| *self.pick(&can))
    }
}

impl Question {
    /// The question for a part of an event that is said.
    pub(in super::super) fn about(event: &Event, asked: Asked) -> Option<Self> {
        let mut event = *event;
        let known = match asked {
            Asked::Who(Slot::Agent) => Some(event.agent),
            Asked::Who(Slot::Patient) => event.patient,
            Asked::Who(Slot::Recipient) => event.recipient,
            Asked::Where => return event.place.take().map(|_| Self { event, asked }),
            Asked::When => return event.time.take().map(|_| Self { event, asked }),
        };
        let known = known.filter(|p| !p.is_any())?;
        let unknown = Participant::any(known.kind);
        match asked {
            Asked::Who(Slot::Agent) => event.agent = unknown,
            Asked::Who(Slot::Patient) => event.patient = Some(unknown),
            _ => event.recipient = Some(unknown),
        }
        Some(Self { event, asked })
    }

    /// Whether a statement answers it: it tells of such an event, and says what is asked for.
    pub(in super::super) fn is_answered_by(&self, statement: &Statement) -> bool {
        let Statement::Event { event, holds: true } = statement else { return false };
        let said = match self.asked {
            Asked::Who(slot) => !event.slot(slot).is_any(),
            Asked::Where => event.place.is_some(),
            Asked::When => event.time.is_some(),
        };
        said && self.event.covers(event)
    }

    /// Whether both ask the same.
    pub(in super::super) fn equals(&self, other: &Self) -> bool {
        self.asked == other.asked && self.event.covers(&other.event) && other.event.covers(&self.event)
    }
}

impl Sentence<'_, '_> {
    /// A question with its mark.
    pub(in super::super) fn ask(&mut self, question: &Question) {
        let Question { event, asked } = question;
        let mut frame = self.frame(event);
        // Not `who did the baker sell the lamp ?`
        while *asked == Asked::Who(Slot::Recipient) && frame.complements.contains(&(None, Slot::Recipient)) {
            frame = self.frame(event);
        }
        match asked {
            Asked::Who(slot) => self.ask_who(event, &frame, *slot),
            Asked::Where => {
                self.push(Tag::Where, "where");
                self.inverted(event, &frame, None);
                self.circumstances(event);
            }
            Asked::When => {
                self.push(Tag::Where, "when");
                self.inverted(event, &frame, None);
                self.circumstances(event);
            }
        }
        self.push(Tag::Stop, "?");
    }

    fn ask_who(&mut self, event: &Event, frame: &Frame, slot: Slot) {
        let person = event.slot(slot).kind.is_person();
        let word = if person { "who" } else { "what" };
        if frame.subject == slot {
            self.push(Tag::Who, word);
            let verb = self.dice.pick(frame.verb.0);
            if frame.passive {
                self.extend(&[(Tag::Past, "was"), (Tag::Participle, &verb.participle)]);
            } else {
                self.push(Tag::Past, &verb.past);
            }
            self.complements(event, frame, Sign::Positive, None);
            return self.circumstances(event);
        }
        let preposition = frame.complements.iter().find(|(_, s)| *s == slot).and_then(|(p, _)| *p);
        let tag = if preposition == Some("to") { Tag::To } else { Tag::Preposition };
        match preposition {
            Some(preposition) if person && self.dice.percent(40) => {
                self.extend(&[(tag, preposition), (Tag::Who, "whom")]);
                self.inverted(event, frame, Some(slot));
            }
            preposition => {
                self.push(Tag::Who, word);
                self.inverted(event, frame, Some(slot));
                if let Some(preposition) = preposition {
                    self.push(tag, preposition);
                }
            }
        }
        self.circumstances(event);
    }

    /// `did the nurse buy a lamp`, `was the lamp bought by the nurse`
    fn inverted(&mut self, event: &Event, frame: &Frame, without: Option<Slot>) {
        let verb = self.dice.pick(frame.verb.0);
        self.push(Tag::Past, if frame.passive { "was" } else { "did" });
        self.participant(&event.slot(frame.subject), Article::Plain);
        if frame.passive {
            self.push(Tag::Participle, &verb.participle);
        } else {
            self.push(Tag::Base, &verb.base);
        }
        self.complements(event, frame, Sign::Positive, without);
    }

    fn circumstances(&mut self, event: &Event) {
        self.circumstance(event, Circumstance::Manner);
        let mut rest = [Circumstance::Place, Circumstance::Time];
        self.dice.shuffle(&mut rest);
        rest.into_iter().for_each(|which| self.circumstance(event, which));
    }
}
