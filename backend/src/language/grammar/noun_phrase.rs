//! Noun phrases: `the old man near the house`, `Anna`, `he`.

use super::super::lexicon::{Class, LEXICON, Noun};
use super::super::sentence::{Edit, Rule, Sentence};
use super::super::tag::Tag;

/// How many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Number {
    Singular,
    Plural,
}

impl Number {
    /// A noun's form and its part of speech.
    pub(in super::super) fn of(self, noun: &'static Noun) -> (Tag, &'static str) {
        match self {
            Number::Singular => (Tag::Noun, &noun.singular),
            Number::Plural => (Tag::Plural, &noun.plural),
        }
    }
}

/// What a phrase may speak of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Sort {
    /// People, also by name.
    Person,
    /// People and animals.
    Animate,
    /// Things that can be carried.
    Thing,
}

/// What a phrase is of its clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Subject,
    /// An object, or part of a place.
    Other,
}

/// What its verb and its reflexive must agree with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in super::super) struct Subject {
    pub number: Number,
    /// Its reflexive and one that is not its own, where a person's gender is known.
    pub reflexive: Option<(&'static str, &'static str)>,
}

const HIM: (&str, &str) = ("himself", "herself");
const HER: (&str, &str) = ("herself", "himself");
const THEM: (&str, &str) = ("themselves", "himself");

/// Classes of things that can be carried.
const THINGS: [&str; 8] =
    ["things", "things", "things", "fruit", "garments", "tools", "instruments", "flowers"];

impl Sentence<'_, '_> {
    /// Singular or plural, evenly.
    pub(in super::super) fn number(&mut self) -> Number {
        if self.dice.percent(50) { Number::Singular } else { Number::Plural }
    }

    /// A subject of a kind: a pronoun, a name, two people, or a noun with what describes it.
    pub(in super::super) fn subject(&mut self, sort: Sort) -> Subject {
        match self.dice.below(100) {
            0..12 if sort != Sort::Thing => self.pronoun(),
            12..24 if sort != Sort::Thing => self.name(),
            24..28 if sort != Sort::Thing => {
                self.described(sort, Number::Singular, Role::Subject);
                self.push(Tag::Conjunction, "and");
                self.described(sort, Number::Singular, Role::Subject);
                Subject { number: Number::Plural, reflexive: Some(THEM) }
            }
            _ => {
                let number = self.number();
                let subject = self.described(sort, number, Role::Subject);
                if self.dice.percent(12) {
                    self.place();
                }
                subject
            }
        }
    }

    /// An object of a kind; the words it took.
    pub(in super::super) fn object(&mut self, sort: Sort) -> std::ops::Range<usize> {
        let start = self.words.len();
        match self.dice.below(100) {
            0..15 if sort == Sort::Person => {
                let (object, subject) = *self.dice.pick(&[("him", "he"), ("her", "she"), ("them", "they")]);
                let at = self.push(Tag::Pronoun, object);
                self.breakable(Rule::Case, Edit::Replace(at, subject));
            }
            15..30 if sort == Sort::Person => {
                self.name();
            }
            _ => {
                let number = self.number();
                self.described(sort, number, Role::Other);
            }
        }
        start..self.words.len()
    }

    /// `near the house`: a place, whose number is not the subject's.
    pub(in super::super) fn place(&mut self) {
        let preposition = *self.dice.word(LEXICON.words("prepositions"));
        self.push(Tag::Preposition, preposition);
        let number = self.number();
        let noun = self.dice.word(LEXICON.nouns("places"));
        self.determined(noun, number, Role::Other, None);
    }

    fn pronoun(&mut self) -> Subject {
        let (subject, object, number, reflexive) = *self.dice.pick(&[
            ("he", "him", Number::Singular, HIM),
            ("she", "her", Number::Singular, HER),
            ("they", "them", Number::Plural, THEM),
        ]);
        let at = self.push(Tag::Pronoun, subject);
        self.breakable(Rule::Case, Edit::Replace(at, object));
        Subject { number, reflexive: Some(reflexive) }
    }

    fn name(&mut self) -> Subject {
        let (class, reflexive) = *self.dice.pick(&[("masculine names", HIM), ("feminine names", HER)]);
        let name = *self.dice.word(LEXICON.words(class));
        self.push(Tag::Name, name);
        Subject { number: Number::Singular, reflexive: Some(reflexive) }
    }

    /// A determiner, perhaps an adjective, a noun.
    fn described(&mut self, sort: Sort, number: Number, role: Role) -> Subject {
        let (nouns, own): (&'static Class<Noun>, _) = match (sort, self.dice.below(100)) {
            (Sort::Thing, _) => {
                let class = *self.dice.pick(&THINGS);
                (LEXICON.nouns(class), None)
            }
            (Sort::Animate, 0..40) => (LEXICON.nouns("animals"), None),
            (_, 0..45) => (LEXICON.nouns("people"), None),
            (_, 45..55) => (LEXICON.nouns("people of the coast"), None),
            (_, 55..78) => (LEXICON.nouns("masculine"), Some(HIM)),
            _ => (LEXICON.nouns("feminine"), Some(HER)),
        };
        let noun = self.dice.word(nouns);
        let adjectives =
            if sort == Sort::Thing { "adjectives of things" } else { "adjectives of the living" };
        let adjective =
            if self.dice.percent(20) { Some(*self.dice.word(LEXICON.words(adjectives))) } else { None };
        self.determined(noun, number, role, adjective);
        let reflexive = match number {
            Number::Plural => Some(THEM),
            Number::Singular => own,
        };
        Subject { number, reflexive }
    }

    fn determined(
        &mut self,
        noun: &'static Noun,
        number: Number,
        role: Role,
        adjective: Option<&'static str>,
    ) {
        let (right, wrong) = match number {
            Number::Singular => ("singular determiners", "plural determiners"),
            Number::Plural => ("plural determiners", "singular determiners"),
        };
        // `says that man sleeps` would be a sentence again.
        let after_that = self.words.last() == Some(&"that");
        let determiner = if self.dice.percent(45) { "the" } else { *self.dice.word(LEXICON.words(right)) };
        let tag = match determiner {
            "many" | "several" | "few" => Tag::Adjective,
            "two" | "three" => Tag::Number,
            _ => Tag::Determiner,
        };
        let at = self.push(tag, determiner);
        let misfit = *self.dice.word(LEXICON.words(wrong));
        self.breakable(Rule::DeterminerNumber, Edit::Replace(at, misfit));
        if number == Number::Singular && !after_that {
            self.breakable(Rule::Determiner, Edit::Delete(at..at + 1));
        }
        self.breakable(Rule::Order, Edit::Swap(at));
        if let Some(adjective) = adjective {
            let at = self.push(Tag::Adjective, adjective);
            // An object may be followed by its predicate: `finds the cup old`.
            if role == Role::Subject {
                self.breakable(Rule::Order, Edit::Swap(at));
            }
        }
        let (tag, form) = number.of(noun);
        self.push(tag, form);
    }
}
