use super::folder::{error, folder, read, tokenizer};
use crate::data::{Example, fingerprint, load, tasks_in};
use std::fs;
use tunemask_shared::task::Task;

/// Targets, indices and whether there is a second text.
fn facts(examples: &[Example]) -> Vec<(f32, u32, bool)> {
    examples.iter().map(|e| (e.reads[0].target, e.index, e.segments.contains(&1))).collect()
}

#[test]
fn single_sentences_are_read() {
    let cola = folder(Task::Cola, "x\t1\t\ta b\nx\t0\t*\tb a\n", "x\t1\t\ta");
    let data = read(Task::Cola, cola.path()).unwrap();
    assert_eq!(facts(&data.train), [(1.0, 0, false), (0.0, 1, false)]);
    assert_eq!(data.train[0].ids, [2, 5, 6, 3]);
    assert_eq!(facts(&data.development[0]), [(1.0, 0, false)]);

    let sst = folder(Task::Sst2, "sentence\tlabel\na b \t1\nb \t0\n", "sentence\tlabel\na \t0\n");
    let data = read(Task::Sst2, sst.path()).unwrap();
    assert_eq!(facts(&data.train), [(1.0, 0, false), (0.0, 1, false)]);
    assert_eq!(data.train[0].ids, [2, 5, 6, 3]);
    let sequence = data.train[0].sequence();
    assert_eq!(
        (sequence.ids, sequence.segments, sequence.reads[0].target, sequence.index),
        (&[2, 5, 6, 3][..], &[0; 4][..], 1.0, 0)
    );
}

#[test]
fn pairs_are_read_by_the_names_of_their_columns() {
    let files = [
        (
            Task::Mrpc,
            "Quality\t#1 ID\t#2 ID\t#1 String\t#2 String\n1\t7\t8\ta\tb\n0\t7\t8\tb\ta\n",
            [1.0, 0.0],
        ),
        (
            Task::Qqp,
            "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n0\t1\t2\ta\tb\t0\n1\t1\t2\tb\ta\t1\n",
            [0.0, 1.0],
        ),
        (
            Task::Qnli,
            "index\tquestion\tsentence\tlabel\n0\ta\tb\tentailment\n1\tb\ta\tnot_entailment\n",
            [0.0, 1.0],
        ),
        (
            Task::Rte,
            "index\tsentence1\tsentence2\tlabel\n0\ta\tb\tnot_entailment\n1\tb\ta\tentailment\n",
            [1.0, 0.0],
        ),
        // The same columns in another order.
        (Task::Rte, "label\tsentence2\tsentence1\nentailment\tb\ta\nnot_entailment\ta\tb\n", [0.0, 1.0]),
    ];
    for (task, text, targets) in files {
        let dir = folder(task, text, text);
        let data = read(task, dir.path()).unwrap();
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
    let dir = folder(Task::Stsb, format!("{header}{rows}"), format!("{header}{rows}"));
    let targets: Vec<f32> =
        read(Task::Stsb, dir.path()).unwrap().train.iter().map(|e| e.reads[0].target).collect();
    assert_eq!(targets, [0.0, 0.0, 5.0, 2.111_111_2, 5.0]);
    for wrong in ["5.1", "-1", "NaN", "high", ""] {
        let row = format!("{header}0\tg\tf\ty\to\tn\tn\ta\tb\t{wrong}\n");
        let want = format!("STS-B/train.tsv, line 2: the score is `{wrong}`; expected a number from 0 to 5");
        assert_eq!(error(Task::Stsb, row), want);
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
    let dir = folder(Task::Mnli, &train, &dev);
    let data = read(Task::Mnli, dir.path()).unwrap();
    assert_eq!(facts(&data.train), [(2.0, 0, true), (0.0, 1, true)]);
    assert_eq!(facts(&data.development[0]), [(1.0, 0, true), (0.0, 2, true)]);
    assert!(data.development[1].is_empty());
    let lines = data.report.lines();
    assert_eq!(lines[1], "matched: 2 examples, 1 rows skipped (no gold label; first at line 3)");
    assert_eq!(lines[3], "no dev_mismatched.tsv; mismatched is not evaluated");

    fs::write(dir.path().join("MNLI/dev_mismatched.tsv"), &dev).unwrap();
    let both = read(Task::Mnli, dir.path()).unwrap();
    assert_eq!(both.development[0], both.development[1]);
    assert_ne!(both.fingerprint, data.fingerprint);
    fs::remove_file(dir.path().join("MNLI/dev_matched.tsv")).unwrap();
    assert!(read(Task::Mnli, dir.path()).unwrap_err().to_string().contains("MNLI/dev_matched.tsv"));
}

#[test]
fn limits_keep_the_rows_numbers_and_the_order() {
    let rows: String = (0..100).map(|i| format!("x\t{}\t\ta\n", i % 2)).collect();
    let dir = folder(Task::Cola, &rows, &rows);
    let cut = load(Task::Cola, Some(dir.path()), &tokenizer(), 64, Some(20), Some(10)).unwrap();
    assert_eq!((cut.train.len(), cut.development[0].len()), (20, 10));
    assert!(cut.train.iter().all(|e| e.reads[0].target == (e.index % 2) as f32));
    assert!(cut.train.windows(2).all(|w| w[0].index < w[1].index));
    assert!(cut.train[19].index > 50);
    assert_eq!(cut.report.lines()[0], "train: 20 examples of 100");
    let long = load(Task::Cola, Some(dir.path()), &tokenizer(), 64, Some(200), None).unwrap();
    assert_eq!(long.train.len(), 100);
    assert_eq!(long.fingerprint, cut.fingerprint);
}

#[test]
fn what_is_too_long_is_cut_and_counted() {
    let long = "a ".repeat(50);
    let dir = folder(Task::Sst2, format!("sentence\tlabel\n{long}\t1\nb\t0\n"), "sentence\tlabel\nb\t0\n");
    let data = load(Task::Sst2, Some(dir.path()), &tokenizer(), 16, None, None).unwrap();
    assert_eq!(data.train.iter().map(|e| e.ids.len()).collect::<Vec<_>>(), [16, 3]);
    assert_eq!(data.report.lines(), ["train: 2 examples, 1 cut to 16 tokens", "dev: 1 examples"]);
}

#[test]
fn the_fingerprint_is_the_files() {
    let dir = folder(Task::Cola, "x\t1\t\ta\n", "x\t1\t\ta\n");
    let first = fingerprint(Task::Cola, Some(dir.path())).unwrap();
    assert_eq!(first, read(Task::Cola, dir.path()).unwrap().fingerprint);
    assert_eq!(first.len(), 64);
    fs::write(dir.path().join("CoLA/dev.tsv"), "x\t0\t\ta\n").unwrap();
    assert_ne!(first, fingerprint(Task::Cola, Some(dir.path())).unwrap());
}

#[test]
fn folders_are_found_by_their_names() {
    let dir = folder(Task::Rte, "x", "x");
    for name in ["sst-2", "WNLI", "notes"] {
        fs::create_dir(dir.path().join(name)).unwrap();
        fs::write(dir.path().join(name).join("train.tsv"), "x").unwrap();
    }
    fs::create_dir(dir.path().join("CoLA")).unwrap();
    fs::create_dir(dir.path().join("sentiment")).unwrap();
    assert_eq!(tasks_in(dir.path()).unwrap().tasks, [Task::Sst2, Task::Rte]);
    let empty = tempfile::tempdir().unwrap();
    assert!(tasks_in(empty.path()).unwrap_err().to_string().contains("none of GLUE's folders"));
    assert!(tasks_in(&empty.path().join("no")).unwrap_err().to_string().contains("no such folder"));
    let error = read(Task::Cola, dir.path()).unwrap_err().to_string();
    assert!(error.contains("no CoLA/train.tsv in it"), "{error}");
    let error = fingerprint(Task::Rte, None).unwrap_err().to_string();
    assert_eq!(error, "RTE needs a data folder; name the one that holds RTE/train.tsv");
}
