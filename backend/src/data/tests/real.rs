//! Real files: row counts and lengths that are known of them.

use super::folder::shared;
use crate::data::{TaskData, load};
use crate::model::Tokenizer;
use std::fs;
use tunemask_shared::task::{Task, known_tasks};

fn uncased() -> Option<Tokenizer> {
    shared("data/vocab/bert-base-uncased").map(|folder| Tokenizer::open(&folder).unwrap())
}

fn read(task: Task, folder: &str) -> Option<TaskData> {
    let (data, tokenizer) = (shared(folder)?, uncased()?);
    Some(load(&task, Some(&data), &tokenizer, 128, None, None).unwrap())
}

#[test]
fn official_files_have_their_published_sizes_and_lengths() {
    // Rows of train and dev, longest of either at 128, cut in train.
    let known = [
        (Task::cola(), 8551, 1043, 47, 0),
        (Task::mrpc(), 3668, 408, 103, 0),
        (Task::stsb(), 5749, 1500, 125, 0),
        (Task::rte(), 2490, 277, 128, 304),
    ];
    for (task, train, dev, longest, cut) in known {
        let Some(data) = read(task.clone(), "data/glue") else { return };
        assert_eq!((data.train.len(), data.development[0].len()), (train, dev), "{task}");
        assert_eq!(data.report.sets.iter().map(|s| s.longest).max(), Some(longest), "{task}");
        assert_eq!(data.report.sets[0].truncated, cut, "{task}");
        assert!(data.report.sets.iter().all(|s| s.skipped.is_empty()), "{task}");
        // Its stray quotes are characters, and nothing else is to be said.
        assert!(data.report.notes.is_empty(), "{task}: {:?}", data.report.notes);
    }
}

#[test]
fn sst_2_is_whole() {
    let Some(data) = read(Task::sst2(), "data/glue") else { return };
    assert_eq!((data.train.len(), data.development[0].len()), (67349, 872));
    assert_eq!(data.report.sets[1].longest, 55);
    assert_eq!(data.train[67348].index, 67348);
}

#[test]
fn genuine_layouts_of_the_large_tasks_are_read() {
    for (task, rows) in [(Task::mnli(), 48), (Task::qqp(), 32)] {
        let Some(data) = read(task.clone(), "data/glue_kshot") else { return };
        assert_eq!((data.train.len(), data.development[0].len()), (rows, rows), "{task}");
        let labels = |set: &[crate::data::Example]| {
            (0..3).map(|l| set.iter().filter(|e| e.targets[0] == l as f32).count()).collect::<Vec<_>>()
        };
        assert!(labels(&data.train).iter().take(task.kind().outputs()).all(|&n| n == 16), "{task}");
    }
}

#[test]
fn the_subsample_is_read_under_official_names() {
    let Some(source) = shared("data/glue_subsample") else { return };
    let Some(tokenizer) = uncased() else { return };
    let dir = tempfile::tempdir().unwrap();
    let copies = [
        ("MNLI", "train.tsv", "train.tsv"),
        ("MNLI", "dev_matched.tsv", "dev_matched.tsv"),
        ("MNLI", "dev_mismatched_textfooler1000.tsv", "dev_mismatched.tsv"),
        ("QQP", "train.tsv", "train.tsv"),
        ("QQP", "dev_from_train.tsv", "dev.tsv"),
    ];
    for (task, from, to) in copies {
        fs::create_dir_all(dir.path().join(task)).unwrap();
        fs::copy(source.join(task).join(from), dir.path().join(task).join(to)).unwrap();
    }
    let counts = |task| {
        let data = load(&task, Some(dir.path()), &tokenizer, 128, None, None).unwrap();
        let dev: Vec<usize> = data.development.iter().map(Vec::len).collect();
        (data.train.len(), dev)
    };
    assert_eq!(counts(Task::mnli()), (8999, vec![9815, 1000]));
    assert_eq!(counts(Task::qqp()), (8999, vec![1000]));
}

#[test]
fn every_official_folder_is_found() {
    let Some(data) = shared("data/glue") else { return };
    let found = crate::data::tasks_in(&data).unwrap().tasks;
    let want: Vec<Task> = known_tasks().iter().filter(|t| data.join(t.title()).exists()).cloned().collect();
    assert_eq!(found, want);
    assert!(found.len() >= 5);
    // The folder above has GLUE's in one of them, and token classification beside it.
    let above = shared("data").unwrap();
    let all = crate::data::tasks_in(&above).unwrap().tasks;
    assert_eq!(all, [found, vec![Task::ner(), Task::pos()]].concat());
    let rte = |folder: &std::path::Path| crate::data::fingerprint(&Task::rte(), Some(folder)).unwrap();
    assert_eq!(rte(&data), rte(&above));
}

#[test]
fn token_classification_has_its_published_sizes() {
    // Sentences and words of train and dev.
    let known =
        [(Task::ner(), [14_041, 3_250], [203_621, 51_362]), (Task::pos(), [3_396, 273], [79_947, 6_500])];
    for (task, sentences, words) in known {
        let Some(data) = read(task.clone(), "data") else { return };
        let sets = [&data.train, &data.development[0]];
        assert_eq!(sets.map(Vec::len), sentences, "{task}");
        let reads = |set: &Vec<crate::data::Example>| set.iter().map(|e| e.reads.len()).sum::<usize>();
        let lost: Vec<usize> = data.report.sets.iter().map(|s| s.lost_words).collect();
        let got = [reads(sets[0]) + lost[0], reads(sets[1]) + lost[1]];
        if task == Task::ner() {
            assert_eq!(got, words, "{task}");
        }
        assert!(data.report.sets.iter().all(|s| s.longest <= 128 && s.skipped.is_empty()), "{task}");
        assert!(data.report.notes.is_empty(), "{:?}", data.report.notes);
        for example in sets.into_iter().flatten() {
            assert!(example.reads.windows(2).all(|r| r[0] < r[1]));
            assert!(example.reads.iter().all(|&read| (read as usize) < example.ids.len() - 1));
        }
    }
}
