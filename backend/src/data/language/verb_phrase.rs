//! Verb phrases: tense and auxiliaries, then the arguments that a verb asks for.

use super::lexicon::{LEXICON, Verb};
use super::noun_phrase::{Number, Sort, Subject};
use super::sentence::{Edit, Rule, Sentence};

/// Which form an auxiliary asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Base,
    Participle,
}

impl Sentence<'_> {
    /// A verb phrase of any frame for a subject that may do all that a person does.
    pub(super) fn verb_phrase(&mut self, subject: Subject) {
        match self.stream.below(100) {
            0..18 => self.intransitive(subject),
            18..34 => self.transitive(subject, &LEXICON.transitive_people, Sort::Person),
            34..50 => self.transitive(subject, &LEXICON.transitive_things, Sort::Thing),
            50..62 => self.ditransitive(subject),
            62..72 => self.control(subject),
            72..86 => self.predicate(subject),
            _ => self.reflexive(subject),
        }
    }

    /// `sleeps quietly`
    pub(super) fn intransitive(&mut self, subject: Subject) {
        let verb = self.pick(&LEXICON.intransitive);
        self.finite(verb, subject.number);
        self.no_object();
        self.manner();
    }

    /// `admires the queen`
    fn transitive(&mut self, subject: Subject, verbs: &'static [Verb], sort: Sort) {
        let verb = self.pick(verbs);
        self.finite(verb, subject.number);
        self.needed_object(sort);
        self.manner();
    }

    /// `gives the child a book`, `gives a book to the child`
    fn ditransitive(&mut self, subject: Subject) {
        let verb = self.pick(&LEXICON.ditransitive);
        self.finite(verb, subject.number);
        if self.percent(50) {
            // Without its thing, `shows the child` would be a sentence again.
            self.object(Sort::Person);
            self.object(Sort::Thing);
        } else {
            self.needed_object(Sort::Thing);
            self.push("to");
            self.object(Sort::Person);
        }
    }

    /// `wants to sleep`
    fn control(&mut self, subject: Subject) {
        let verb = self.pick(&LEXICON.control);
        self.finite(verb, subject.number);
        self.push("to");
        if self.percent(50) {
            let inner = self.pick(&LEXICON.intransitive);
            self.governed(inner, Form::Base);
            self.no_object();
        } else {
            let inner = self.pick(&LEXICON.transitive_things);
            self.governed(inner, Form::Base);
            self.needed_object(Sort::Thing);
        }
    }

    /// `is very tired`, `was in the garden`, `were praised by the king`
    fn predicate(&mut self, subject: Subject) {
        self.copula(subject.number);
        match self.stream.below(3) {
            0 => {
                if self.percent(40) {
                    let intensifier = *self.pick(LEXICON.class("intensifiers"));
                    self.push(intensifier);
                }
                let adjective = *self.pick(LEXICON.class("adjectives of the living"));
                self.push(adjective);
            }
            1 => self.place(),
            _ => {
                let verb = self.pick(&LEXICON.transitive_people);
                self.governed(verb, Form::Participle);
                self.push("by");
                self.object(Sort::Person);
            }
        }
    }

    /// `praises himself`
    fn reflexive(&mut self, subject: Subject) {
        let Some((own, other)) = subject.reflexive else { return self.intransitive(subject) };
        let verb = self.pick(&LEXICON.transitive_people);
        self.finite(verb, subject.number);
        let at = self.push(own);
        self.breakable(Rule::Reflexive, Edit::Replace(at, other));
        self.breakable(Rule::Arguments, Edit::Delete(at..at + 1));
    }

    /// `is`, `are`, `was` or `were`.
    pub(super) fn copula(&mut self, number: Number) {
        let (singular, plural) = *self.pick(&[("is", "are"), ("was", "were")]);
        self.agreeing(number, singular, plural);
    }

    /// A verb with its tense: present, past, or behind an auxiliary.
    pub(super) fn finite(&mut self, verb: &'static Verb, number: Number) {
        match self.stream.below(100) {
            0..40 => {
                self.agreeing(number, &verb.third, &verb.base);
            }
            40..55 => {
                self.push(&verb.past);
            }
            55..70 => {
                let modal = *self.pick(LEXICON.class("modals"));
                let at = self.push(modal);
                self.breakable(Rule::Order, Edit::Swap(at));
                self.governed(verb, Form::Base);
            }
            70..85 => {
                self.agreeing(number, "does", "do");
                self.push("not");
                self.governed(verb, Form::Base);
            }
            _ => {
                let at = self.agreeing(number, "has", "have");
                self.breakable(Rule::Order, Edit::Swap(at));
                self.governed(verb, Form::Participle);
            }
        }
    }

    /// A verb in the form that what stands before it asks for.
    pub(super) fn base(&mut self, verb: &'static Verb) {
        self.governed(verb, Form::Base);
    }

    fn governed(&mut self, verb: &'static Verb, form: Form) {
        let (right, wrong): (&'static str, &'static str) = match form {
            Form::Base => (&verb.base, if self.percent(50) { &verb.third } else { &verb.past }),
            Form::Participle => (&verb.participle, if self.percent(50) { &verb.third } else { &verb.base }),
        };
        let at = self.push(right);
        self.breakable(Rule::VerbForm, Edit::Replace(at, wrong));
    }

    /// A word in the form of this number; its place.
    pub(super) fn agreeing(&mut self, number: Number, singular: &'static str, plural: &'static str) -> usize {
        let (right, wrong) = match number {
            Number::Singular => (singular, plural),
            Number::Plural => (plural, singular),
        };
        let at = self.push(right);
        self.breakable(Rule::Agreement, Edit::Replace(at, wrong));
        at
    }

    /// An object that the verb cannot go without.
    pub(super) fn needed_object(&mut self, sort: Sort) {
        let range = self.object(sort);
        self.breakable(Rule::Arguments, Edit::Delete(range));
    }

    /// The verb before takes no object: one would break the sentence.
    pub(super) fn no_object(&mut self) {
        let at = self.words.len();
        let mut object = Sentence::new(&mut *self.stream);
        object.object(Sort::Thing);
        let words = object.words;
        self.breakable(Rule::Arguments, Edit::Insert(at, words));
    }

    fn manner(&mut self) {
        if self.percent(25) {
            let adverb = *self.pick(LEXICON.class("manner adverbs"));
            self.push(adverb);
        }
    }
}
