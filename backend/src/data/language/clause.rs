//! Clauses, questions and their combinations.

use super::lexicon::LEXICON;
use super::noun_phrase::{Number, Sort};
use super::sentence::{Edit, Rule, Sentence};

impl Sentence<'_> {
    /// A whole sentence with its punctuation.
    pub(super) fn whole(&mut self) {
        match self.stream.below(100) {
            0..70 => self.statement(),
            70..78 => self.reported(),
            78..82 => self.relative(),
            82..86 => {
                self.statement();
                let conjunction = *self.pick(&["and", "because", "but"]);
                self.push(conjunction);
                self.statement();
            }
            86..94 => return self.question(),
            _ => return self.gap_question(),
        }
        self.push(".");
    }

    /// `the boy sleeps`
    fn statement(&mut self) {
        if self.percent(15) {
            let subject = self.subject(Sort::Animate);
            return self.intransitive(subject);
        }
        let subject = self.subject(Sort::Person);
        self.verb_phrase(subject);
    }

    /// `the judge thinks that the boy sleeps`
    fn reported(&mut self) {
        let subject = self.subject(Sort::Person);
        let verb = self.pick(&LEXICON.clausal);
        self.finite(verb, subject.number);
        self.push("that");
        self.statement();
    }

    /// `the boy who admires the girls sleeps`
    fn relative(&mut self) {
        let number = self.number();
        let determiner = "the";
        self.push(determiner);
        let noun = self.pick(&LEXICON.people);
        let noun: &'static str = if number == Number::Singular { &noun.singular } else { &noun.plural };
        self.push(noun);
        self.push("who");
        let inner = self.pick(&LEXICON.transitive_people);
        self.finite(inner, number);
        self.object(Sort::Person);
        let outer = self.pick(&LEXICON.intransitive);
        self.finite(outer, number);
    }

    /// `does the boy sleep ?`
    fn question(&mut self) {
        // The subject comes after the verb that agrees with it.
        let at = self.push("does");
        let subject = self.subject(Sort::Person);
        let (right, wrong) = if subject.number == Number::Singular { ("does", "do") } else { ("do", "does") };
        self.words[at] = right;
        self.breakable(Rule::Agreement, Edit::Replace(at, wrong));
        if self.percent(50) {
            let verb = self.pick(&LEXICON.intransitive);
            self.base(verb);
            self.no_object();
        } else {
            let verb = self.pick(&LEXICON.transitive_things);
            self.base(verb);
            self.needed_object(Sort::Thing);
        }
        self.push("?");
    }

    /// `which book did the girl find ?`: the object stands in front, and nothing in its place.
    fn gap_question(&mut self) {
        let noun = self.pick(&LEXICON.things);
        let noun: &'static str = if self.percent(50) { &noun.singular } else { &noun.plural };
        self.extend(&["which", noun, "did"]);
        self.subject(Sort::Person);
        let verb = self.pick(&LEXICON.transitive_things);
        self.base(verb);
        self.no_object();
        self.push("?");
    }
}
