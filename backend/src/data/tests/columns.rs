//! Files of words with their tags.

use super::folder::tokenizer;
use crate::data::{DataError, TaskData, load, tasks_in};
use std::fs;
use std::path::Path;
use tempfile::TempDir;
use tunemask_shared::task::Task;
use tunemask_shared::task::labels::{ENTITIES, PENN_TAGS};

/// The columns of Universal Dependencies.
mod conll_u;

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
    load(&task, Some(data), &tokenizer(), length, None, None)
}

/// The task as a folder has it.
fn found(known: Task, data: &Path) -> Task {
    let task = crate::data::task(known.name(), Some(data)).unwrap();
    let facts = tasks_in(data).unwrap();
    assert_eq!(facts.task(known.name()), Some(&task));
    task
}

/// Word positions and label names of each training sentence.
fn labels(data: &TaskData, names: &[&str]) -> Vec<String> {
    let sentence = |e: &crate::data::Example| {
        let reads = e.reads.iter().zip(&e.targets).map(|(read, &t)| format!("{read}:{}", names[t as usize]));
        reads.collect::<Vec<_>>().join(" ")
    };
    data.train.iter().map(sentence).collect()
}

const TWO: &str =
    "-DOCSTART- -X- -X- O\n\nab NNP B-NP B-PER\nc NNP I-NP I-PER\nd VBZ B-VP O\n\ne NNP B-NP B-LOC\n";

#[test]
fn a_word_is_read_at_its_first_piece() {
    let data = read(Task::ner(), ner(TWO).path(), 64).unwrap();
    // `ab` is two pieces.
    assert_eq!(labels(&data, &ENTITIES), ["1:B-PER 3:I-PER 4:O", "1:B-LOC"]);
    assert_eq!(data.train[0].ids.len(), 6);
    assert_eq!((data.train[0].ids[0], data.train[0].ids[5]), (2, 3));
    assert_eq!(data.train[0].segments, [0; 6]);
    assert_eq!(data.train.iter().map(|e| e.index).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(data.report.lines(), ["train: 2 examples", "dev: 1 examples"]);
    assert_eq!(Task::ner().kind().labels(), ENTITIES);
}

#[test]
fn all_spellings_of_a_file_are_one() {
    let want = read(Task::ner(), ner(TWO).path(), 64).unwrap().train;
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
        assert_eq!(read(Task::ner(), ner(&text).path(), 64).unwrap().train, want, "{text:?}");
    }
}

#[test]
fn what_is_not_iob2_is_said() {
    let first = "a x I-PER\nb x B-PER\nc x O\nd x I-LOC\n";
    let data = read(Task::ner(), ner(first).path(), 64).unwrap();
    assert_eq!(labels(&data, &ENTITIES), ["1:B-PER 2:B-PER 3:O 4:B-LOC"]);
    assert_eq!(data.report.notes, ["train.txt is in IOB1, and was read as IOB2"]);
    let mixed = "a x B-PER\nb x O\nc x I-LOC\n";
    let data = read(Task::ner(), ner(mixed).path(), 64).unwrap();
    assert_eq!(labels(&data, &ENTITIES), ["1:B-PER 2:O 3:B-LOC"]);
    let note = "train.txt: 1 entities begin with I-, the first at line 3; they were read as B-";
    assert_eq!(data.report.notes, [note]);
}

#[test]
fn long_sentences_are_cut_at_a_word() {
    let text = "ab x O\ncd x B-PER\nef x I-PER\n\nabcdefghij x O\n\na x O\n";
    let data = read(Task::ner(), ner(text).path(), 7).unwrap();
    // Two words are four pieces; the third would be six, and five fit.
    assert_eq!(labels(&data, &ENTITIES), ["1:O 3:B-PER", "1:O", "1:O"]);
    assert_eq!(data.train.iter().map(|e| e.ids.len()).collect::<Vec<_>>(), [6, 7, 3]);
    assert_eq!(data.report.lines()[0], "train: 3 examples, 2 cut to 7 tokens (1 words lost)");
}

#[test]
fn a_word_without_pieces_is_as_if_it_were_not_there() {
    // A control character and a zero-width joiner alone: the tokenizer removes both, and a sentence of nothing else.
    let text = "a x O\n\u{8} x B-PER\n\u{200d} x I-PER\nb x O\n\n\u{200b} x B-LOC\n";
    let data = read(Task::ner(), ner(text).path(), 64).unwrap();
    assert_eq!(labels(&data, &ENTITIES), ["1:O 2:O"]);
    assert_eq!(data.train[0].ids.len(), 4);
    assert_eq!(data.report.lines()[0], "train: 1 examples of 2, 3 words without word pieces left out");
    assert!(data.report.remarks(&Task::ner())[0].contains("3 words without word pieces left out"));
}

#[test]
fn parts_of_speech_stand_second() {
    let text = "( ( X\na NN X\n* -NONE- X\nb VBD X\n";
    let dir = folder("PTB", [("wsj_sample.train.conll", text), ("wsj_sample.dev.conll", "a NN X\n")]);
    let data = read(Task::pos(), dir.path(), 64).unwrap();
    assert_eq!(labels(&data, &PENN_TAGS), ["1:-LRB- 2:NN 3:VBD"]);
    assert_eq!(
        data.report.lines()[0],
        "train: 1 examples, 1 rows skipped (traces, not words; first at line 3)"
    );
    assert_eq!(tasks_in(dir.path()).unwrap().tasks, [Task::pos()]);
}

#[test]
fn errors_name_file_and_line() {
    let error = |text: &str| {
        let dir = ner(text);
        let error = read(Task::ner(), dir.path(), 64).unwrap_err().to_string();
        error.replace(&format!("{}/", dir.path().display()), "")
    };
    assert_eq!(
        error("a x O\n\nb x PER\n"),
        "conll2003/train.txt, line 3: the tag is `PER`; expected O, or B- or I- with PER, ORG, LOC or MISC \
         (or IOBES's and BILOU's letters)"
    );
    assert_eq!(
        error("a x O\nb O\n"),
        "conll2003/train.txt, line 2: 2 columns; expected 3: a word and its tags"
    );
    assert_eq!(error("a\n"), "conll2003/train.txt, line 1: 1 column; expected 2: a word and its tags");
    assert_eq!(error("-DOCSTART- O\n\n"), "conll2003/train.txt: no examples");
    let dir = folder("ptb", [("train.txt", "a NN\nb XX\n"), ("dev.txt", "a NN\n")]);
    let error = read(Task::pos(), dir.path(), 64).unwrap_err().to_string();
    let want = "line 2: the tag is `XX`; expected one of the Penn Treebank's, such as NN or VBD";
    assert!(error.ends_with(want), "{error}");
    fs::remove_file(dir.path().join("ptb/dev.txt")).unwrap();
    let error = read(Task::pos(), dir.path(), 64).unwrap_err().to_string();
    assert!(error.contains("ptb/valid.txt"), "{error}");
    assert_eq!(
        load(&Task::ner(), None, &tokenizer(), 64, None, None).unwrap_err().to_string(),
        "NER needs a data folder; name the one that holds conll2003/train.txt"
    );
}

/// Training words with their labels, by a tokenizer of single characters, and what is said of the files.
fn words(task: Task, names: &[&str], dir: &Path) -> (Vec<String>, Vec<String>) {
    let data = read(task, dir, 64).unwrap();
    let word = |e: &crate::data::Example, read: u32, target: f32| {
        let letter = char::from(b'a' + (e.ids[read as usize] - 5) as u8);
        format!("{letter}:{}", names[target as usize])
    };
    let sentence = |e| -> String {
        let e: &crate::data::Example = e;
        e.reads
            .iter()
            .zip(&e.targets)
            .map(|(&read, &target)| word(e, read, target))
            .collect::<Vec<_>>()
            .join(" ")
    };
    (data.train.iter().map(sentence).collect(), data.report.lines())
}

const NUMBERED: &str = "1 a NN I-NP B-PER\n2 b NN I-NP I-PER\n\n1 c NN I-NP O\n2 d NN I-NP B-LOC\n";

#[test]
fn a_column_that_numbers_the_words_is_not_read_as_the_words() {
    let want = ["a:B-PER b:I-PER", "c:O d:B-LOC"];
    let spellings = [
        NUMBERED.to_owned(),
        // From 0, or through the file.
        NUMBERED.replace("1 a", "0 a").replace("2 b", "1 b").replace("1 c", "0 c").replace("2 d", "1 d"),
        NUMBERED.replace("1 c", "3 c").replace("2 d", "4 d"),
        format!("-DOCSTART- -X- -X- O O\n\n{NUMBERED}"),
        format!("1 -DOCSTART- -X- -X- O\n\n{NUMBERED}"),
        NUMBERED.replace(' ', "\t"),
    ];
    for text in spellings {
        let (train, said) = words(Task::ner(), &ENTITIES, ner(&text).path());
        assert_eq!(train, want, "{text}");
        let note = "train.txt: the first column numbers the words; they were read from the second";
        assert!(said.contains(&note.to_owned()), "{said:?}");
    }
    let pos = folder("ptb", [("train.txt", "1 a NN\n2 b VBD\n"), ("dev.txt", "a NN\n")]);
    assert_eq!(words(Task::pos(), &PENN_TAGS, pos.path()).0, ["a:NN b:VBD"]);
}

#[test]
fn numbers_that_do_not_count_are_asked_about() {
    let text = "7 a NN O\n7 b NN B-PER\n9 c NN O\n";
    let error = read(Task::ner(), ner(text).path(), 64).unwrap_err().to_string();
    assert!(error.contains("train.txt, line 1: the first column contains only numbers"), "{error}");
    assert!(error.contains("`# global.columns = ID FORM _ NER`"), "{error}");
    // The answer is taken.
    let told = format!("# global.columns = ID FORM _ NER\n{text}");
    assert_eq!(words(Task::ner(), &ENTITIES, ner(&told).path()).0, ["a:O b:B-PER c:O"]);
    let words_first = format!("# global.columns = FORM _ _ NER\n{text}");
    assert_eq!(read(Task::ner(), ner(&words_first).path(), 64).unwrap().train[0].ids[1], 38);
    for (names, why) in [
        ("ID FORM NER", "3 names of columns, where most lines have 4"),
        ("ID FORM _ WHAT", "no column is named NER, which holds the entities"),
        ("ID WORD _ NER", "no column is named FORM, which holds the words"),
    ] {
        let dir = ner(&format!("# global.columns = {names}\n{text}"));
        let error = read(Task::ner(), dir.path(), 64).unwrap_err().to_string();
        assert!(error.ends_with(&format!("line 1: {why}")), "{error}");
    }
}

#[test]
fn comments_are_no_words_and_number_signs_are() {
    let text = "# a comment of five words\n#another\na x O\n# x B-PER\nb x O\n\n# x y\n# x O\nc x O\n";
    let data = read(Task::ner(), ner(text).path(), 64).unwrap();
    assert_eq!(labels(&data, &ENTITIES), ["1:O 2:B-PER 3:O", "1:O 2:O"]);
    let pos = folder("ptb", [("train.txt", "# #\na NN\n\n# comment\na NN\n"), ("dev.txt", "a NN\n")]);
    assert_eq!(labels(&read(Task::pos(), pos.path(), 64).unwrap(), &PENN_TAGS), ["1:# 2:NN", "1:NN"]);
}

#[test]
fn schemes_that_mark_ends_become_iob2() {
    let read_entities = |text: &str| {
        let data = read(Task::ner(), ner(text).path(), 64).unwrap();
        (labels(&data, &ENTITIES).join(" "), data.report.notes.join("\n"))
    };
    let want = "1:B-PER 2:I-PER 3:I-PER 4:B-LOC 5:O".to_owned();
    for (tags, scheme) in [("BIES", "IOBES"), ("BILU", "BILOU"), ("BMEW", "BMEWO")] {
        let [b, i, e, s] = tags.chars().collect::<Vec<_>>()[..] else { panic!("{tags}") };
        let text = format!("a x {b}-PER\nb x {i}-PER\nc x {e}-PER\nd x {s}-LOC\ne x O\n");
        assert_eq!(
            read_entities(&text),
            (want.clone(), format!("train.txt is in {scheme}, and was read as IOB2"))
        );
    }
    let (_, broken) = read_entities("a x O\nb x E-PER\nc x S-LOC\n");
    assert_eq!(
        broken,
        "train.txt: 1 entities begin with a tag that continues or ends one, the first at line 2; they were \
         read as B- (IOBES, read as IOB2)"
    );
}

#[test]
fn the_odd_line_is_blamed_not_those_around_it() {
    let error = |text: &str| read(Task::ner(), ner(text).path(), 64).unwrap_err().to_string();
    let odd = error("a header of the file\na x O\nb x O\nc x O\n");
    assert!(odd.ends_with("line 1: 5 columns; expected 3: a word and its tags"), "{odd}");
    let kind = error("a x O\nb x B-GPE\nc x O\n");
    assert!(
        kind.ends_with(
            "line 2: the tag is `B-GPE`; expected an entity of CoNLL-2003's types: PER, ORG, LOC or MISC"
        ),
        "{kind}"
    );
}

#[test]
fn numbered_words_of_the_shared_case_are_read() {
    use super::folder::shared;
    let Some(case) = shared("cases/conll-index-column") else { return };
    let read = |name: &str| read(Task::ner(), &case.join(name), 32).unwrap();
    let (words, nonsense, universal) = (read("words"), read("nonsense"), read("conllu"));
    assert_eq!((&words.train, &words.development), (&universal.train, &universal.development));
    let ids = |data: &TaskData| data.train.iter().map(|e| e.ids.clone()).collect::<Vec<_>>();
    assert_ne!(ids(&words), ids(&nonsense));
}

#[test]
fn a_folder_has_labels_of_its_own() {
    let train = "a x B-DRUG\nb x O\nc x I-GENE\nd x I-GENE\n";
    let dir = folder("conll2003", [("train.txt", train), ("valid.txt", "a x O\nb x B-DRUG\n")]);
    let task = found(Task::ner(), dir.path());
    let names = ["O", "B-DRUG", "I-DRUG", "B-GENE", "I-GENE"];
    assert_eq!(
        (task.kind().labels(), task.title(), task.is_known()),
        (&names.map(String::from)[..], "NER", false)
    );
    let (sentences, said) = words(task.clone(), &names, dir.path());
    assert_eq!(sentences, ["a:B-DRUG b:O c:B-GENE d:I-GENE"]);
    let note = "entity types are those of the training file, not CoNLL-2003's: DRUG, GENE";
    assert!(said.contains(&note.to_owned()), "{said:?}");
    // The files are the same, whatever is made of them.
    let print = |task: &Task| crate::data::fingerprint(task, Some(dir.path())).unwrap();
    assert_eq!(print(&task), print(&Task::ner()));

    let wrong = |valid: &str| {
        fs::write(dir.path().join("conll2003/valid.txt"), valid).unwrap();
        assert_eq!(found(Task::ner(), dir.path()), task);
        read(task.clone(), dir.path(), 64).unwrap_err().to_string()
    };
    let kind = wrong("a x O\nb x B-PER\n");
    let told = "valid.txt, line 2: the tag is `B-PER`; expected an entity of the training file's types: DRUG or GENE";
    assert!(kind.ends_with(told), "{kind}");
    let scheme = wrong("a x DRUG\n");
    assert!(
        scheme.contains("line 1: the tag is `DRUG`; expected O, or B- or I- with DRUG or GENE"),
        "{scheme}"
    );
}

#[test]
fn standard_labels_are_the_known_task() {
    // Some of the types, in another scheme.
    let dir = ner("a x I-PER\nb x O\nc x S-LOC\n");
    assert!(found(Task::ner(), dir.path()).is_known());
    // A file that cannot be understood says nothing of its labels; what is wrong is told where it is read.
    let broken = ner("a x B-DRUG\nb O\nc x O\n");
    assert!(found(Task::ner(), broken.path()).is_known());
    let penn = folder("ptb", [("train.txt", "( ( X\na NN X\n* -NONE- X\n"), ("valid.txt", "a NN X\n")]);
    assert!(found(Task::pos(), penn.path()).is_known());
}

#[test]
fn parts_of_speech_may_be_others_than_penns() {
    let dir = folder(
        "ptb",
        [("train.txt", "# SYM\na NOUN\n( PUNCT\nb SYM\n\n# a\nc NOUN\n"), ("valid.txt", "a VERB\n")],
    );
    let task = found(Task::pos(), dir.path());
    assert_eq!(task.kind().labels(), ["NOUN", "PUNCT", "SYM"]);
    let error = read(task.clone(), dir.path(), 64).unwrap_err().to_string();
    let told =
        "valid.txt, line 1: the tag is `VERB`; expected one of the training file's: NOUN, PUNCT or SYM";
    assert!(error.ends_with(told), "{error}");
    fs::write(dir.path().join("ptb/valid.txt"), "a NOUN\n").unwrap();
    // A number sign with a tag is a word; one with anything else begins a comment.
    let data = read(task, dir.path(), 64).unwrap();
    assert_eq!(labels(&data, &["NOUN", "PUNCT", "SYM"]), ["1:SYM 2:NOUN 3:PUNCT 4:SYM", "1:NOUN"]);
    // More tags than a task can have labels are no tags.
    let many: String = (0..300).map(|i| format!("a t{i}\n")).collect();
    let dir = folder("ptb", [("train.txt", many.as_str()), ("valid.txt", "a t1\n")]);
    assert!(found(Task::pos(), dir.path()).is_known());
}
