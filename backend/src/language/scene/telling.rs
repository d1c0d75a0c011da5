//! Events and statements in words. One meaning has many wordings: active, passive, from the receiver's side, with
//! another word of the same meaning, with time or place in front.

use super::super::lexicon::{LEXICON, Sense, Verb};
use super::super::sentence::Sentence;
use super::super::tag::Tag;
use super::event::{Action, Event};
use super::participant::{Kind, Participant};
use super::phrase::{Article, Circumstance};
use super::statement::{Described, Scale, Statement};

/// A part of an event that a verb has around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Slot {
    Agent,
    Patient,
    Recipient,
}

/// A verb with its subject and what follows it.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub verb: Sense<Verb>,
    pub passive: bool,
    pub subject: Slot,
    /// What follows, each with its preposition.
    pub complements: Vec<(Option<&'static str>, Slot)>,
}

/// How a clause is denied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// Not at all.
    Positive,
    /// `did not`, `was not`
    Not,
    /// `never`
    Never,
    /// Its subject is `nobody`, or `no nurse`.
    Nobody,
}

impl Event {
    /// Who stands in a slot.
    pub(super) fn slot(&self, slot: Slot) -> Participant {
        match slot {
            Slot::Agent => Some(self.agent),
            Slot::Patient => self.patient,
            Slot::Recipient => self.recipient,
        }
        .unwrap_or(Participant::any(Kind::Person))
    }
}

impl Sentence<'_, '_> {
    /// A statement as a sentence with its full stop.
    pub(in super::super) fn tell(&mut self, statement: &Statement) {
        self.clause(statement);
        self.push(Tag::Stop, ".");
    }

    /// A statement without full stop.
    pub(in super::super) fn clause(&mut self, statement: &Statement) {
        match statement {
            Statement::Event { event, holds } => self.event_clause(event, *holds, None),
            Statement::State { who, scale, holds } => {
                self.participant(who, Article::Plain);
                self.is(*holds);
                let class = match (scale.of, scale.upper) {
                    (Described::Things, true) => "more of things",
                    (Described::Things, false) => "less of things",
                    (Described::Living, true) => "more of the living",
                    (Described::Living, false) => "less of the living",
                };
                self.scale(class, scale, Tag::Adjective);
            }
            Statement::Comparison { more, less, scale, holds } => {
                let upper = self.dice.percent(50);
                let (first, second) = if upper { (more, less) } else { (less, more) };
                self.participant(first, Article::Plain);
                self.is(*holds);
                let class = match upper {
                    true => "comparatives more of the living",
                    false => "comparatives less of the living",
                };
                self.scale(class, scale, Tag::Comparative);
                self.push(Tag::Preposition, "than");
                self.participant(second, Article::Plain);
            }
        }
    }

    /// Two events of one agent as one sentence: `the nurse , who greeted the baker , bought a lamp`.
    pub(in super::super) fn tell_relative(&mut self, main: &Event, inner: &Event) {
        self.event_clause(main, true, Some(inner));
        self.push(Tag::Stop, ".");
    }

    /// Two statements as one sentence, with `and`.
    pub(in super::super) fn tell_both(&mut self, first: &Statement, second: &Statement) {
        self.clause(first);
        self.push(Tag::Conjunction, "and");
        self.clause(second);
        self.push(Tag::Stop, ".");
    }

    fn is(&mut self, holds: bool) {
        self.push(Tag::Third, "is");
        if !holds {
            self.push(Tag::Adverb, "not");
        }
    }

    fn scale(&mut self, class: &str, scale: &Scale, tag: Tag) {
        let word = *self.dice.pick(LEXICON.words(class).sense(scale.place).0);
        self.push(tag, word);
    }

    /// One of the ways in which a verb can arrange an event.
    pub(super) fn frame(&mut self, event: &Event) -> Frame {
        use Slot::{Agent, Patient, Recipient};
        let frame = |verb, passive, subject, complements: &[_]| Frame {
            verb,
            passive,
            subject,
            complements: complements.to_vec(),
        };
        let drawn = self.dice.below(100);
        match event.action {
            Action::Alone(verb) => frame(verb, false, Agent, &[]),
            Action::Upon(verb) if drawn < 60 => frame(verb, false, Agent, &[(None, Patient)]),
            Action::Upon(verb) => frame(verb, true, Patient, &[(Some("by"), Agent)]),
            Action::Transfer(_, Some(converse)) if drawn < 30 => {
                frame(converse, false, Recipient, &[(None, Patient), (Some("from"), Agent)])
            }
            Action::Transfer(verb, _) => match drawn % 5 {
                0 | 1 => frame(verb, false, Agent, &[(None, Patient), (Some("to"), Recipient)]),
                2 => frame(verb, false, Agent, &[(None, Recipient), (None, Patient)]),
                3 => frame(verb, true, Patient, &[(Some("to"), Recipient), (Some("by"), Agent)]),
                _ => frame(verb, true, Recipient, &[(None, Patient), (Some("by"), Agent)]),
            },
        }
    }

    fn event_clause(&mut self, event: &Event, holds: bool, relative: Option<&Event>) {
        let mut frame = self.frame(event);
        while relative.is_some() && frame.subject != Slot::Agent {
            frame = self.frame(event);
        }
        let subject = event.slot(frame.subject);
        if !holds && self.dice.percent(15) {
            self.extend(&[(Tag::Pronoun, "it"), (Tag::Third, "is")]);
            if self.dice.percent(60) {
                self.extend(&[(Tag::Adverb, "not"), (Tag::Adjective, "true")]);
            } else {
                self.push(Tag::Adjective, "false");
            }
            self.push(Tag::Preposition, "that");
            return self.arranged(event, &frame, Sign::Positive, relative);
        }
        let sign = match (holds, subject.is_indefinite()) {
            (true, _) => Sign::Positive,
            (false, true) => Sign::Nobody,
            (false, false) if self.dice.percent(75) => Sign::Not,
            (false, false) => Sign::Never,
        };
        self.arranged(event, &frame, sign, relative);
    }

    /// A clause whose verb's arrangement is known.
    fn arranged(&mut self, event: &Event, frame: &Frame, sign: Sign, relative: Option<&Event>) {
        let mut front = None;
        let subject = event.slot(frame.subject);
        // Behind `it is true that` nothing is put in front.
        if self.words.last() != Some(&"that") && self.dice.percent(20) {
            let which = *self.dice.pick(&[Circumstance::Place, Circumstance::Time]);
            let said =
                if which == Circumstance::Place { event.place.is_some() } else { event.time.is_some() };
            if said {
                self.circumstance(event, which);
                self.push(Tag::Comma, ",");
                front = Some(which);
            }
        } else if sign == Sign::Positive
            && !subject.is_indefinite()
            && relative.is_none()
            && self.dice.percent(12)
        {
            self.extend(&[(Tag::Pronoun, "it"), (Tag::Past, "was")]);
            self.participant(&subject, Article::Plain);
            if subject.kind.is_person() && self.dice.percent(60) {
                self.push(Tag::Who, "who");
            } else {
                self.push(Tag::Which, "that");
            }
            return self.happening(event, frame, sign, None);
        }
        self.participant(&subject, if sign == Sign::Nobody { Article::No } else { Article::Plain });
        if let Some(inner) = relative {
            self.extend(&[(Tag::Comma, ","), (Tag::Who, "who")]);
            let mut inner_frame = self.frame(inner);
            while inner_frame.subject != Slot::Agent {
                inner_frame = self.frame(inner);
            }
            self.happening(inner, &inner_frame, Sign::Positive, None);
            self.push(Tag::Comma, ",");
        }
        self.happening(event, frame, sign, front);
    }

    /// Verb, complements and circumstances but the one in front.
    fn happening(&mut self, event: &Event, frame: &Frame, sign: Sign, front: Option<Circumstance>) {
        let verb = self.dice.pick(frame.verb.0);
        let early = event.manner.is_some() && sign == Sign::Positive && self.dice.percent(35);
        if frame.passive {
            self.push(Tag::Past, "was");
        }
        match sign {
            Sign::Not if frame.passive => drop(self.push(Tag::Adverb, "not")),
            Sign::Not => self.extend(&[(Tag::Past, "did"), (Tag::Adverb, "not")]),
            Sign::Never => drop(self.push(Tag::Adverb, "never")),
            Sign::Positive | Sign::Nobody => {}
        }
        if early {
            self.circumstance(event, Circumstance::Manner);
        }
        match (frame.passive, sign) {
            (true, _) => self.push(Tag::Participle, &verb.participle),
            (false, Sign::Not) => self.push(Tag::Base, &verb.base),
            (false, _) => self.push(Tag::Past, &verb.past),
        };
        self.complements(event, frame, sign, None);
        let mut rest = [Circumstance::Place, Circumstance::Time];
        self.dice.shuffle(&mut rest);
        if !early {
            self.circumstance(event, Circumstance::Manner);
        }
        for which in rest {
            if Some(which) != front {
                self.circumstance(event, which);
            }
        }
    }

    /// What follows the verb. Nobody in particular is left out behind `by`, `from` and in the passive.
    pub(super) fn complements(&mut self, event: &Event, frame: &Frame, sign: Sign, without: Option<Slot>) {
        for &(preposition, slot) in &frame.complements {
            let who = event.slot(slot);
            let left_out = who.is_any()
                && (matches!(preposition, Some("by" | "from")) || preposition.is_some() && frame.passive);
            if left_out || without == Some(slot) {
                continue;
            }
            if let Some(preposition) = preposition {
                self.push(if preposition == "to" { Tag::To } else { Tag::Preposition }, preposition);
            }
            // `never something` would have two readings.
            let any =
                sign != Sign::Positive && (who.is_any() || who.is_indefinite() && self.dice.percent(50));
            self.participant(&who, if any { Article::Any } else { Article::Plain });
        }
    }
}
