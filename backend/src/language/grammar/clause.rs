//! Clauses, questions and their combinations.

use super::super::lexicon::LEXICON;
use super::super::sentence::{Edit, Rule, Sentence};
use super::super::tag::Tag;
use super::noun_phrase::{Number, Sort};
use super::verb_phrase::Inflected;

impl Sentence<'_, '_> {
    /// A whole sentence with its punctuation.
    pub(in super::super) fn whole(&mut self) {
        match self.dice.below(100) {
            0..55 => self.statement(),
            55..64 => self.reported(),
            64..70 => self.relative(),
            70..75 => {
                self.statement();
                let (tag, word) = *self.dice.pick(&[
                    (Tag::Conjunction, "and"),
                    (Tag::Preposition, "because"),
                    (Tag::Conjunction, "but"),
                ]);
                self.push(tag, word);
                self.statement();
            }
            75..82 => self.act(),
            82..86 => self.ever(),
            86..94 => return self.question(),
            _ => return self.gap_question(),
        }
        self.push(Tag::Stop, ".");
    }

    /// `the boy sleeps`
    fn statement(&mut self) {
        if self.dice.percent(15) {
            let subject = self.subject(Sort::Animate);
            return self.intransitive(subject);
        }
        let subject = self.subject(Sort::Person);
        self.verb_phrase(subject);
    }

    /// `the judge thinks that the boy sleeps`
    fn reported(&mut self) {
        let subject = self.subject(Sort::Person);
        let verb = self.dice.word(LEXICON.verbs("clausal"));
        self.finite(verb, subject.number);
        self.push(Tag::Preposition, "that");
        self.statement();
    }

    /// `the boy who admires the girls sleeps`, `the boy whom the girls admire sleeps`
    fn relative(&mut self) {
        let number = self.number();
        self.push(Tag::Determiner, "the");
        let noun = self.dice.word(LEXICON.nouns("people"));
        let (tag, form) = number.of(noun);
        self.push(tag, form);
        let inner = self.dice.word(LEXICON.verbs("transitive people"));
        if self.dice.percent(60) {
            self.push(Tag::Who, "who");
            self.finite(inner, number);
            self.object(Sort::Person);
        } else {
            self.push(Tag::Who, "whom");
            let subject = self.subject(Sort::Person);
            self.finite(inner, subject.number);
        }
        let outer = self.dice.word(LEXICON.verbs("intransitive"));
        self.finite(outer, number);
    }

    /// `the walk pleased the queen`: what people do, as a noun.
    fn act(&mut self) {
        let number = self.number();
        let noun = self.dice.word(LEXICON.nouns("acts"));
        let (tag, form) = number.of(noun);
        let (own, other) = match number {
            Number::Singular => (["this", "that", "every"], "these"),
            Number::Plural => (["these", "those", "those"], "this"),
        };
        if self.dice.percent(50) {
            let owner = *self.dice.pick(&["his", "her", "my", "our", "their"]);
            self.push(Tag::Possessive, owner);
        } else {
            let determiner = *self.dice.pick(&own);
            let at = self.push(Tag::Determiner, determiner);
            self.breakable(Rule::DeterminerNumber, Edit::Replace(at, other));
        }
        self.push(tag, form);
        let verb = self.dice.word(LEXICON.verbs("amusing"));
        self.finite(verb, number);
        self.object(Sort::Person);
    }

    /// `nobody has ever slept`; `everybody` would not do.
    fn ever(&mut self) {
        let nobody = self.push(Tag::Noun, "nobody");
        self.breakable(Rule::Polarity, Edit::Replace(nobody, "everybody"));
        self.agreeing(Number::Singular, Inflected::third("has"), Inflected::present("have"));
        self.push(Tag::Adverb, "ever");
        let verb = self.dice.word(LEXICON.verbs("transitive people"));
        self.participle(verb);
        self.needed_object(Sort::Person);
    }

    /// `does the boy sleep ?`
    fn question(&mut self) {
        // The subject comes after the verb that agrees with it.
        let at = self.push(Tag::Third, "does");
        let subject = self.subject(Sort::Person);
        let (tag, right, wrong) = match subject.number {
            Number::Singular => (Tag::Third, "does", "do"),
            Number::Plural => (Tag::Present, "do", "does"),
        };
        (self.tags[at], self.words[at]) = (tag, right);
        self.breakable(Rule::Agreement, Edit::Replace(at, wrong));
        if self.dice.percent(50) {
            let verb = self.dice.word(LEXICON.verbs("intransitive"));
            self.base(verb);
            self.no_object();
        } else {
            let verb = self.dice.word(LEXICON.verbs("transitive things"));
            self.base(verb);
            self.needed_object(Sort::Thing);
        }
        self.push(Tag::Stop, "?");
    }

    /// `which book did the girl find ?`: the object stands in front, and nothing in its place.
    fn gap_question(&mut self) {
        let noun = self.dice.word(LEXICON.nouns("things"));
        let number = self.number();
        self.extend(&[(Tag::Which, "which"), number.of(noun), (Tag::Past, "did")]);
        self.subject(Sort::Person);
        let verb = self.dice.word(LEXICON.verbs("transitive things"));
        self.base(verb);
        self.no_object();
        self.push(Tag::Stop, "?");
    }
}
