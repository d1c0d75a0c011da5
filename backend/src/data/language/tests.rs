use super::acceptability::WEIGHTS;
use super::noun_phrase::{Number, Subject};
use super::sentence::{Edit, Rule, Sentence, text};
use super::{DEVELOPMENT_ROWS, TRAIN_ROWS, read, words};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use tunemask_shared::philox::{Purpose, Stream};
use tunemask_shared::task::{Source, TASKS, Task};

fn tasks() -> impl Iterator<Item = Task> {
    TASKS.into_iter().filter(|t| t.source() == Source::BuiltIn)
}

fn stream(part: u32) -> Stream {
    Stream::new(17, Purpose::Language, part)
}

/// Lower-case words and punctuation of a text.
fn split(text: &str) -> Vec<String> {
    let spaced = text.to_lowercase().replace('.', " .").replace(',', " ,").replace('?', " ?");
    spaced.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn sets_are_balanced_distinct_and_apart() {
    for task in tasks() {
        let sets = read(task).sets;
        assert_eq!(sets.iter().map(|s| s.records.len()).collect::<Vec<_>>(), [TRAIN_ROWS, DEVELOPMENT_ROWS]);
        for set in &sets {
            let positive = set.records.iter().filter(|r| r.target == 1.0).count();
            assert_eq!(2 * positive, set.records.len());
            assert!(set.records.iter().zip(0..).all(|(r, i)| r.index == i && r.pair.is_none()));
            let first = set.records[..100].iter().filter(|r| r.target == 1.0).count();
            assert!((30..70).contains(&first), "labels are mixed: {first}");
        }
        let all: HashSet<&str> = sets.iter().flat_map(|s| &s.records).map(|r| r.text.as_str()).collect();
        assert_eq!(all.len(), TRAIN_ROWS + DEVELOPMENT_ROWS);
    }
}

#[test]
fn the_vocabulary_spells_every_sentence_and_most_of_it_is_used() {
    let known: BTreeSet<String> = words().into_iter().collect();
    let mut used = BTreeSet::new();
    for task in tasks() {
        for record in read(task).sets.iter().flat_map(|s| &s.records) {
            for word in split(&record.text) {
                // WordPiece takes the longest beginning that it knows.
                let stem = (1..=word.len()).rev().map(|n| &word[..n]).find(|w| known.contains(*w)).unwrap();
                let ending = format!("##{}", &word[stem.len()..]);
                assert!(stem == word || known.contains(&ending), "{word} in: {}", record.text);
                used.extend([stem.to_owned(), ending]);
            }
        }
    }
    assert!(known.intersection(&used).count() * 10 > known.len() * 8);
}

#[test]
fn the_sentences_are_the_same_everywhere() {
    let found: Vec<(String, String)> = tasks()
        .map(|t| (read(t).sets[0].records[0].text.clone(), read(t).fingerprint[..16].to_owned()))
        .collect();
    let golden = [
        ("He sends Helen the books.", "d3ebcf3e6f21c28f"),
        (
            "Although the writers knew that the movie was rather stupid, the scene of my lecture was delightful.",
            "c7f9f3acc4cbca63",
        ),
    ];
    assert_eq!(found, golden.map(|(text, print)| (text.to_owned(), print.to_owned())));
}

#[test]
fn every_rule_is_broken_and_an_edit_never_gives_the_same_words() {
    let mut stream = stream(0);
    let mut count: BTreeMap<Rule, usize> = BTreeMap::new();
    for _ in 0..2000 {
        let mut sentence = Sentence::new(&mut stream);
        sentence.whole();
        for (rule, edit) in &sentence.breaks {
            assert_ne!(sentence.edited(edit), sentence.words, "{edit:?}");
            *count.entry(*rule).or_default() += 1;
        }
    }
    let weighted: BTreeSet<Rule> = WEIGHTS.map(|(rule, _)| rule).into();
    assert_eq!(count.keys().copied().collect::<BTreeSet<_>>(), weighted);
    assert!(count.values().all(|&n| n > 50), "{count:?}");
}

/// What no sentence of the grammar says, in words that a reader can check.
#[test]
fn acceptable_sentences_keep_the_rules_that_can_be_checked_from_outside() {
    let singular = ["a", "an", "this", "every", "each"];
    let bad_pairs =
        [("he", "have"), ("she", "do"), ("they", "is"), ("they", "has"), ("he", "are"), ("she", "were")];
    let corpus = read(Task::Acceptability);
    let mut broken = 0;
    for record in corpus.sets.iter().flat_map(|s| &s.records) {
        let words = split(&record.text);
        let pairs = || words.windows(2).map(|w| (w[0].as_str(), w[1].as_str()));
        let wrong = pairs().any(|p| bad_pairs.contains(&p))
            || pairs().any(|(a, b)| {
                singular.contains(&a) && ["boys", "men", "books", "houses", "dogs"].contains(&b)
            })
            || pairs().any(|(a, b)| ["will", "can", "must"].contains(&a) && b.ends_with("ed") && b != "need")
            || ["him", "them"].contains(&words[0].as_str());
        if record.target == 1.0 {
            assert!(!wrong, "{}", record.text);
        } else {
            broken += usize::from(wrong);
        }
    }
    assert!(broken > 20, "the check sees broken sentences too: {broken}");
}

#[test]
fn edits_do_what_they_say() {
    let mut stream = stream(1);
    let mut sentence = Sentence::new(&mut stream);
    sentence.extend(&["the", "boy", "sleeps", "."]);
    let after = |edit| text(&sentence.edited(&edit));
    assert_eq!(after(Edit::Replace(2, "sleep")), "The boy sleep.");
    assert_eq!(after(Edit::Delete(0..1)), "Boy sleeps.");
    assert_eq!(after(Edit::Swap(0)), "Boy the sleeps.");
    assert_eq!(after(Edit::Insert(3, vec!["a", "apple"])), "The boy sleeps an apple.");
}

#[test]
fn a_verb_agrees_with_its_subject() {
    let mut stream = stream(2);
    for number in [Number::Singular, Number::Plural] {
        for _ in 0..200 {
            let mut sentence = Sentence::new(&mut stream);
            sentence.intransitive(Subject { number, reflexive: None });
            let first = sentence.words[0];
            let plural = ["do", "have"].contains(&first);
            let singular = ["does", "has"].contains(&first);
            assert!(!(if number == Number::Singular { plural } else { singular }), "{:?}", sentence.words);
        }
    }
}

/// The composition in other words: read the label off the text by the grammar's own markers.
#[test]
fn sentiment_is_what_its_last_word_on_the_matter_says() {
    let corpus = read(Task::Sentiment);
    let lexicon = &super::lexicon::LEXICON;
    let mut polarity: HashMap<&str, i32> = HashMap::new();
    for (nouns, verbs, class, sign) in [
        (&lexicon.positive_nouns, &lexicon.positive_verbs, "positive adjectives", 1),
        (&lexicon.negative_nouns, &lexicon.negative_verbs, "negative adjectives", -1),
    ] {
        polarity.extend(nouns.iter().map(|n| (n.singular.as_str(), sign)));
        polarity.extend(verbs.iter().flat_map(|v| [(v.base.as_str(), sign), (v.past.as_str(), sign)]));
        polarity.extend(lexicon.class(class).iter().map(|&w| (w, sign)));
    }
    let negations = ["not", "never", "no", "nobody"];
    for record in corpus.sets.iter().flat_map(|s| &s.records) {
        let words = split(&record.text);
        let text = words.join(" ");
        let clause = if let Some((_, main)) = text.split_once(" , but ") {
            main
        } else if text.starts_with("although ") {
            text.split_once(" , ").unwrap().1
        } else {
            text.split(" although ").next().unwrap().split(" and ").next().unwrap()
        };
        let words: Vec<&str> = clause.split(' ').collect();
        let charged: Vec<i32> = words.iter().filter_map(|w| polarity.get(w).copied()).collect();
        assert_eq!(charged.len(), 1, "{text}");
        let turns = words.iter().filter(|w| negations.contains(w)).count();
        let sign = if turns % 2 == 0 { charged[0] } else { -charged[0] };
        assert_eq!(sign > 0, record.target == 1.0, "{text}");
    }
}
