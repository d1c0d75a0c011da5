//! The grammar and how it is broken.

use super::super::dice::Dice;
use super::super::grammar::{Number, Subject};
use super::super::lexicon::LEXICON;
use super::super::sentence::{Edit, Rule, Sentence, text};
use super::super::tag::Tag;
use super::super::tasks::WEIGHTS;
use super::super::{Input, Labelled, sets};
use super::{ALL, split, stream};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use tunemask_shared::task::BuiltInTask;

/// A task's texts with their labels.
fn texts(task: BuiltInTask) -> Vec<(String, bool)> {
    let examples = sets(task).sets.into_iter().flat_map(|s| s.examples);
    let text = |e: Labelled| match e.input {
        Input::Text(text) => (text, e.targets == [1.0]),
        other => panic!("{other:?}"),
    };
    examples.map(text).collect()
}

#[test]
fn every_rule_is_broken_and_an_edit_never_gives_the_same_words() {
    let mut stream = stream(0);
    let mut dice = Dice::new(&mut stream, ALL);
    let mut count: BTreeMap<Rule, usize> = BTreeMap::new();
    for _ in 0..2000 {
        let mut sentence = Sentence::new(&mut dice);
        sentence.whole();
        assert_eq!(sentence.words.len(), sentence.tags.len());
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
    let mut broken = 0;
    for (text, acceptable) in texts(BuiltInTask::Acceptability) {
        let words = split(&text);
        let pairs = || words.windows(2).map(|w| (w[0].as_str(), w[1].as_str()));
        let wrong = pairs().any(|p| bad_pairs.contains(&p))
            || pairs().any(|(a, b)| {
                singular.contains(&a) && ["boys", "men", "books", "houses", "dogs"].contains(&b)
            })
            || pairs().any(|(a, b)| ["will", "can", "must"].contains(&a) && b.ends_with("ed") && b != "need")
            || ["him", "them"].contains(&words[0].as_str())
            || words.starts_with(&["everybody".into(), "has".into(), "ever".into()]);
        if acceptable {
            assert!(!wrong, "{text}");
        } else {
            broken += usize::from(wrong);
        }
    }
    assert!(broken > 20, "the check sees broken sentences too: {broken}");
}

#[test]
fn edits_do_what_they_say() {
    let mut stream = stream(1);
    let mut dice = Dice::new(&mut stream, ALL);
    let mut sentence = Sentence::new(&mut dice);
    sentence.extend(&[
        (Tag::Determiner, "the"),
        (Tag::Noun, "boy"),
        (Tag::Third, "sleeps"),
        (Tag::Stop, "."),
    ]);
    let after = |edit| text(&sentence.edited(&edit));
    assert_eq!(after(Edit::Replace(2, "sleep")), "The boy sleep.");
    assert_eq!(after(Edit::Delete(0..1)), "Boy sleeps.");
    assert_eq!(after(Edit::Swap(0)), "Boy the sleeps.");
    assert_eq!(after(Edit::Insert(3, vec!["a", "apple"])), "The boy sleeps an apple.");
}

#[test]
fn a_verb_agrees_with_its_subject() {
    let mut stream = stream(2);
    let mut dice = Dice::new(&mut stream, ALL);
    for number in [Number::Singular, Number::Plural] {
        for _ in 0..200 {
            let mut sentence = Sentence::new(&mut dice);
            sentence.intransitive(Subject { number, reflexive: None });
            let first = sentence.words[0];
            let plural = ["do", "have"].contains(&first) || sentence.tags[0] == Tag::Present;
            let singular = ["does", "has"].contains(&first) || sentence.tags[0] == Tag::Third;
            assert!(!(if number == Number::Singular { plural } else { singular }), "{:?}", sentence.words);
        }
    }
}

/// The composition in other words: read the label off the text by the grammar's own markers.
#[test]
fn sentiment_is_what_its_last_word_on_the_matter_says() {
    let mut polarity: HashMap<&str, i32> = HashMap::new();
    for (side, sign) in [("positive", 1), ("negative", -1)] {
        let nouns = &LEXICON.nouns(&format!("{side} nouns")).all;
        let verbs = &LEXICON.verbs(&format!("{side} verbs")).all;
        polarity.extend(nouns.iter().map(|n| (n.singular.as_str(), sign)));
        polarity.extend(verbs.iter().flat_map(|v| [(v.base.as_str(), sign), (v.past.as_str(), sign)]));
        let adjectives = &LEXICON.words(&format!("{side} adjectives")).all;
        polarity.extend(adjectives.iter().map(|&w| (w, sign)));
    }
    let negations = ["not", "never", "no", "nobody"];
    for (text, positive) in texts(BuiltInTask::Sentiment) {
        let text = split(&text).join(" ");
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
        assert_eq!(sign > 0, positive, "{text}");
    }
}
