//! Files of words with their tags.

use super::folder::tokenizer;
use crate::data::{DataError, TaskData, load, tasks_in};
use std::fs;
use std::path::Path;
use tempfile::TempDir;
use tunemask_shared::task::labels::{ENTITIES, PENN_TAGS};
use tunemask_shared::task::{Kind, Task};

/// A data folder with one task, its training file and development file.
fn folder(name: &str, files: [(&str, &str); 2]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join(name)).unwrap();
    for (file, text) in files {
        fs::write(dir.path().join(name).join(file), text).unwrap();
    }
    dir
}

fn ner(text: &str) -> TempDir {
    folder("conll2003", [("train.txt", text), ("valid.txt", "a X X O\n")])
}

fn read(task: Task, data: &Path, length: usize) -> Result<TaskData, DataError> {
    load(task, Some(data), &tokenizer(), length, None, None)
}

/// Word positions and label names of each training sentence.
fn labels(data: &TaskData, names: &[&str]) -> Vec<String> {
    let sentence = |e: &crate::data::Example| {
        let reads = e.reads.iter().map(|r| format!("{}:{}", r.position, names[r.target as usize]));
        reads.collect::<Vec<_>>().join(" ")
    };
    data.train.iter().map(sentence).collect()
}

const TWO: &str =
    "-DOCSTART- -X- -X- O\n\nab NNP B-NP B-PER\nc NNP I-NP I-PER\nd VBZ B-VP O\n\ne NNP B-NP B-LOC\n";

#[test]
fn a_word_is_read_at_its_first_piece() {
    let data = read(Task::Ner, ner(TWO).path(), 64).unwrap();
    // `ab` is two pieces.
    assert_eq!(labels(&data, &ENTITIES), ["1:B-PER 3:I-PER 4:O", "1:B-LOC"]);
    assert_eq!(data.train[0].ids.len(), 6);
    assert_eq!((data.train[0].ids[0], data.train[0].ids[5]), (2, 3));
    assert_eq!(data.train[0].segments, [0; 6]);
    assert_eq!(data.train.iter().map(|e| e.index).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(data.report.lines(), ["train: 2 examples", "dev: 1 examples"]);
    let Kind::Tagging(names) = Task::Ner.kind() else { panic!() };
    assert_eq!(names, ENTITIES);
}

#[test]
fn all_spellings_of_a_file_are_one() {
    let want = read(Task::Ner, ner(TWO).path(), 64).unwrap().train;
    let spellings = [
        TWO.replace('\n', "\r\n"),
        TWO.replace(' ', "\t"),
        TWO.trim_end().to_owned(),
        format!("\u{feff}{TWO}\n\n"),
        TWO.replace("\n\n", "\n \n\n"),
        TWO.replace("-DOCSTART- -X- -X- O\n\n", "\n"),
        TWO.replace(" B-NP", "").replace(" I-NP", "").replace(" B-VP", "").replace(" -X- -X-", " -X-"),
        // IOB1.
        TWO.replace("B-PER", "I-PER").replace("B-LOC", "I-LOC"),
    ];
    for text in spellings {
        assert_eq!(read(Task::Ner, ner(&text).path(), 64).unwrap().train, want, "{text:?}");
    }
}

#[test]
fn what_is_not_iob2_is_said() {
    let first = "a x I-PER\nb x B-PER\nc x O\nd x I-LOC\n";
    let data = read(Task::Ner, ner(first).path(), 64).unwrap();
    assert_eq!(labels(&data, &ENTITIES), ["1:B-PER 2:B-PER 3:O 4:B-LOC"]);
    assert_eq!(data.report.notes, ["train.txt is in IOB1, and was read as IOB2"]);
    let mixed = "a x B-PER\nb x O\nc x I-LOC\n";
    let data = read(Task::Ner, ner(mixed).path(), 64).unwrap();
    assert_eq!(labels(&data, &ENTITIES), ["1:B-PER 2:O 3:B-LOC"]);
    let note = "train.txt: 1 entities begin with I-, the first at line 3; they were read as B-";
    assert_eq!(data.report.notes, [note]);
}

#[test]
fn long_sentences_are_cut_at_a_word() {
    let text = "ab x O\ncd x B-PER\nef x I-PER\n\nabcdefghij x O\n\na x O\n";
    let data = read(Task::Ner, ner(text).path(), 7).unwrap();
    // Two words are four pieces; the third would be six, and five fit.
    assert_eq!(labels(&data, &ENTITIES), ["1:O 3:B-PER", "1:O", "1:O"]);
    assert_eq!(data.train.iter().map(|e| e.ids.len()).collect::<Vec<_>>(), [6, 7, 3]);
    assert_eq!(data.report.lines()[0], "train: 3 examples, 2 cut to 7 tokens (1 words lost)");
}

#[test]
fn a_word_without_pieces_is_as_if_it_were_not_there() {
    // A control character and a zero-width joiner alone: the tokenizer removes both, and a sentence of nothing else.
    let text = "a x O\n\u{8} x B-PER\n\u{200d} x I-PER\nb x O\n\n\u{200b} x B-LOC\n";
    let data = read(Task::Ner, ner(text).path(), 64).unwrap();
    assert_eq!(labels(&data, &ENTITIES), ["1:O 2:O"]);
    assert_eq!(data.train[0].ids.len(), 4);
    assert_eq!(data.report.lines()[0], "train: 1 examples of 2, 3 words without word pieces left out");
    assert!(data.report.remarks(Task::Ner)[0].contains("3 words without word pieces left out"));
}

#[test]
fn parts_of_speech_stand_second() {
    let text = "( ( X\na NN X\n* -NONE- X\nb VBD X\n";
    let dir = folder("PTB", [("wsj_sample.train.conll", text), ("wsj_sample.dev.conll", "a NN X\n")]);
    let data = read(Task::Pos, dir.path(), 64).unwrap();
    assert_eq!(labels(&data, &PENN_TAGS), ["1:-LRB- 2:NN 3:VBD"]);
    assert_eq!(
        data.report.lines()[0],
        "train: 1 examples, 1 rows skipped (traces, not words; first at line 3)"
    );
    assert_eq!(tasks_in(dir.path()).unwrap().tasks, [Task::Pos]);
}

#[test]
fn errors_name_file_and_line() {
    let error = |text: &str| {
        let dir = ner(text);
        let error = read(Task::Ner, dir.path(), 64).unwrap_err().to_string();
        error.replace(&format!("{}/", dir.path().display()), "")
    };
    assert_eq!(
        error("a x O\n\nb x S-PER\n"),
        "conll2003/train.txt, line 3: the tag is `S-PER`; expected O, or B- or I- with PER, ORG, LOC or MISC"
    );
    assert_eq!(
        error("a x O\nb O\n"),
        "conll2003/train.txt, line 2: 2 columns; expected 3: a word and its tags"
    );
    assert_eq!(error("a\n"), "conll2003/train.txt, line 1: 1 columns; expected 2: a word and its tags");
    assert_eq!(error("-DOCSTART- O\n\n"), "conll2003/train.txt: no examples");
    let dir = folder("ptb", [("train.txt", "a NN\nb XX\n"), ("dev.txt", "a NN\n")]);
    let error = read(Task::Pos, dir.path(), 64).unwrap_err().to_string();
    let want = "line 2: the tag is `XX`; expected one of the Penn Treebank's, such as NN or VBD";
    assert!(error.ends_with(want), "{error}");
    fs::remove_file(dir.path().join("ptb/dev.txt")).unwrap();
    let error = read(Task::Pos, dir.path(), 64).unwrap_err().to_string();
    assert!(error.contains("ptb/valid.txt"), "{error}");
    assert_eq!(
        load(Task::Ner, None, &tokenizer(), 64, None, None).unwrap_err().to_string(),
        "NER needs a data folder; name the one that holds conll2003/train.txt"
    );
}
