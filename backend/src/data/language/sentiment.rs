//! Sentiment: an opinion on a work, composed so that no bag of words tells it.
//!
//! A negation turns its clause; after `but`, and beside `although`, the other clause says the opposite.

use super::lexicon::LEXICON;
use super::noun_phrase::Number;
use super::sentence::{Sentence, text};
use tunemask_shared::philox::Stream;

/// A sentence that praises, or one that blames.
pub(super) fn sentence(stream: &mut Stream, positive: bool) -> String {
    let mut s = Sentence::new(stream);
    match s.stream.below(100) {
        0..45 => s.opinion(positive),
        45..62 => {
            s.opinion(!positive);
            s.extend(&[",", "but"]);
            s.opinion(positive);
        }
        62..76 => {
            s.push("although");
            s.opinion(!positive);
            s.push(",");
            s.opinion(positive);
        }
        76..88 => {
            s.opinion(positive);
            s.push("although");
            s.opinion(!positive);
        }
        _ => {
            s.opinion(positive);
            s.push("and");
            s.opinion(positive);
        }
    }
    s.push(".");
    text(&s.words)
}

impl Sentence<'_> {
    /// A clause of this polarity.
    fn opinion(&mut self, positive: bool) {
        match self.stream.below(100) {
            0..50 => self.quality(positive),
            50..75 => self.attitude(positive),
            75..90 => self.verdict(positive),
            _ => self.belief(positive),
        }
    }

    /// Whether this clause is negated.
    fn negated(&mut self) -> bool {
        self.percent(40)
    }

    /// `the film`, `the plot of this novel`; singular or plural.
    fn work(&mut self) -> Number {
        if self.percent(25) {
            let part = *self.pick(LEXICON.class("parts"));
            self.extend(&["the", part, "of"]);
            self.bare_work(Number::Singular);
            return Number::Singular;
        }
        let number = if self.percent(75) { Number::Singular } else { Number::Plural };
        self.bare_work(number);
        number
    }

    fn bare_work(&mut self, number: Number) {
        let noun = self.pick(&LEXICON.works);
        let (determiners, form): (&'static [&str], &'static str) = match number {
            Number::Singular => (&["the", "this", "that", "my", "our"], &noun.singular),
            Number::Plural => (&["the", "these", "those", "my", "our"], &noun.plural),
        };
        let determiner = *self.pick(determiners);
        self.extend(&[determiner, form]);
    }

    /// `the film was not very good`
    fn quality(&mut self, positive: bool) {
        let number = self.work();
        let negated = self.negated();
        if self.percent(75) {
            self.copula(number);
            if negated {
                let negation = *self.pick(&["not", "never"]);
                self.push(negation);
            }
        } else if negated {
            let auxiliary = if number == Number::Singular { "does" } else { "do" };
            self.extend(&[auxiliary, "not", "seem"]);
        } else {
            self.push(if number == Number::Singular { "seems" } else { "seem" });
        }
        if self.percent(35) {
            let any = LEXICON.class("intensifiers");
            let intensifier = *self.pick(if negated { &["very", "really", "truly"] } else { any });
            self.push(intensifier);
        }
        let class = if positive != negated { "positive adjectives" } else { "negative adjectives" };
        let adjective = *self.pick(LEXICON.class(class));
        self.push(adjective);
    }

    /// `nobody enjoyed the film`, `Anna did not hate it`
    fn attitude(&mut self, positive: bool) {
        let negated = self.negated();
        let verb =
            self.pick(if positive != negated { &LEXICON.positive_verbs } else { &LEXICON.negative_verbs });
        if negated && self.percent(40) {
            self.extend(&["nobody", &verb.past]);
        } else {
            self.critic(negated);
            if negated {
                self.extend(&["did", "not", &verb.base]);
            } else {
                self.push(&verb.past);
            }
        }
        self.work();
    }

    /// `the concert was a disaster`
    fn verdict(&mut self, positive: bool) {
        self.bare_work(Number::Singular);
        let copula = *self.pick(&["is", "was"]);
        self.push(copula);
        let negated = self.negated();
        if negated {
            let negation: &'static [&str] = if self.percent(50) { &["not", "a"] } else { &["no"] };
            self.extend(negation);
        } else {
            self.push("a");
        }
        let nouns = if positive != negated { &LEXICON.positive_nouns } else { &LEXICON.negative_nouns };
        let noun = self.pick(nouns);
        self.push(&noun.singular);
    }

    /// `Anna thought that the play was dull`, `nobody thought that …`
    fn belief(&mut self, positive: bool) {
        let negated = self.percent(30);
        if negated {
            // Not `nobody said that it was good`: that is no opinion.
            let verb = *self.pick(&["thought", "believed"]);
            self.extend(&["nobody", verb, "that"]);
        } else {
            self.critic(false);
            let verb = self.pick(&LEXICON.clausal);
            self.extend(&[&verb.past, "that"]);
        }
        self.quality(positive != negated);
    }

    /// Who has the opinion. `everyone did not` would have two readings.
    fn critic(&mut self, negated: bool) {
        match self.stream.below(4) {
            0 if !negated && self.percent(30) => {
                self.push("everyone");
            }
            0 => {
                let pronoun = *self.pick(&["i", "we", "they", "he", "she"]);
                self.push(pronoun);
            }
            1 => {
                let class = *self.pick(&["masculine names", "feminine names"]);
                let name = *self.pick(LEXICON.class(class));
                self.push(name);
            }
            _ => {
                let noun = self.pick(&LEXICON.people);
                let form: &'static str = if self.percent(50) { &noun.singular } else { &noun.plural };
                self.extend(&["the", form]);
            }
        }
    }
}
