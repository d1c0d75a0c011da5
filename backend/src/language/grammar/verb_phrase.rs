//! Verb phrases: tense and auxiliaries, then the arguments that a verb asks for.

use super::super::lexicon::{Class, LEXICON, Verb};
use super::super::sentence::{Edit, Rule, Sentence};
use super::super::tag::Tag;
use super::noun_phrase::{Number, Sort, Subject};

/// Which form an auxiliary asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Base,
    Participle,
}

/// A form of a verb with its tag.
#[derive(Clone, Copy, Debug)]
pub(super) struct Inflected {
    tag: Tag,
    word: &'static str,
}

impl Inflected {
    /// Of the present, the third person singular.
    pub(super) fn third(word: &'static str) -> Self {
        Self { tag: Tag::Third, word }
    }

    /// Of the present, all else.
    pub(super) fn present(word: &'static str) -> Self {
        Self { tag: Tag::Present, word }
    }

    /// Of the past.
    fn past(word: &'static str) -> Self {
        Self { tag: Tag::Past, word }
    }
}

impl Sentence<'_, '_> {
    /// A verb phrase of any frame for a subject that may do all that a person does.
    pub(super) fn verb_phrase(&mut self, subject: Subject) {
        match self.dice.below(100) {
            0..18 => self.intransitive(subject),
            18..34 => self.transitive(subject, LEXICON.verbs("transitive people"), Sort::Person),
            34..50 => self.transitive(subject, LEXICON.verbs("transitive things"), Sort::Thing),
            50..62 => self.ditransitive(subject),
            62..72 => self.control(subject),
            72..86 => self.predicate(subject),
            _ => self.reflexive(subject),
        }
    }

    /// `sleeps quietly`
    pub(in super::super) fn intransitive(&mut self, subject: Subject) {
        let verb = self.dice.word(LEXICON.verbs("intransitive"));
        self.finite(verb, subject.number);
        self.no_object();
        self.manner();
    }

    /// `admires the queen`
    fn transitive(&mut self, subject: Subject, verbs: &'static Class<Verb>, sort: Sort) {
        let verb = self.dice.word(verbs);
        self.finite(verb, subject.number);
        self.needed_object(sort);
        self.manner();
    }

    /// `gives the child a book`, `gives a book to the child`
    fn ditransitive(&mut self, subject: Subject) {
        let verb = self.dice.word(LEXICON.verbs("ditransitive"));
        self.finite(verb, subject.number);
        if self.dice.percent(50) {
            // Without its thing, `shows the child` would be a sentence again.
            self.object(Sort::Person);
            self.object(Sort::Thing);
        } else {
            // So would `sells to the child`.
            self.object(Sort::Thing);
            self.push(Tag::To, "to");
            self.object(Sort::Person);
        }
    }

    /// `wants to sleep`
    fn control(&mut self, subject: Subject) {
        let verb = self.dice.word(LEXICON.verbs("control"));
        self.finite(verb, subject.number);
        self.push(Tag::To, "to");
        if self.dice.percent(50) {
            let inner = self.dice.word(LEXICON.verbs("intransitive"));
            self.governed(inner, Form::Base);
            self.no_object();
        } else {
            let inner = self.dice.word(LEXICON.verbs("transitive things"));
            self.governed(inner, Form::Base);
            self.needed_object(Sort::Thing);
        }
    }

    /// `is very tired`, `was in the garden`, `were praised by the king`
    fn predicate(&mut self, subject: Subject) {
        self.copula(subject.number);
        match self.dice.below(3) {
            0 => {
                if self.dice.percent(40) {
                    let intensifier = *self.dice.word(LEXICON.words("intensifiers"));
                    self.push(Tag::Adverb, intensifier);
                }
                let adjective = *self.dice.word(LEXICON.words("adjectives of the living"));
                self.push(Tag::Adjective, adjective);
            }
            1 => self.place(),
            _ => {
                let verb = self.dice.word(LEXICON.verbs("transitive people"));
                self.governed(verb, Form::Participle);
                self.push(Tag::Preposition, "by");
                self.object(Sort::Person);
            }
        }
    }

    /// `praises himself`
    fn reflexive(&mut self, subject: Subject) {
        let Some((own, other)) = subject.reflexive else { return self.intransitive(subject) };
        let verb = self.dice.word(LEXICON.verbs("transitive people"));
        self.finite(verb, subject.number);
        let at = self.push(Tag::Pronoun, own);
        self.breakable(Rule::Reflexive, Edit::Replace(at, other));
        self.breakable(Rule::Arguments, Edit::Delete(at..at + 1));
    }

    /// `is`, `are`, `was` or `were`.
    pub(in super::super) fn copula(&mut self, number: Number) {
        if self.dice.percent(50) {
            self.agreeing(number, Inflected::third("is"), Inflected::present("are"));
        } else {
            self.agreeing(number, Inflected::past("was"), Inflected::past("were"));
        }
    }

    /// A verb with its tense: present, past, or behind an auxiliary.
    pub(super) fn finite(&mut self, verb: &'static Verb, number: Number) {
        match self.dice.below(100) {
            0..40 => {
                self.agreeing(number, Inflected::third(&verb.third), Inflected::present(&verb.base));
            }
            40..55 => {
                self.push(Tag::Past, &verb.past);
            }
            55..70 => {
                let modal = *self.dice.word(LEXICON.words("modals"));
                let at = self.push(Tag::Modal, modal);
                self.breakable(Rule::Order, Edit::Swap(at));
                self.governed(verb, Form::Base);
            }
            70..85 => {
                self.agreeing(number, Inflected::third("does"), Inflected::present("do"));
                self.push(Tag::Adverb, "not");
                self.governed(verb, Form::Base);
            }
            _ => {
                let at = self.agreeing(number, Inflected::third("has"), Inflected::present("have"));
                self.breakable(Rule::Order, Edit::Swap(at));
                self.governed(verb, Form::Participle);
            }
        }
    }

    /// A verb in the form that what stands before it asks for.
    pub(super) fn base(&mut self, verb: &'static Verb) {
        self.governed(verb, Form::Base);
    }

    /// The same behind `has`.
    pub(super) fn participle(&mut self, verb: &'static Verb) {
        self.governed(verb, Form::Participle);
    }

    fn governed(&mut self, verb: &'static Verb, form: Form) {
        let third = self.dice.percent(50);
        let (tag, right, wrong): (_, &'static str, &'static str) = match form {
            Form::Base => (Tag::Base, &verb.base, if third { &verb.third } else { &verb.past }),
            Form::Participle => {
                (Tag::Participle, &verb.participle, if third { &verb.third } else { &verb.base })
            }
        };
        let at = self.push(tag, right);
        self.breakable(Rule::VerbForm, Edit::Replace(at, wrong));
    }

    /// A word in the form of this number; its place.
    pub(super) fn agreeing(&mut self, number: Number, singular: Inflected, plural: Inflected) -> usize {
        let (right, wrong) = match number {
            Number::Singular => (singular, plural),
            Number::Plural => (plural, singular),
        };
        let at = self.push(right.tag, right.word);
        self.breakable(Rule::Agreement, Edit::Replace(at, wrong.word));
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
        let mut object = Sentence::new(&mut *self.dice);
        object.object(Sort::Thing);
        let words = object.words;
        self.breakable(Rule::Arguments, Edit::Insert(at, words));
    }

    fn manner(&mut self) {
        if self.dice.percent(25) {
            let adverb = *self.dice.word(LEXICON.words("manner adverbs"));
            self.push(Tag::Adverb, adverb);
        }
    }
}
