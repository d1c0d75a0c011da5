//! Changes of an event's meaning.

use super::super::dice::Dice;
use super::super::lexicon::LEXICON;
use super::event::{Action, Event, Place};
use super::participant::{Kind, Participant, Who};
use super::statement::Statement;

impl Dice<'_> {
    /// A statement that tells of nearly the same: another role, person, thing, verb or circumstance.
    pub(in super::super) fn varied(&mut self, statement: &Statement) -> Statement {
        let mut changed = *statement;
        match &mut changed {
            Statement::Event { event, .. } => match self.below(100) {
                0..40 => self.swap_roles(event),
                40..60 => self.replace(event),
                60..72 => self.other_verb(event),
                72..90 => self.other_circumstance(event),
                _ => self.special(event),
            },
            Statement::State { who, scale, .. } => match self.below(3) {
                0 => *who = self.sibling(who),
                1 => scale.upper = !scale.upper,
                _ => *scale = self.scale(scale.of),
            },
            Statement::Comparison { more, less, scale, .. } => match self.below(4) {
                0 => *less = self.definite_person(&[*more]),
                1 => *scale = self.scale(scale.of),
                _ => std::mem::swap(more, less),
            },
        }
        changed
    }

    /// A statement that says less: something left out, or said in general.
    pub(in super::super) fn generalised(&mut self, statement: &Statement) -> Statement {
        let mut changed = *statement;
        if let Statement::Event { event, .. } = &mut changed {
            match self.below(3) {
                0 => self.general(event),
                _ => self.drop_circumstance(event),
            }
        }
        changed
    }

    /// A statement that says more.
    pub(in super::super) fn specialised(&mut self, statement: &Statement) -> Statement {
        let mut changed = *statement;
        if let Statement::Event { event, .. } = &mut changed {
            self.special(event);
        }
        changed
    }

    /// An event with all parts, of which each stays as it is so many times in ten.
    pub(in super::super) fn fading(&mut self, event: &Event, tenths: usize) -> Event {
        let Event { action, agent, patient, place, .. } = *event;
        let kind = patient.map_or(Kind::Thing, |patient| patient.kind);
        let person = kind.is_person();
        let mut other = *event;
        // All words the same, and yet another story.
        if person && self.percent(20) {
            self.swap_roles(&mut other);
        } else {
            if !self.percent(10 * tenths) {
                other.agent = self.person(patient.as_slice());
            }
            if !self.percent(10 * tenths) {
                let near = self.percent(40);
                other.patient = match patient {
                    Some(patient) if near && !person => Some(self.sibling(&patient)),
                    _ if person => Some(self.person(&[agent, other.agent])),
                    _ => Some(self.thing(patient.as_slice())),
                };
            }
        }
        while !self.percent(10 * tenths) {
            other.action = self.upon(kind);
            if other.action != action {
                break;
            }
        }
        if !self.percent(10 * tenths) {
            let new = self.where_to();
            let keep = self.percent(30);
            other.place = place.map(|old| Place { noun: if keep { old.noun } else { new.noun }, ..new });
        }
        if !self.percent(10 * tenths) {
            other.time = Some(self.when());
        }
        other
    }

    /// Who does it and who undergoes it change places; otherwise one of them becomes another.
    fn swap_roles(&mut self, event: &mut Event) {
        let Event { agent, patient, recipient, .. } = event;
        match (patient, recipient) {
            (_, Some(other)) if !other.is_any() => std::mem::swap(agent, other),
            (Some(other), _) if other.kind.is_person() && !other.is_any() => std::mem::swap(agent, other),
            _ => self.replace(event),
        }
    }

    /// One of the participants becomes another of its kind.
    fn replace(&mut self, event: &mut Event) {
        let count = event.participants().count();
        let at = self.below(count);
        let others: Vec<Participant> = event.participants().copied().collect();
        if let Some(participant) = event.participants_mut().nth(at) {
            loop {
                let new = self.sibling(participant);
                if !others.iter().any(|other| other.resembles(&new)) {
                    *participant = Participant {
                        adjective: participant.adjective.filter(|_| !matches!(new.who, Who::Name(_))),
                        ..new
                    };
                    return;
                }
            }
        }
    }

    fn other_verb(&mut self, event: &mut Event) {
        let before = event.action;
        while event.action == before {
            event.action = match before {
                Action::Alone(_) => Action::Alone(self.sense(LEXICON.verbs("intransitive"))),
                Action::Upon(_) => self.upon(event.patient.map_or(Kind::Thing, |patient| patient.kind)),
                Action::Transfer(..) => self.transfer(),
            };
        }
    }

    /// Another place, time or manner in place of one that is there; otherwise another participant.
    fn other_circumstance(&mut self, event: &mut Event) {
        let before = *event;
        let there = [event.place.is_some(), event.time.is_some(), event.manner.is_some()];
        if there == [false; 3] {
            return self.replace(event);
        }
        while *event == before {
            match self.below(3) {
                0 if there[0] => event.place = Some(self.where_to()),
                1 if there[1] => event.time = Some(self.when()),
                2 if there[2] => event.manner = Some(self.sense(LEXICON.words("manner adverbs"))),
                _ => {}
            }
        }
    }

    fn drop_circumstance(&mut self, event: &mut Event) {
        let there = [event.place.is_some(), event.time.is_some(), event.manner.is_some()];
        if there == [false; 3] {
            return self.general(event);
        }
        let before = *event;
        while *event == before {
            match self.below(3) {
                0 => event.place = None,
                1 => event.time = None,
                _ => event.manner = None,
            }
        }
    }

    /// One of the participants in general terms: `a fruit`, `someone`.
    fn general(&mut self, event: &mut Event) {
        let count = event.participants().count();
        let at = self.below(count);
        let Some(participant) = event.participants_mut().nth(at) else { return };
        if participant.adjective.is_some() && self.percent(60) {
            participant.adjective = None;
            return;
        }
        let kind = participant.kind;
        *participant = match participant.who {
            Who::The(noun) if self.percent(30) => Participant { who: Who::A(noun), ..*participant },
            Who::The(_) | Who::A(_) | Who::Name(_) if kind != Kind::Thing && self.percent(60) => {
                Participant { who: Who::Some(kind), kind, adjective: None }
            }
            _ => Participant::any(kind),
        };
    }

    /// A circumstance or a description more, or someone in particular.
    fn special(&mut self, event: &mut Event) {
        let before = *event;
        while *event == before {
            match self.below(6) {
                0 | 1 if event.place.is_none() => event.place = Some(self.where_to()),
                2 | 3 if event.time.is_none() => event.time = Some(self.when()),
                4 if event.manner.is_none() => {
                    event.manner = Some(self.sense(LEXICON.words("manner adverbs")));
                }
                _ => {
                    let count = event.participants().count();
                    let at = self.below(count);
                    if let Some(participant) = event.participants_mut().nth(at) {
                        if participant.is_any() {
                            *participant =
                                if participant.kind.is_person() { self.person(&[]) } else { self.thing(&[]) };
                        } else if participant.adjective.is_none() {
                            self.describe(participant, 100);
                        }
                    }
                    if *event == before
                        && event.place.is_some()
                        && event.time.is_some()
                        && event.manner.is_some()
                    {
                        // Nothing is left to add.
                        return;
                    }
                }
            }
        }
    }
}
