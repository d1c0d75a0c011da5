//! The sets of each task.

use super::super::dice::{Dice, View};
use super::super::templates;
use super::super::{DEVELOPMENT_ROWS, Input, Labelled, TRAIN_ROWS, corpus, sets, words};
use super::{split, stream, tasks};
use std::collections::{BTreeSet, HashSet};
use tunemask_shared::task::{BuiltInTask, Task, TaskKind};

/// All words of an input, in lower case.
fn spelled(example: &Labelled) -> Vec<String> {
    match &example.input {
        Input::Text(text) => split(text),
        Input::Pair(first, second) => [split(first), split(second)].concat(),
        Input::Words(words) => words.iter().map(|w| w.to_lowercase()).collect(),
    }
}

#[test]
fn sets_are_balanced_distinct_and_apart() {
    for built_in in tasks() {
        let (task, sets) = (Task::from(built_in), sets(built_in).sets);
        let mut sizes = vec![TRAIN_ROWS];
        sizes.extend(task.development_sets().iter().map(|_| DEVELOPMENT_ROWS));
        assert_eq!(sets.iter().map(|s| s.examples.len()).collect::<Vec<_>>(), sizes, "{task}");
        for set in &sets {
            let pairs = set.examples.iter().filter(|r| matches!(r.input, Input::Pair(..))).count();
            assert_eq!(pairs, if task.has_pairs() { set.examples.len() } else { 0 }, "{task}");
            let count = |rows: &[Labelled], label: f32| rows.iter().filter(|r| r.targets == [label]).count();
            match task.kind() {
                TaskKind::Classification(labels) => {
                    for label in 0..labels.len() {
                        let (all, n) = (set.examples.len(), count(&set.examples, label as f32));
                        assert!(n.abs_diff(all / labels.len()) <= 1, "{task}: {n} of label {label}");
                        let first = count(&set.examples[..100], label as f32);
                        assert!((20..70).contains(&first), "labels are mixed: {first}");
                    }
                }
                TaskKind::Regression(..) => {
                    let low = set.examples.iter().filter(|r| r.targets[0] < 2.5).count();
                    assert_eq!(count(&set.examples, 5.0), set.examples.len() / 11);
                    assert!(low.abs_diff(set.examples.len() * 5 / 11) < 6);
                }
                TaskKind::MultiLabel(_) => panic!("the language has no such task"),
                TaskKind::Tagging(_) => {
                    assert!(set.examples.iter().all(|r| r.targets.len() == spelled(r).len()));
                }
            }
        }
        let all: HashSet<String> =
            sets.iter().flat_map(|s| &s.examples).map(|r| format!("{:?}", r.input)).collect();
        assert_eq!(all.len(), sizes.iter().sum::<usize>(), "{task}");
    }
}

#[test]
fn the_vocabulary_spells_every_sentence_and_most_of_it_is_used() {
    let known: BTreeSet<String> = words().into_iter().collect();
    assert!((900..2000).contains(&known.len()), "{}", known.len());
    let mut used = BTreeSet::new();
    let mut spell = |word: &str| {
        // WordPiece takes the longest beginning that it knows.
        let stem = (1..=word.len()).rev().map(|n| &word[..n]).find(|w| known.contains(*w)).unwrap();
        let ending = format!("##{}", &word[stem.len()..]);
        assert!(stem == word || known.contains(&ending), "{word}");
        used.extend([stem.to_owned(), ending]);
    };
    for task in tasks() {
        sets(task).sets.iter().flat_map(|s| &s.examples).flat_map(spelled).for_each(|w| spell(&w));
    }
    corpus(2000).flat_map(|text| split(&text)).for_each(|w| spell(&w));
    let unused: Vec<&String> = known.difference(&used).collect();
    assert!(unused.len() * 20 < known.len(), "{unused:?}");
}

#[test]
fn some_words_stand_in_the_development_sets_alone() {
    for task in tasks() {
        let sets = sets(task).sets;
        let words = |set: usize| sets[set].examples.iter().flat_map(spelled).collect::<BTreeSet<String>>();
        let (train, dev) = (words(0), words(1));
        let new = dev.difference(&train).count();
        assert!((20..250).contains(&new), "{task:?}: {new}");
    }
}

#[test]
fn the_coast_stands_in_the_mismatched_set_alone() {
    let sets = sets(BuiltInTask::Inference).sets;
    let has =
        |set: usize, word: &str| sets[set].examples.iter().any(|r| spelled(r).iter().any(|w| w == word));
    for word in ["sailor", "lighthouse", "trout"] {
        assert!(!has(0, word) && !has(1, word) && has(2, word), "{word}");
    }
    assert!(has(0, "teacher") && has(1, "teacher") && !has(2, "teacher"));
}

#[test]
fn the_corpus_begins_alike_whatever_its_length() {
    let short: Vec<String> = corpus(50).collect();
    assert_eq!(short, corpus(500).take(50).collect::<Vec<_>>());
    let long: Vec<String> = corpus(2000).collect();
    let distinct: HashSet<&String> = long.iter().collect();
    assert!(distinct.len() > 1900);
    let pairs = long.iter().filter(|t| t.contains('\t')).count();
    assert!((600..1400).contains(&pairs), "{pairs}");
    assert!(long.iter().all(|t| t.matches('\t').count() <= 1));
}

#[test]
fn a_name_is_many_things() {
    let mut stream = stream(5);
    let mut dice = Dice::new(&mut stream, View { unseen: true, ..View::default() });
    let mut labels: BTreeSet<u8> = BTreeSet::new();
    for _ in 0..4000 {
        let named = templates::sentence(&mut dice);
        labels.extend(
            named.words.iter().zip(&named.labels).filter(|(w, _)| w.to_lowercase() == "hill").map(|l| *l.1),
        );
    }
    // A hill, Hill, Anna Hill, Hill's bank, and a town called after a hill.
    assert!([0, 1, 2, 3, 5, 6].iter().all(|l| labels.contains(l)), "{labels:?}");
}

/// Another sentence anywhere is another data set; raise `VERSION` with it.
#[test]
fn the_sets_are_the_same_everywhere() {
    let found: Vec<(String, String)> =
        tasks().map(|t| (Task::from(t).to_string(), sets(t).fingerprint[..16].to_owned())).collect();
    let golden = [
        ("acceptability", "3f61b513e61b0eff"),
        ("sentiment", "419b98b968eb9855"),
        ("paraphrase", "87f5e1cc7a682040"),
        ("similarity", "418516f5514a5276"),
        ("questions", "8fd6940f66132ac4"),
        ("inference", "dc035e0167848015"),
        ("answerability", "33bf23b4a7eb02f4"),
        ("entailment", "74234f30d5e1523e"),
        ("tags", "7ee021d05f81efa9"),
        ("entities", "2f24eb1f7a56357f"),
    ];
    assert_eq!(found, golden.map(|(task, print)| (task.to_owned(), print.to_owned())));
}
