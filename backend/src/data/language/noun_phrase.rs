//! Noun phrases: `the old man near the house`, `Anna`, `he`.

use super::lexicon::{LEXICON, Noun};
use super::sentence::{Edit, Rule, Sentence};

/// How many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Number {
    Singular,
    Plural,
}

/// What a phrase may speak of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    /// People, also by name.
    Person,
    /// People and animals.
    Animate,
    /// Things that can be carried.
    Thing,
}

/// What its verb and its reflexive must agree with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Subject {
    pub number: Number,
    /// Its reflexive and one that is not its own, where a person's gender is known.
    pub reflexive: Option<(&'static str, &'static str)>,
}

const HIM: (&str, &str) = ("himself", "herself");
const HER: (&str, &str) = ("herself", "himself");
const THEM: (&str, &str) = ("themselves", "himself");

impl Sentence<'_> {
    /// Singular or plural, evenly.
    pub(super) fn number(&mut self) -> Number {
        if self.percent(50) { Number::Singular } else { Number::Plural }
    }

    /// A subject of a kind: a pronoun, a name, two people, or a noun with what describes it.
    pub(super) fn subject(&mut self, sort: Sort) -> Subject {
        match self.stream.below(100) {
            0..12 if sort != Sort::Thing => self.pronoun(),
            12..24 if sort != Sort::Thing => self.name(),
            24..28 if sort != Sort::Thing => {
                self.described(sort, Number::Singular, true);
                self.push("and");
                self.described(sort, Number::Singular, true);
                Subject { number: Number::Plural, reflexive: Some(THEM) }
            }
            _ => {
                let number = self.number();
                let subject = self.described(sort, number, true);
                if self.percent(8) {
                    self.place();
                }
                subject
            }
        }
    }

    /// An object of a kind; the words it took.
    pub(super) fn object(&mut self, sort: Sort) -> std::ops::Range<usize> {
        let start = self.words.len();
        match self.stream.below(100) {
            0..15 if sort == Sort::Person => {
                let (object, subject) = *self.pick(&[("him", "he"), ("her", "she"), ("them", "they")]);
                let at = self.push(object);
                self.breakable(Rule::Case, Edit::Replace(at, subject));
            }
            15..30 if sort == Sort::Person => {
                self.name();
            }
            _ => {
                let number = self.number();
                self.described(sort, number, false);
            }
        }
        start..self.words.len()
    }

    /// `near the house`: a place, whose number is not the subject's.
    pub(super) fn place(&mut self) {
        let preposition = *self.pick(LEXICON.class("prepositions"));
        self.push(preposition);
        let number = self.number();
        let noun = self.pick(&LEXICON.places);
        self.determined(noun, number, false, None);
    }

    fn pronoun(&mut self) -> Subject {
        let (subject, object, number, reflexive) = *self.pick(&[
            ("he", "him", Number::Singular, HIM),
            ("she", "her", Number::Singular, HER),
            ("they", "them", Number::Plural, THEM),
        ]);
        let at = self.push(subject);
        self.breakable(Rule::Case, Edit::Replace(at, object));
        Subject { number, reflexive: Some(reflexive) }
    }

    fn name(&mut self) -> Subject {
        let (class, reflexive) = *self.pick(&[("masculine names", HIM), ("feminine names", HER)]);
        let name = *self.pick(LEXICON.class(class));
        self.push(name);
        Subject { number: Number::Singular, reflexive: Some(reflexive) }
    }

    /// A determiner, perhaps an adjective, a noun.
    fn described(&mut self, sort: Sort, number: Number, is_subject: bool) -> Subject {
        let (nouns, own): (&'static [Noun], _) = match (sort, self.stream.below(100)) {
            (Sort::Thing, _) => (&LEXICON.things, None),
            (Sort::Animate, 0..40) => (&LEXICON.animals, None),
            (_, 0..55) => (&LEXICON.people, None),
            (_, 55..78) => (&LEXICON.masculine, Some(HIM)),
            _ => (&LEXICON.feminine, Some(HER)),
        };
        let noun = self.pick(nouns);
        let adjectives =
            if sort == Sort::Thing { "adjectives of things" } else { "adjectives of the living" };
        let adjective = if self.percent(20) { Some(*self.pick(LEXICON.class(adjectives))) } else { None };
        self.determined(noun, number, is_subject, adjective);
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
        is_subject: bool,
        adjective: Option<&'static str>,
    ) {
        let (right, wrong, form) = match number {
            Number::Singular => ("singular determiners", "plural determiners", &noun.singular),
            Number::Plural => ("plural determiners", "singular determiners", &noun.plural),
        };
        // `says that man sleeps` would be a sentence again.
        let after_that = self.words.last() == Some(&"that");
        let determiner = if self.percent(45) { "the" } else { *self.pick(LEXICON.class(right)) };
        let at = self.push(determiner);
        let misfit = *self.pick(LEXICON.class(wrong));
        self.breakable(Rule::DeterminerNumber, Edit::Replace(at, misfit));
        if number == Number::Singular && !after_that {
            self.breakable(Rule::Determiner, Edit::Delete(at..at + 1));
        }
        self.breakable(Rule::Order, Edit::Swap(at));
        if let Some(adjective) = adjective {
            let at = self.push(adjective);
            // An object may be followed by its predicate: `finds the cup old`.
            if is_subject {
                self.breakable(Rule::Order, Edit::Swap(at));
            }
        }
        self.push(form);
    }
}
