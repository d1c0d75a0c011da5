//! GLUE's files and their quirks.

use super::folder::{error, folder, read, tokenizer};
use crate::data::{Example, fingerprint, load, own, tasks_in};
use std::fs;
use tunemask_shared::task::{GlueTask, Task};

/// Targets, indices and whether there is a second text.
fn facts(examples: &[Example]) -> Vec<(f32, u32, bool)> {
    examples.iter().map(|e| (e.targets[0], e.index, e.segments.contains(&1))).collect()
}

#[test]
fn single_sentences_are_read() {
    let cola = folder(Task::cola(), "x\t1\t\ta b\nx\t0\t*\tb a\n", "x\t1\t\ta");
    let data = read(Task::cola(), cola.path()).unwrap();
    assert_eq!(facts(&data.train), [(1.0, 0, false), (0.0, 1, false)]);
    assert_eq!(data.train[0].ids, [2, 5, 6, 3]);
    assert_eq!(facts(&data.development[0]), [(1.0, 0, false)]);

    let sst = folder(Task::sst2(), "sentence\tlabel\na b \t1\nb \t0\n", "sentence\tlabel\na \t0\n");
    let data = read(Task::sst2(), sst.path()).unwrap();
    assert_eq!(facts(&data.train), [(1.0, 0, false), (0.0, 1, false)]);
    assert_eq!(data.train[0].ids, [2, 5, 6, 3]);
    let sequence = data.train[0].sequence();
    assert_eq!(
        (sequence.ids, sequence.segments, sequence.targets[0], sequence.index),
        (&[2, 5, 6, 3][..], &[0; 4][..], 1.0, 0)
    );
}

#[test]
fn pairs_are_read_by_the_names_of_their_columns() {
    let files = [
        (
            Task::mrpc(),
            "Quality\t#1 ID\t#2 ID\t#1 String\t#2 String\n1\t7\t8\ta\tb\n0\t7\t8\tb\ta\n",
            [1.0, 0.0],
        ),
        (
            Task::qqp(),
            "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n0\t1\t2\ta\tb\t0\n1\t1\t2\tb\ta\t1\n",
            [0.0, 1.0],
        ),
        (
            Task::qnli(),
            "index\tquestion\tsentence\tlabel\n0\ta\tb\tentailment\n1\tb\ta\tnot_entailment\n",
            [0.0, 1.0],
        ),
        (
            Task::rte(),
            "index\tsentence1\tsentence2\tlabel\n0\ta\tb\tnot_entailment\n1\tb\ta\tentailment\n",
            [1.0, 0.0],
        ),
        // The same columns in another order.
        (Task::rte(), "label\tsentence2\tsentence1\nentailment\tb\ta\nnot_entailment\ta\tb\n", [0.0, 1.0]),
    ];
    for (task, text, targets) in files {
        let dir = folder(task.clone(), text, text);
        let data = read(task.clone(), dir.path()).unwrap();
        assert_eq!(facts(&data.train), [(targets[0], 0, true), (targets[1], 1, true)], "{task}");
        assert_eq!(data.train[0].ids, [2, 5, 3, 6, 3], "{task}");
        assert_eq!(data.train[0].segments, [0, 0, 0, 1, 1], "{task}");
        assert_eq!(data.development, [data.train], "{task}");
    }
}

#[test]
fn scores_are_read_however_they_are_spelled() {
    let header = "index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2\tscore\n";
    let scores = ["0", "0.00", "5.000", "2.11111111111111", "5"];
    let rows: String = scores.iter().map(|s| format!("0\tg\tf\ty\to\tn\tn\ta\tb\t{s}\n")).collect();
    let dir = folder(Task::stsb(), format!("{header}{rows}"), format!("{header}{rows}"));
    let targets: Vec<f32> =
        read(Task::stsb(), dir.path()).unwrap().train.iter().map(|e| e.targets[0]).collect();
    assert_eq!(targets, [0.0, 0.0, 5.0, 2.111_111_2, 5.0]);
    for wrong in ["5.1", "-1", "NaN", "high", ""] {
        let row = format!("{header}0\tg\tf\ty\to\tn\tn\ta\tb\t{wrong}\n");
        let want = format!("STS-B/train.tsv, line 2: the score is `{wrong}`; expected a number from 0 to 5");
        assert_eq!(error(Task::stsb(), row), want);
    }
}

const MNLI_12: &str = "index\tpromptID\tpairID\tgenre\tsentence1_binary_parse\tsentence2_binary_parse\t\
    sentence1_parse\tsentence2_parse\tsentence1\tsentence2\tlabel1\tgold_label\n";
const MNLI_16: &str = "index\tpromptID\tpairID\tgenre\tsentence1_binary_parse\tsentence2_binary_parse\t\
    sentence1_parse\tsentence2_parse\tsentence1\tsentence2\tlabel1\tlabel2\tlabel3\tlabel4\tlabel5\tgold_label\n";

#[test]
fn both_widths_of_mnli_and_both_development_sets_are_read() {
    let row = |more: &str, label: &str| format!("0\tp\tq\tg\tx\tx\tx\tx\ta\tb\tneutral\t{more}{label}\n");
    let more = "neutral\tneutral\tneutral\tneutral\t";
    let train = format!("{MNLI_12}{}{}", row("", "contradiction"), row("", "entailment"));
    let dev = format!("{MNLI_16}{}{}{}", row(more, "neutral"), row(more, "-"), row(more, "entailment"));
    let dir = folder(Task::mnli(), &train, &dev);
    let data = read(Task::mnli(), dir.path()).unwrap();
    assert_eq!(facts(&data.train), [(2.0, 0, true), (0.0, 1, true)]);
    assert_eq!(facts(&data.development[0]), [(1.0, 0, true), (0.0, 2, true)]);
    assert!(data.development[1].is_empty());
    let lines = data.report.lines();
    assert_eq!(lines[1], "matched: 2 examples, 1 rows skipped (no gold label; first at line 3)");
    assert_eq!(lines[3], "no dev_mismatched.tsv; mismatched is not evaluated");

    fs::write(dir.path().join("MNLI/dev_mismatched.tsv"), &dev).unwrap();
    let both = read(Task::mnli(), dir.path()).unwrap();
    assert_eq!(both.development[0], both.development[1]);
    assert_ne!(both.fingerprint, data.fingerprint);
    fs::remove_file(dir.path().join("MNLI/dev_matched.tsv")).unwrap();
    assert!(read(Task::mnli(), dir.path()).unwrap_err().to_string().contains("MNLI/dev_matched.tsv"));
}

#[test]
fn limits_keep_the_rows_numbers_and_the_order() {
    let rows: String = (0..100).map(|i| format!("x\t{}\t\ta\n", i % 2)).collect();
    let dir = folder(Task::cola(), &rows, &rows);
    let cut = load(&Task::cola(), Some(dir.path()), &tokenizer(), 64, Some(20), Some(10)).unwrap();
    assert_eq!((cut.train.len(), cut.development[0].len()), (20, 10));
    assert!(cut.train.iter().all(|e| e.targets[0] == (e.index % 2) as f32));
    assert!(cut.train.windows(2).all(|w| w[0].index < w[1].index));
    assert!(cut.train[19].index > 50);
    assert_eq!(cut.report.lines()[0], "train: 20 examples of 100");
    let long = load(&Task::cola(), Some(dir.path()), &tokenizer(), 64, Some(200), None).unwrap();
    assert_eq!(long.train.len(), 100);
    assert_eq!(long.fingerprint, cut.fingerprint);
}

#[test]
fn what_is_too_long_is_cut_and_counted() {
    let long = "a ".repeat(50);
    let dir = folder(Task::sst2(), format!("sentence\tlabel\n{long}\t1\nb\t0\n"), "sentence\tlabel\nb\t0\n");
    let data = load(&Task::sst2(), Some(dir.path()), &tokenizer(), 16, None, None).unwrap();
    assert_eq!(data.train.iter().map(|e| e.ids.len()).collect::<Vec<_>>(), [16, 3]);
    assert_eq!(data.report.lines(), ["train: 2 examples, 1 cut to 16 tokens", "dev: 1 examples"]);
}

#[test]
fn the_fingerprint_is_the_files() {
    let dir = folder(Task::cola(), "x\t1\t\ta\n", "x\t1\t\ta\n");
    let first = fingerprint(&Task::cola(), Some(dir.path())).unwrap();
    assert_eq!(first, read(Task::cola(), dir.path()).unwrap().fingerprint);
    assert_eq!(first.len(), 64);
    fs::write(dir.path().join("CoLA/dev.tsv"), "x\t0\t\ta\n").unwrap();
    assert_ne!(first, fingerprint(&Task::cola(), Some(dir.path())).unwrap());
}

#[test]
fn folders_are_found_by_their_names() {
    let dir = folder(Task::rte(), "x", "x");
    for name in ["sst-2", "WNLI", "notes"] {
        fs::create_dir(dir.path().join(name)).unwrap();
        fs::write(dir.path().join(name).join("train.tsv"), "x").unwrap();
    }
    fs::create_dir(dir.path().join("CoLA")).unwrap();
    fs::create_dir(dir.path().join("sentiment")).unwrap();
    assert_eq!(tasks_in(dir.path()).unwrap().tasks, [Task::sst2(), Task::rte()]);
    let empty = tempfile::tempdir().unwrap();
    assert!(tasks_in(empty.path()).unwrap_err().to_string().contains("none of GLUE's folders"));
    assert!(tasks_in(&empty.path().join("no")).unwrap_err().to_string().contains("no such folder"));
    let file = empty.path().join("train.csv");
    fs::write(&file, "text,label\n").unwrap();
    let told = format!("{} is a file; name the folder that it is in", file.display());
    assert_eq!(tasks_in(&file).unwrap_err().to_string(), told);
    assert_eq!(own::read_settings(&file).unwrap_err().to_string(), told);
    let error = read(Task::cola(), dir.path()).unwrap_err().to_string();
    assert!(error.contains("no CoLA/train.tsv in it"), "{error}");
    let error = fingerprint(&Task::rte(), None).unwrap_err().to_string();
    assert_eq!(error, "RTE needs a data folder; name the one that holds RTE/train.tsv");
}

/// What the datasets library writes of GLUE, by task: a file's header, and rows of a label of its own.
const HUB: [(GlueTask, &str, [&str; 2]); 6] = [
    (GlueTask::Cola, "sentence,label,idx", ["a,0,0", "b,1,1"]),
    (GlueTask::Mrpc, "sentence1,sentence2,label,idx", ["a,b,0,0", "b,a,1,1"]),
    (GlueTask::Qqp, "question1,question2,label,idx", ["a,b,0,0", "b,a,1,1"]),
    (GlueTask::Qnli, "question,sentence,label,idx", ["a,b,0,0", "b,a,1,1"]),
    (GlueTask::Rte, "sentence1,sentence2,label,idx", ["a,b,0,0", "b,a,1,1"]),
    (GlueTask::Mnli, "premise,hypothesis,label,idx", ["a,b,0,0", "b,a,2,1"]),
];

/// A data folder of one task with these files.
fn files(task: &Task, files: &[(&str, String)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join(task.title())).unwrap();
    for (name, text) in files {
        fs::write(dir.path().join(task.title()).join(name), text).unwrap();
    }
    dir
}

#[test]
fn files_of_the_datasets_library_are_read_in_each_form() {
    for (glue, header, rows) in HUB {
        let task = Task::from(glue);
        let csv = format!("{header}\n{}\n{}\n", rows[0], rows[1]);
        let names: Vec<&str> = header.split(',').collect();
        let object = |row: &str| {
            let fields = names.iter().zip(row.split(',')).map(|(name, cell)| match cell.parse::<u32>() {
                Ok(number) => format!("\"{name}\": {number}"),
                Err(_) => format!("\"{name}\": \"{cell}\""),
            });
            format!("{{{}}}\n", fields.collect::<Vec<_>>().join(", "))
        };
        let json: String = rows.iter().map(|row| object(row)).collect();
        let own = if task == Task::mnli() { "_matched" } else { "" };
        let last = if task == Task::mnli() { 2.0 } else { 1.0 };
        let pair = header.split(',').count() == 4;
        for (train, dev, text) in [
            ("train.csv", format!("validation{own}.csv"), &csv),
            ("train.csv", format!("dev{own}.csv"), &csv.replace('\n', "\r\n")),
            ("train.tsv", format!("dev{own}.tsv"), &csv.replace(',', "\t")),
            ("train.tsv", format!("validation{own}.csv"), &csv.replace(',', "\t")),
            ("train.jsonl", format!("validation{own}.jsonl"), &json),
        ] {
            let other = if dev.ends_with("csv") && train.ends_with("tsv") { &csv } else { text };
            let dir = files(&task, &[(train, text.clone()), (&dev, other.clone())]);
            assert_eq!(tasks_in(dir.path()).unwrap().tasks, std::slice::from_ref(&task));
            let data = read(task.clone(), dir.path()).unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(facts(&data.train), [(0.0, 0, pair), (last, 1, pair)], "{task} {train}");
            assert_eq!(data.development[0], data.train, "{task} {dev}");
            let remarks = data.report.lines().join("\n");
            let order = remarks.contains("labels are numbers, read in GLUE's order: 0 is entailment, 1 is n");
            assert_eq!(order, [Task::qnli(), Task::rte(), Task::mnli()].contains(&task), "{remarks}");
        }
    }
    let text = "sentence1,sentence2,label,idx\na,b,2.5,0\n\"a, b\",b,5.0,1\n".to_owned();
    let dir = files(&Task::stsb(), &[("train.csv", text.clone()), ("validation.csv", text)]);
    let data = read(Task::stsb(), dir.path()).unwrap();
    assert_eq!(facts(&data.train), [(2.5, 0, true), (5.0, 1, true)]);
    // `,` is 44 in the test's vocabulary.
    assert_eq!(data.train[1].ids, [2, 5, 44, 6, 3, 6, 3]);
}

#[test]
fn labels_are_spelled_alike_and_withheld_ones_refused() {
    let rte = |rows: &str| error(Task::rte(), format!("sentence1\tsentence2\tlabel\tidx\n{rows}"));
    assert_eq!(
        rte("a\tb\t1\t0\na\tb\tentailment\t1\n"),
        "RTE/train.tsv, line 3: the label is `entailment`; expected 0 or 1, as above"
    );
    let withheld = "which GLUE writes where it withholds the label (test sets); use the training and validation \
         splits";
    assert_eq!(rte("a\tb\t-1\t0\n"), format!("RTE/train.tsv, line 2: the label is `-1`, {withheld}"));
    let stsb = error(Task::stsb(), "sentence1\tsentence2\tlabel\na\tb\t-1.0\n");
    assert_eq!(stsb, format!("STS-B/train.tsv, line 2: the score is `-1.0`, {withheld}"));
    assert_eq!(
        rte("a\tb\t2\t0\n"),
        "RTE/train.tsv, line 2: the label is `2`; expected entailment or not_entailment"
    );
    let mrpc = error(Task::mrpc(), "a\tb\n");
    let other = "the datasets library's would be `sentence1`, `sentence2`, `label`";
    assert!(
        mrpc.ends_with(&format!("no column `#1 String` in the header; found `a`, `b`; {other}")),
        "{mrpc}"
    );
    let json = |text: &str| {
        let dir = files(&Task::rte(), &[("train.json", text.into()), ("dev.tsv", "x".into())]);
        let text = read(Task::rte(), dir.path()).unwrap_err().to_string();
        text.rsplit_once("RTE/").unwrap().1.to_owned()
    };
    assert!(json("[\n{}]").starts_with("train.json, line 1: a list; write one object per line"));
    assert!(
        json("{\"sentence1\": \"a\", \"sentence2\": \"b\", \"label\": 0}\n{}\n")
            .starts_with("train.json, line 2: no `label`")
    );
    assert!(json("nonsense").starts_with("train.json, line 1: not an object; each line must hold one"));
}

#[test]
fn a_file_that_is_not_read_is_named() {
    let text = "sentence,label\na,1\nb,0\n".to_owned();
    let tabs = text.replace(',', "\t");
    let dir =
        files(&Task::sst2(), &[("train.csv", text.clone()), ("train.tsv", tabs.clone()), ("dev.tsv", tabs)]);
    let remarks = read(Task::sst2(), dir.path()).unwrap().report.lines();
    assert!(remarks.contains(&"train.tsv is read, train.csv beside it is not".to_owned()), "{remarks:?}");
}

#[test]
fn one_label_throughout_is_said() {
    let text = |labels: [&str; 2]| format!("sentence\tlabel\na\t{}\nb\t{}\n", labels[0], labels[1]);
    let dir = folder(Task::sst2(), text(["0", "1"]), text(["1", "1"]));
    let remarks = read(Task::sst2(), dir.path()).unwrap().report.lines();
    assert_eq!(remarks[2], "dev: every label is `positive`; its scores tell nothing apart");
    let pair = |scores: [&str; 2]| {
        format!("sentence1\tsentence2\tscore\na\tb\t{}\nb\ta\t{}\n", scores[0], scores[1])
    };
    let dir = folder(Task::stsb(), pair(["0", "1"]), pair(["2.5", "2.50"]));
    let remarks = read(Task::stsb(), dir.path()).unwrap().report.lines();
    assert_eq!(remarks[2], "dev: every score is 2.5; correlations with it are undefined");
}

#[test]
fn the_shared_case_of_the_datasets_library_is_read() {
    let Some(case) = super::folder::shared("cases/glue-from-hf-datasets/data") else { return };
    for task in [Task::cola(), Task::mrpc(), Task::qqp(), Task::rte(), Task::stsb()] {
        let data = read(task.clone(), &case).unwrap_or_else(|e| panic!("{e}"));
        assert!(data.train.len() > 10 && data.train[0].targets[0] == 0.0, "{task}");
        assert_eq!((data.train[1].targets[0], data.train[1].index), (1.0, 1), "{task}");
    }
}
