//! Sentiment: an opinion on a work, composed so that its words alone tell it in most cases, not in all.
//!
//! A negation turns its clause; after `but`, and beside `although`, the other clause says the opposite.

use super::super::dice::Dice;
use super::super::grammar::Number;
use super::super::lexicon::{LEXICON, Verb};
use super::super::sentence::Sentence;
use super::super::tag::Tag;

/// A sentence that praises, or one that blames.
pub(in super::super) fn sentence(dice: &mut Dice<'_>, positive: bool) -> String {
    let mut s = Sentence::new(dice);
    s.review(positive);
    s.text()
}

impl Sentence<'_, '_> {
    /// A whole sentence that praises or blames.
    pub(in super::super) fn review(&mut self, positive: bool) {
        match self.dice.below(100) {
            0..60 => self.opinion(positive),
            60..68 => {
                self.opinion(!positive);
                self.extend(&[(Tag::Comma, ","), (Tag::Conjunction, "but")]);
                self.opinion(positive);
            }
            68..74 => {
                self.push(Tag::Preposition, "although");
                self.opinion(!positive);
                self.push(Tag::Comma, ",");
                self.opinion(positive);
            }
            74..80 => {
                self.opinion(positive);
                self.push(Tag::Preposition, "although");
                self.opinion(!positive);
            }
            _ => {
                self.opinion(positive);
                self.push(Tag::Conjunction, "and");
                self.opinion(positive);
            }
        }
        self.push(Tag::Stop, ".");
    }

    /// A clause of this polarity.
    fn opinion(&mut self, positive: bool) {
        match self.dice.below(100) {
            0..50 => self.quality(positive),
            50..75 => self.attitude(positive),
            75..90 => self.verdict(positive),
            _ => self.belief(positive),
        }
    }

    /// Whether this clause is negated.
    fn negated(&mut self) -> bool {
        self.dice.percent(12)
    }

    /// `the film`, `the plot of this novel`; singular or plural.
    fn work(&mut self) -> Number {
        if self.dice.percent(25) {
            let part = *self.dice.word(LEXICON.words("parts"));
            self.extend(&[(Tag::Determiner, "the"), (Tag::Noun, part), (Tag::Preposition, "of")]);
            self.bare_work(Number::Singular);
            return Number::Singular;
        }
        let number = if self.dice.percent(75) { Number::Singular } else { Number::Plural };
        self.bare_work(number);
        number
    }

    fn bare_work(&mut self, number: Number) {
        let noun = self.dice.word(LEXICON.nouns("works"));
        let determiners = match number {
            Number::Singular => ["the", "this", "that", "my", "our"],
            Number::Plural => ["the", "these", "those", "my", "our"],
        };
        let determiner = *self.dice.pick(&determiners);
        let tag = if matches!(determiner, "my" | "our") { Tag::Possessive } else { Tag::Determiner };
        self.extend(&[(tag, determiner), number.of(noun)]);
    }

    /// `the film was not very good`
    fn quality(&mut self, positive: bool) {
        let number = self.work();
        let negated = self.negated();
        let (third, plural) = ((Tag::Third, "seems"), (Tag::Present, "seem"));
        if self.dice.percent(75) {
            self.copula(number);
            if negated {
                let negation = *self.dice.pick(&["not", "never"]);
                self.push(Tag::Adverb, negation);
            }
        } else if negated {
            let auxiliary =
                if number == Number::Singular { (Tag::Third, "does") } else { (Tag::Present, "do") };
            self.extend(&[auxiliary, (Tag::Adverb, "not"), (Tag::Base, "seem")]);
        } else {
            self.extend(&[if number == Number::Singular { third } else { plural }]);
        }
        if self.dice.percent(35) {
            let any = LEXICON.words("intensifiers");
            let intensifier =
                if negated { *self.dice.pick(&["very", "really", "truly"]) } else { *self.dice.word(any) };
            self.push(Tag::Adverb, intensifier);
        }
        let class = if positive != negated { "positive adjectives" } else { "negative adjectives" };
        let adjective = *self.dice.word(LEXICON.words(class));
        self.push(Tag::Adjective, adjective);
    }

    /// `nobody enjoyed the film`, `Anna did not hate it`
    fn attitude(&mut self, positive: bool) {
        let negated = self.negated();
        let class = if positive != negated { "positive verbs" } else { "negative verbs" };
        let verb: &'static Verb = self.dice.word(LEXICON.verbs(class));
        if negated && self.dice.percent(40) {
            self.extend(&[(Tag::Noun, "nobody"), (Tag::Past, &verb.past)]);
        } else {
            self.critic(negated);
            if negated {
                self.extend(&[(Tag::Past, "did"), (Tag::Adverb, "not"), (Tag::Base, &verb.base)]);
            } else {
                self.push(Tag::Past, &verb.past);
            }
        }
        self.work();
    }

    /// `the concert was a disaster`
    fn verdict(&mut self, positive: bool) {
        self.bare_work(Number::Singular);
        let copula = *self.dice.pick(&[(Tag::Third, "is"), (Tag::Past, "was")]);
        self.extend(&[copula]);
        let negated = self.negated();
        if negated && self.dice.percent(50) {
            self.push(Tag::Determiner, "no");
        } else {
            if negated {
                self.push(Tag::Adverb, "not");
            }
            self.push(Tag::Determiner, "a");
        }
        let nouns = if positive != negated { "positive nouns" } else { "negative nouns" };
        let noun = self.dice.word(LEXICON.nouns(nouns));
        self.push(Tag::Noun, &noun.singular);
    }

    /// `Anna thought that the play was dull`, `nobody thought that …`
    fn belief(&mut self, positive: bool) {
        let negated = self.dice.percent(12);
        if negated {
            // Not `nobody said that it was good`: that is no opinion.
            let verb = *self.dice.pick(&["thought", "believed"]);
            self.extend(&[(Tag::Noun, "nobody"), (Tag::Past, verb)]);
        } else {
            self.critic(false);
            let verb = self.dice.word(LEXICON.verbs("clausal"));
            self.push(Tag::Past, &verb.past);
        }
        self.push(Tag::Preposition, "that");
        self.quality(positive != negated);
    }

    /// Who has the opinion. `everyone did not` would have two readings.
    fn critic(&mut self, negated: bool) {
        match self.dice.below(4) {
            0 if !negated && self.dice.percent(30) => {
                self.push(Tag::Noun, "everyone");
            }
            0 => {
                let pronoun = *self.dice.pick(&["i", "we", "they", "he", "she"]);
                self.push(Tag::Pronoun, pronoun);
            }
            1 => {
                let class = *self.dice.pick(&["masculine names", "feminine names"]);
                let name = *self.dice.word(LEXICON.words(class));
                self.push(Tag::Name, name);
            }
            _ => {
                let noun = self.dice.word(LEXICON.nouns("people"));
                let number = self.number();
                self.extend(&[(Tag::Determiner, "the"), number.of(noun)]);
            }
        }
    }
}
