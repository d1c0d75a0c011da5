//! The words of the built-in language, by class, with their forms.
//!
//! They stand in `lexicon.txt`; a regular form is made by rule. The order of the words is the order of the
//! built-in model's vocabulary.

use super::morphology::{with_ed, with_s};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::LazyLock;

/// The lexicon, read once.
pub(super) static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::parse(include_str!("lexicon.txt")));

/// A noun that can be counted.
#[derive(Debug)]
pub(super) struct Noun {
    pub singular: String,
    pub plural: String,
}

/// A verb.
#[derive(Debug)]
pub(super) struct Verb {
    /// `sing`
    pub base: String,
    /// `sings`
    pub third: String,
    /// `sang`
    pub past: String,
    /// `sung`
    pub participle: String,
}

/// Words of one meaning, of which none is empty. Two meanings are the same if they are the same place in the lexicon.
#[derive(Debug)]
pub(super) struct Sense<T: 'static>(pub &'static [T]);

impl<T> Clone for Sense<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Sense<T> {}
impl<T> PartialEq for Sense<T> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

/// A class of words, meaning by meaning.
#[derive(Debug)]
pub(super) struct Class<T> {
    pub all: Vec<T>,
    senses: Vec<Range<usize>>,
}

impl<T> Class<T> {
    fn new<'a>(entries: impl Iterator<Item = &'a str>, read: impl Fn(&'a str) -> T) -> Self {
        let mut class = Self { all: Vec::new(), senses: Vec::new() };
        for entry in entries {
            let start = class.all.len();
            class.all.extend(entry.split('=').map(&read));
            class.senses.push(start..class.all.len());
        }
        class
    }
    /// Number of meanings.
    pub(super) fn senses(&self) -> usize {
        self.senses.len()
    }
    /// A meaning by its place.
    pub(super) fn sense(&'static self, place: usize) -> Sense<T> {
        Sense(&self.all[self.senses[place].clone()])
    }
}

/// Classes by their names.
#[derive(Debug, Default)]
pub(super) struct Lexicon {
    nouns: BTreeMap<&'static str, Class<Noun>>,
    verbs: BTreeMap<&'static str, Class<Verb>>,
    words: BTreeMap<&'static str, Class<&'static str>>,
}

impl Lexicon {
    fn parse(text: &'static str) -> Self {
        let mut sections: Vec<(&str, Vec<&str>)> = Vec::new();
        for line in text.lines().filter(|l| !l.starts_with('#')) {
            if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
                sections.push((name, Vec::new()));
            } else if let Some((_, words)) = sections.last_mut() {
                words.extend(line.split_whitespace());
            }
        }
        let mut lexicon = Self::default();
        for (header, entries) in sections {
            let entries = entries.into_iter();
            match header.split_once(": ") {
                Some(("noun", name)) => drop(lexicon.nouns.insert(name, Class::new(entries, noun))),
                Some(("verb", name)) => drop(lexicon.verbs.insert(name, Class::new(entries, verb))),
                Some((_, name)) => drop(lexicon.words.insert(name, Class::new(entries, |word| word))),
                None => {}
            }
        }
        lexicon
    }

    /// A class of nouns. The name must be one of `lexicon.txt`, as for the others.
    pub(super) fn nouns(&'static self, name: &str) -> &'static Class<Noun> {
        &self.nouns[name]
    }

    /// A class of verbs.
    pub(super) fn verbs(&'static self, name: &str) -> &'static Class<Verb> {
        &self.verbs[name]
    }

    /// A class of words without forms.
    pub(super) fn words(&'static self, name: &str) -> &'static Class<&'static str> {
        &self.words[name]
    }

    /// Word pieces that spell every form of every word, in lower case, sorted, each once: a regular form is its
    /// stem and an ending (`##s`), an irregular one stands whole.
    pub(super) fn pieces(&self) -> BTreeSet<String> {
        let mut all: BTreeSet<String> = BTreeSet::new();
        let mut form = |stem: &str, form: &str| {
            all.insert(match form.strip_prefix(stem) {
                Some(ending @ ("s" | "es" | "d" | "ed")) => format!("##{ending}"),
                _ => form.to_owned(),
            });
        };
        for noun in self.nouns.values().flat_map(|class| &class.all) {
            form(&noun.singular, &noun.singular);
            form(&noun.singular, &noun.plural);
        }
        for verb in self.verbs.values().flat_map(|class| &class.all) {
            for inflected in [&verb.base, &verb.third, &verb.past, &verb.participle] {
                form(&verb.base, inflected);
            }
        }
        all.extend(self.words.values().flat_map(|class| &class.all).map(|w| w.to_lowercase()));
        all
    }
}

fn noun(entry: &str) -> Noun {
    let (singular, plural) = match entry.split_once('/') {
        Some((singular, plural)) => (singular.to_owned(), plural.to_owned()),
        None => (entry.to_owned(), with_s(entry)),
    };
    Noun { singular, plural }
}

fn verb(entry: &str) -> Verb {
    let mut forms = entry.split('/');
    let base = forms.next().unwrap_or_default().to_owned();
    let third = forms.next().map_or_else(|| with_s(&base), str::to_owned);
    let past = forms.next().map_or_else(|| with_ed(&base), str::to_owned);
    let participle = forms.next().map_or_else(|| past.clone(), str::to_owned);
    Verb { base, third, past, participle }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_read() {
        let find = |class, base| {
            let class: &'static Class<Verb> = LEXICON.verbs(class);
            class.all.iter().find(|v| v.base == base).unwrap()
        };
        assert_eq!(find("control", "plan").past, "planned");
        assert_eq!(find("intransitive", "fall").participle, "fallen");
        let big = LEXICON.words("more of things");
        assert!(big.sense(1) == big.sense(1) && big.sense(1) != big.sense(0));
        assert_eq!(big.sense(1).0, ["big", "large"]);
    }

    #[test]
    fn every_class_has_words() {
        let nouns =
            LEXICON.nouns.iter().map(|(n, c)| (*n, c.all.iter().map(|n| n.singular.as_str()).collect()));
        let verbs = LEXICON.verbs.iter().map(|(n, c)| (*n, c.all.iter().map(|v| v.base.as_str()).collect()));
        let words = LEXICON.words.iter().map(|(n, c)| (*n, c.all.clone()));
        let classes: Vec<(&str, Vec<&str>)> = nouns.chain(verbs).chain(words).collect();
        assert!(classes.len() > 60);
        for (name, words) in classes {
            assert!(words.len() >= 3, "{name}");
            let distinct: BTreeSet<_> = words.iter().collect();
            assert_eq!(distinct.len(), words.len(), "{name} holds a word twice");
        }
        let forms = LEXICON.pieces();
        assert!((700..1500).contains(&forms.len()), "{}", forms.len());
        assert!(forms.iter().all(|w| !w.contains([' ', '=', '/']) && *w == w.to_lowercase()));
    }

    #[test]
    fn opposites_and_their_comparatives_stand_side_by_side() {
        let count = |name| LEXICON.words(name).senses();
        for name in
            ["less of the living", "comparatives more of the living", "comparatives less of the living"]
        {
            assert_eq!(count("more of the living"), count(name), "{name}");
        }
        assert_eq!(count("more of things"), count("less of things"));
    }
}
