//! Sentences with names, from `templates.txt`.

use super::dice::Dice;
use super::lexicon::LEXICON;
use super::sentence::written;
use std::sync::LazyLock;

static TEMPLATES: LazyLock<Vec<Vec<&str>>> = LazyLock::new(|| {
    let lines = include_str!("templates.txt").lines().filter(|l| !l.starts_with('#'));
    lines.map(|line| line.split_whitespace().collect()).collect()
});

/// Types of entities with the numbers of their `B-` and `I-` in `ENTITIES`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    Person = 1,
    Organisation = 3,
    Place = 5,
    Other = 7,
}

/// A sentence's words with their labels' numbers.
#[derive(Debug, Default)]
pub(super) struct Named {
    pub words: Vec<String>,
    pub labels: Vec<u8>,
}

impl Named {
    fn push(&mut self, word: impl Into<String>, label: u8) {
        self.words.push(word.into());
        self.labels.push(label);
    }
    fn entity(&mut self, kind: Type, words: &[&str]) {
        for (i, word) in words.iter().enumerate() {
            self.push(*word, kind as u8 + u8::from(i > 0));
        }
    }
}

/// A sentence with the entities that it names.
pub(super) fn sentence(dice: &mut Dice<'_>) -> Named {
    let template = dice.pick(TEMPLATES.as_slice());
    let mut named = Named::default();
    for &token in template {
        match token.split_once('>') {
            _ if token.starts_with('$') => entity(dice, token, &mut named),
            Some((class, ending)) => {
                let noun = dice.word(LEXICON.nouns(class.trim_start_matches('<')));
                named.push(if ending == "s" { &noun.plural } else { &noun.singular }, 0);
            }
            None => {
                let words: Vec<&str> = token.split('|').collect();
                named.push(*dice.pick(&words), 0);
            }
        }
    }
    let words: Vec<&str> = named.words.iter().map(String::as_str).collect();
    named.words = written(&words);
    named
}

fn entity(dice: &mut Dice<'_>, slot: &str, named: &mut Named) {
    let both = dice.percent(15);
    let class = *dice.pick(&["masculine names", "feminine names"]);
    let drawn = dice.below(100);
    let mut word = |class: &str| *dice.word(LEXICON.words(class));
    let (last, town) = (word("surnames"), word("towns"));
    let first = word(if both { "names of people and towns" } else { class });
    match slot {
        "$P" => match drawn {
            0..55 => named.entity(Type::Person, &[first, last]),
            55..85 => named.entity(Type::Person, &[last]),
            _ => named.entity(Type::Person, &[first]),
        },
        "$L" => match drawn {
            0..55 => named.entity(Type::Place, &[town]),
            _ => named.entity(Type::Place, &[last, word("ends of towns")]),
        },
        "$T" => named.entity(Type::Organisation, &[town]),
        "$F" => named.entity(Type::Organisation, &[last]),
        "$O" => match drawn {
            0..30 => named.entity(Type::Organisation, &[last, word("ends of companies")]),
            30..45 => named.entity(Type::Organisation, &[last, "and", "Sons"]),
            45..60 => named.entity(Type::Organisation, &["University", "of", town]),
            60..75 => named.entity(Type::Organisation, &[town, word("ends of clubs")]),
            75..85 => named.entity(Type::Organisation, &["Bank", "of", town]),
            _ => named.entity(Type::Organisation, &[town, word("ends of papers")]),
        },
        "$E" => named.entity(Type::Other, &[town, word("ends of events")]),
        _ => named.entity(Type::Other, &[word("peoples")]),
    }
}

/// Every word of the templates and of the names in them, in lower case.
pub(super) fn words() -> impl Iterator<Item = String> {
    let plain = TEMPLATES.iter().flatten().filter(|t| !t.starts_with(['$', '<']));
    let words = plain.flat_map(|t| t.split('|')).chain(["and", "Sons", "University", "of", "Bank"]);
    words.map(str::to_lowercase)
}
