//! Statements drawn at random.

use super::super::dice::{Dice, Domain};
use super::super::lexicon::LEXICON;
use super::event::{Action, Event, Place, Time};
use super::participant::{Kind, Participant, Who};
use super::statement::{Described, Scale, Statement};

/// Classes of nouns with their kinds, by domain.
const PEOPLE_OF_THE_TOWN: &[(&str, Kind)] = &[
    ("people", Kind::Person),
    ("people", Kind::Person),
    ("masculine", Kind::Man),
    ("feminine", Kind::Woman),
];
const PEOPLE_OF_THE_COAST: &[(&str, Kind)] = &[("people of the coast", Kind::Person)];
const THINGS_OF_THE_TOWN: &[(&str, Kind)] = &[
    ("things", Kind::Thing),
    ("things", Kind::Thing),
    ("fruit", Kind::Fruit),
    ("garments", Kind::Garment),
    ("tools", Kind::Tool),
    ("instruments", Kind::Instrument),
    ("flowers", Kind::Flower),
    ("vehicles", Kind::Vehicle),
    ("animals", Kind::Animal),
];
const THINGS_OF_THE_COAST: &[(&str, Kind)] =
    &[("gear", Kind::Thing), ("fish", Kind::Fish), ("boats", Kind::Boat), ("birds", Kind::Bird)];

impl Dice<'_> {
    /// Whether what is drawn next is of the coast.
    fn coast(&mut self) -> bool {
        match self.view.domain {
            Domain::Town => false,
            Domain::Coast => true,
            Domain::All => self.percent(35),
        }
    }

    /// Someone by name or by noun; none of these. Unlike a thing, hardly ever `a`.
    pub(super) fn person(&mut self, others: &[Participant]) -> Participant {
        loop {
            let person = match self.below(100) {
                0..22 => {
                    let (class, kind) =
                        *self.pick(&[("masculine names", Kind::Man), ("feminine names", Kind::Woman)]);
                    let name = *self.word(LEXICON.words(class));
                    Participant { who: Who::Name(name), kind, adjective: None }
                }
                drawn => {
                    let classes = if self.coast() { PEOPLE_OF_THE_COAST } else { PEOPLE_OF_THE_TOWN };
                    let (class, kind) = *self.pick(classes);
                    let noun = self.sense(LEXICON.nouns(class));
                    let who = if drawn < 34 { Who::A(noun) } else { Who::The(noun) };
                    Participant { who, kind, adjective: None }
                }
            };
            if !others.iter().any(|other| other.resembles(&person)) {
                return person;
            }
        }
    }

    /// A thing or an animal; none of these.
    pub(super) fn thing(&mut self, others: &[Participant]) -> Participant {
        let classes = if self.coast() { THINGS_OF_THE_COAST } else { THINGS_OF_THE_TOWN };
        let (class, kind) = *self.pick(classes);
        self.thing_of(class, kind, others)
    }

    fn thing_of(&mut self, class: &str, kind: Kind, others: &[Participant]) -> Participant {
        loop {
            let noun = self.sense(LEXICON.nouns(class));
            let who = if self.percent(45) { Who::A(noun) } else { Who::The(noun) };
            let thing = Participant { who, kind, adjective: None };
            if !others.iter().any(|other| other.resembles(&thing)) {
                return thing;
            }
        }
    }

    /// Another of the same kind, with the same article.
    pub(super) fn sibling(&mut self, of: &Participant) -> Participant {
        if of.kind.is_person() {
            return self.person(&[*of]);
        }
        let coast = THINGS_OF_THE_COAST.iter();
        let found = match self.view.domain {
            Domain::Coast => coast.clone().find(|(_, kind)| *kind == of.kind),
            _ => THINGS_OF_THE_TOWN.iter().chain(coast).find(|(_, kind)| *kind == of.kind),
        };
        let mut other = match found {
            Some((class, kind)) => self.thing_of(class, *kind, &[*of]),
            None => self.thing(&[*of]),
        };
        if let (Who::A(noun) | Who::The(noun), Who::A(_)) = (other.who, of.who) {
            other.who = Who::A(noun);
        } else if let (Who::A(noun), Who::The(_)) = (other.who, of.who) {
            other.who = Who::The(noun);
        }
        other
    }

    /// Describes someone or something now and then.
    pub(super) fn describe(&mut self, participant: &mut Participant, chance: usize) {
        if matches!(participant.who, Who::A(_) | Who::The(_)) && self.percent(chance) {
            let living =
                participant.kind.is_person() || matches!(participant.kind, Kind::Animal | Kind::Bird);
            let class = if living { "adjectives of the living" } else { "adjectives of things" };
            participant.adjective = Some(self.sense(LEXICON.words(class)));
        }
    }

    pub(super) fn where_to(&mut self) -> Place {
        let class = if self.coast() { "places of the coast" } else { "places" };
        let preposition = *self.pick(&["in", "near", "behind"]);
        Place { preposition, noun: self.sense(LEXICON.nouns(class)) }
    }

    pub(super) fn when(&mut self) -> Time {
        match self.below(6) {
            0 => Time::Yesterday,
            1 => Time::LastWeek,
            2 => {
                let hour = *self.pick(&["noon", "midnight"]);
                Time::At(hour)
            }
            3 => {
                let day = *self.word(LEXICON.words("days"));
                Time::Day(day)
            }
            4 => Time::Season(self.sense(LEXICON.words("seasons"))),
            _ => {
                let part = *self.word(LEXICON.words("parts of the day"));
                Time::Part(part)
            }
        }
    }

    /// What happens, and to whom or what it does: a person, a thing, or nobody.
    pub(super) fn action(&mut self) -> (Action, Option<Kind>) {
        match self.below(100) {
            0..15 => (Action::Alone(self.sense(LEXICON.verbs("intransitive"))), None),
            15..45 => (self.upon(Kind::Person), Some(Kind::Person)),
            45..72 => (self.upon(Kind::Thing), Some(Kind::Thing)),
            _ => (self.transfer(), Some(Kind::Thing)),
        }
    }

    /// A verb with a person, or with something of another kind.
    pub(super) fn upon(&mut self, kind: Kind) -> Action {
        let classes = match kind.is_person() {
            true => ["transitive people", "at times transitive people"],
            false => ["transitive things", "at times transitive things"],
        };
        let class = *self.pick(&classes);
        Action::Upon(self.sense(LEXICON.verbs(class)))
    }

    /// A verb with a receiver.
    pub(super) fn transfer(&mut self) -> Action {
        let givers = LEXICON.verbs("ditransitive");
        let place = self.place(givers);
        let receivers = LEXICON.verbs("converse");
        // In the lexicon's order: give, send, show, offer, lend, hand, sell; receive, borrow, buy.
        let converse = match place {
            0 => Some(receivers.sense(0)),
            4 => Some(receivers.sense(1)),
            6 => Some(receivers.sense(2)),
            _ => None,
        };
        Action::Transfer(givers.sense(place), converse)
    }

    /// An event with some of its circumstances.
    pub(in super::super) fn event(&mut self) -> Event {
        let (action, kind) = self.action();
        let mut agent = self.person(&[]);
        let mut patient =
            kind.map(|kind| if kind.is_person() { self.person(&[agent]) } else { self.thing(&[]) });
        let mut recipient = matches!(action, Action::Transfer(..)).then(|| self.person(&[agent]));
        self.describe(&mut agent, 12);
        for participant in patient.iter_mut().chain(&mut recipient) {
            self.describe(participant, 18);
        }
        Event {
            action,
            agent,
            patient,
            recipient,
            place: self.percent(45).then(|| self.where_to()),
            time: self.percent(40).then(|| self.when()),
            manner: self.percent(20).then(|| self.sense(LEXICON.words("manner adverbs"))),
        }
    }

    /// An event of which all is said: verb, who, to whom or what, where and when.
    pub(in super::super) fn full_event(&mut self) -> Event {
        let kind = if self.percent(40) { Kind::Person } else { Kind::Thing };
        let agent = self.person(&[]);
        let patient = if kind.is_person() { self.person(&[agent]) } else { self.thing(&[]) };
        Event {
            action: self.upon(kind),
            agent,
            patient: Some(patient),
            recipient: None,
            place: Some(self.where_to()),
            time: Some(self.when()),
            manner: None,
        }
    }

    /// A statement of any sort that holds.
    pub(in super::super) fn statement(&mut self) -> Statement {
        match self.below(100) {
            0..80 => Statement::Event { event: self.event(), holds: true },
            80..89 => {
                let of = if self.percent(40) { Described::Things } else { Described::Living };
                let who = match of {
                    Described::Things => self.definite_thing(),
                    Described::Living => self.definite_person(&[]),
                };
                Statement::State { who, scale: self.scale(of), holds: true }
            }
            _ => {
                let more = self.definite_person(&[]);
                let less = self.definite_person(&[more]);
                Statement::Comparison { more, less, scale: self.scale(Described::Living), holds: true }
            }
        }
    }

    /// A pair of opposites.
    pub(super) fn scale(&mut self, of: Described) -> Scale {
        let class = match of {
            Described::Things => "more of things",
            Described::Living => "more of the living",
        };
        let place = self.place(LEXICON.words(class));
        Scale { of, place, upper: self.percent(50) }
    }

    pub(super) fn definite_person(&mut self, others: &[Participant]) -> Participant {
        loop {
            let person = self.person(others);
            if !person.is_indefinite() {
                return person;
            }
        }
    }

    fn definite_thing(&mut self) -> Participant {
        loop {
            let thing = self.thing(&[]);
            if !thing.is_indefinite() {
                return thing;
            }
        }
    }
}

impl Participant {
    /// Whether both are of one kind that is not people.
    pub(in super::super) fn is_like(&self, other: &Self) -> bool {
        self.kind == other.kind && self.kind != Kind::Thing && !self.kind.is_person()
    }

    /// Whether both have the same noun or name.
    pub(in super::super) fn resembles(&self, other: &Self) -> bool {
        match (self.who, other.who) {
            (Who::A(noun) | Who::The(noun), Who::A(other) | Who::The(other)) => noun == other,
            (own, theirs) => own == theirs,
        }
    }
}
