//! The words of the built-in language, by class, with their forms.
//!
//! They stand in `lexicon.txt`; a regular form is made by rule. The order of the words is the order of the
//! built-in model's vocabulary.

use std::collections::BTreeSet;
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

/// Classes in the order of the file.
#[derive(Debug, Default)]
pub(super) struct Lexicon {
    sections: Vec<(&'static str, Vec<&'static str>)>,
    pub masculine: Vec<Noun>,
    pub feminine: Vec<Noun>,
    pub people: Vec<Noun>,
    pub animals: Vec<Noun>,
    pub things: Vec<Noun>,
    pub places: Vec<Noun>,
    pub works: Vec<Noun>,
    pub positive_nouns: Vec<Noun>,
    pub negative_nouns: Vec<Noun>,
    pub intransitive: Vec<Verb>,
    pub transitive_people: Vec<Verb>,
    pub transitive_things: Vec<Verb>,
    pub ditransitive: Vec<Verb>,
    pub clausal: Vec<Verb>,
    pub control: Vec<Verb>,
    pub positive_verbs: Vec<Verb>,
    pub negative_verbs: Vec<Verb>,
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
        let nouns = |class: &str| words(&sections, class).iter().map(|w| noun(w)).collect();
        let verbs = |class: &str| words(&sections, class).iter().map(|w| verb(w)).collect();
        Self {
            masculine: nouns("masculine"),
            feminine: nouns("feminine"),
            people: nouns("people"),
            animals: nouns("animals"),
            things: nouns("things"),
            places: nouns("places"),
            works: nouns("works"),
            positive_nouns: nouns("positive nouns"),
            negative_nouns: nouns("negative nouns"),
            intransitive: verbs("intransitive"),
            transitive_people: verbs("transitive people"),
            transitive_things: verbs("transitive things"),
            ditransitive: verbs("ditransitive"),
            clausal: verbs("clausal"),
            control: verbs("control"),
            positive_verbs: verbs("positive verbs"),
            negative_verbs: verbs("negative verbs"),
            sections,
        }
    }

    /// The words of a class without forms; empty if there is no such class.
    pub(super) fn class(&self, name: &str) -> &[&'static str] {
        words(&self.sections, name)
    }

    /// Word pieces that spell every form of every word, in lower case, sorted, each once: a regular form is its
    /// stem and an ending (`##s`), an irregular one stands whole.
    pub(super) fn pieces(&self) -> Vec<String> {
        let nouns = [
            &self.masculine,
            &self.feminine,
            &self.people,
            &self.animals,
            &self.things,
            &self.places,
            &self.works,
            &self.positive_nouns,
            &self.negative_nouns,
        ];
        let verbs = [
            &self.intransitive,
            &self.transitive_people,
            &self.transitive_things,
            &self.ditransitive,
            &self.clausal,
            &self.control,
            &self.positive_verbs,
            &self.negative_verbs,
        ];
        let mut all: BTreeSet<String> = BTreeSet::new();
        let mut form = |stem: &str, form: &str| {
            all.insert(match form.strip_prefix(stem) {
                Some(ending @ ("s" | "es" | "d" | "ed")) => format!("##{ending}"),
                _ => form.to_owned(),
            });
        };
        for noun in nouns.into_iter().flatten() {
            form(&noun.singular, &noun.singular);
            form(&noun.singular, &noun.plural);
        }
        for verb in verbs.into_iter().flatten() {
            for inflected in [&verb.base, &verb.third, &verb.past, &verb.participle] {
                form(&verb.base, inflected);
            }
        }
        let plain = self.sections.iter().flat_map(|(_, words)| words).filter(|w| !w.contains('/'));
        all.extend(plain.map(|w| w.to_lowercase()));
        all.into_iter().collect()
    }
}

fn words<'a>(sections: &'a [(&str, Vec<&'static str>)], name: &str) -> &'a [&'static str] {
    sections.iter().find(|(n, _)| *n == name).map_or(&[], |(_, words)| words)
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

/// The regular ending of plural and third person.
fn with_s(word: &str) -> String {
    match consonant_y(word) {
        Some(stem) => format!("{stem}ies"),
        None if ["s", "x", "ch", "sh", "z"].iter().any(|e| word.ends_with(e)) => format!("{word}es"),
        None => format!("{word}s"),
    }
}

/// The regular ending of the past; a verb that doubles its consonant is written out.
fn with_ed(word: &str) -> String {
    match consonant_y(word) {
        Some(stem) => format!("{stem}ied"),
        None if word.ends_with('e') => format!("{word}d"),
        None => format!("{word}ed"),
    }
}

/// The stem of a word that ends in `y` after a consonant.
fn consonant_y(word: &str) -> Option<&str> {
    let stem = word.strip_suffix('y')?;
    (!stem.ends_with(['a', 'e', 'o', 'u'])).then_some(stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_english() {
        assert_eq!(["box", "city", "boy", "wish"].map(with_s), ["boxes", "cities", "boys", "wishes"]);
        assert_eq!(["try", "enjoy", "hope", "want"].map(with_ed), ["tried", "enjoyed", "hoped", "wanted"]);
        let plan = LEXICON.control.iter().find(|v| v.base == "plan").unwrap();
        assert_eq!(plan.past, "planned");
        let fall = LEXICON.intransitive.iter().find(|v| v.base == "fall").unwrap();
        assert_eq!(fall.participle, "fallen");
    }

    #[test]
    fn every_class_has_words() {
        assert!(LEXICON.sections.len() > 30);
        for (name, words) in &LEXICON.sections {
            assert!(words.len() >= 4, "{name}");
            let distinct: BTreeSet<_> = words.iter().collect();
            assert_eq!(distinct.len(), words.len(), "{name} holds a word twice");
        }
        let forms = LEXICON.pieces();
        assert!((400..1000).contains(&forms.len()), "{}", forms.len());
        assert!(forms.iter().all(|w| !w.contains(char::is_whitespace) && *w == w.to_lowercase()));
    }
}
