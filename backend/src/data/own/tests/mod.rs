//! Data of one's own.

/// Several labels for a text.
mod label_sets;

use super::dataset::Dataset;
use super::{check, read_settings, write_settings};
use crate::data::record::{Input, RecordSet, TaskRecords};
use crate::data::tests::folder::tokenizer;
use crate::data::tests::parquet::{Column, write};
use std::collections::HashSet;
use std::fs;
use std::path::Path;
use tempfile::TempDir;
use tunemask_shared::dataset::{DatasetFacts, DatasetKind};
use tunemask_shared::metric::Metric;
use tunemask_shared::task::{Task, TaskKind};

/// A folder `reviews` with these files, in one that goes away.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("reviews")).unwrap();
    files.iter().for_each(|(name, text)| fs::write(dir.path().join("reviews").join(name), text).unwrap());
    dir
}

fn read(files: &[(&str, &str)]) -> (Task, TaskRecords) {
    Dataset::read(&folder(files).path().join("reviews"), &|_| ()).unwrap()
}

fn error(files: &[(&str, &str)]) -> String {
    let dir = folder(files);
    let error = Dataset::read(&dir.path().join("reviews"), &|_| ()).err().unwrap().to_string();
    error.replace(&format!("{}/", dir.path().display()), "")
}

fn facts(files: &[(&str, &str)]) -> DatasetFacts {
    let dir = folder(files);
    let folder = dir.path().join("reviews");
    let limits = super::Limits { tokenizer: &tokenizer(), max_length: 8 };
    check(&folder, read_settings(&folder).unwrap(), Some(&limits), &|_| ()).unwrap()
}

/// Rows of `id,text,label`, labels taken in turn.
fn csv(count: usize, labels: &[&str]) -> String {
    let rows = (0..count).map(|n| format!("{n},a b c {n},{}\n", labels[n % labels.len()]));
    format!("id,text,label\n{}", rows.collect::<String>())
}

fn labels(task: &Task) -> Vec<String> {
    match task.kind() {
        TaskKind::Classification(labels) | TaskKind::Tagging(labels) | TaskKind::MultiLabel(labels) => {
            labels.clone()
        }
        TaskKind::Regression(range) => vec![format!("{}..{}", range.low, range.high)],
    }
}

#[test]
fn a_csv_is_a_task() {
    let (task, read) =
        read(&[("train.csv", &csv(20, &["yes", "no"])), ("dev.csv", "label,text\nno,x\nyes,y\n")]);
    assert_eq!((task.name().as_str(), task.title(), task.has_pairs()), ("own:reviews", "reviews", false));
    assert_eq!(labels(&task), ["no", "yes"]);
    let [train, development] = &read.sets[..] else { panic!() };
    assert_eq!((train.records.len(), train.records[3].targets[0], train.records[3].index), (20, 0.0, 3));
    assert_eq!(development.records[1].input, Input::Text("y".into()));
    assert!(read.notes.is_empty(), "{:?}", read.notes);
}

#[test]
fn identity_is_that_of_the_examples() {
    let print = |files: &[(&str, &str)]| read(files).1.fingerprint;
    let text = csv(40, &["0", "1"]);
    let plain = print(&[("reviews.csv", &text)]);
    // Another form, another name of the file, other columns beside.
    let tsv = text.replace(',', "\t").replace("id\ttext", "no\ttext");
    assert_eq!(plain, print(&[("other.tsv", &tsv)]));
    let json: Vec<String> =
        (0..40).map(|n| format!("{{\"label\": {}, \"text\": \"a b c {n}\"}}", n % 2)).collect();
    assert_eq!(plain, print(&[("a.json", &format!("[{}]", json.join(",")))]));
    assert_eq!(plain, print(&[("a.jsonl", &json.join("\n"))]));
    let dir = folder(&[]);
    let path = dir.path().join("reviews/a.parquet");
    let texts = Column::Texts((0..40).map(|n| format!("a b c {n}")).collect());
    write(&path, &[("label", Column::Numbers((0..40).map(|n| n % 2).collect())), ("text", texts)], &[]);
    assert_eq!(plain, Dataset::read(&dir.path().join("reviews"), &|_| ()).unwrap().1.fingerprint);
    // A text, a label or its name makes another.
    assert_ne!(plain, print(&[("reviews.csv", &text.replace("a b c 7,", "a b d 7,"))]));
    assert_ne!(plain, print(&[("reviews.csv", &text.replace(",0\n", ",no\n"))]));
    let toml = "labels = [1, 0]\n";
    assert_ne!(plain, print(&[("reviews.csv", &text), ("dataset.toml", toml)]));
}

#[test]
fn the_split_depends_on_the_examples_alone() {
    let rows: Vec<String> =
        (0..100).map(|n| format!("text {},{}\n", n % 90, ["a", "b", "c"][n % 3])).collect();
    let split = |rows: &[String]| -> [HashSet<String>; 2] {
        let (_, read) = read(&[("all.csv", &format!("text,label\n{}", rows.concat()))]);
        let texts = |set: &RecordSet| set.records.iter().map(|r| r.input.texts()[0].to_owned()).collect();
        [texts(&read.sets[0]), texts(&read.sets[1])]
    };
    let [train, development] = split(&rows);
    let mut turned = rows.clone();
    turned.reverse();
    assert_eq!(split(&turned), [train.clone(), development.clone()]);
    assert!(train.is_disjoint(&development));
    assert_eq!(train.len() + development.len(), 90);
    assert!((9..=13).contains(&development.len()), "{}", development.len());
    // Each label gives its share, a rare one too.
    let (task, read) = read(&[("all.csv", &csv(40, &["x", "x", "x", "rare"]))]);
    assert_eq!(labels(&task), ["rare", "x"]);
    let dev: Vec<f32> = read.sets[1].records.iter().map(|r| r.targets[0]).collect();
    assert_eq!(dev.iter().filter(|&&label| label == 0.0).count(), 1);
    assert_eq!(dev.len(), 4);
    assert!(
        read.notes[0].starts_with("no development file; 4 of the 40 examples of all.csv stand in for it"),
        "{:?}",
        read.notes
    );
}

#[test]
fn what_is_predicted_is_found() {
    let kind = |values: &[&str]| {
        let found = facts(&[("train.csv", &csv(30, values))]);
        (found.settings.kind, found.settings.labels.join(" "), found.questions.len())
    };
    let classes = |labels: &str| (Some(DatasetKind::Classification), labels.to_owned(), 0);
    assert_eq!(kind(&["5", "3"]), classes("3 5"));
    assert_eq!(kind(&["True", "False"]), classes("false true"));
    assert_eq!(kind(&["b ", "a"]), classes("a b "));
    assert_eq!(kind(&["1.0", "2.0"]), classes("1 2"));
    assert_eq!(kind(&["0.5", "2", "3.25"]), (Some(DatasetKind::Regression), String::new(), 0));
    // Whole numbers are asked about, and both answers are good.
    assert_eq!(kind(&["10", "9", "11"]), (None, String::new(), 1));
    let answered = |kind: &str| {
        let toml = format!("kind = \"{kind}\"");
        labels(&read(&[("train.csv", &csv(30, &["10", "9", "11"])), ("dataset.toml", &toml)]).0)
    };
    assert_eq!(answered("classification"), ["9", "10", "11"]);
    assert_eq!(answered("regression"), ["9..11"]);
    assert!(
        error(&[("train.csv", &csv(30, &["10", "9", "11"]))])
            .contains("kind: `label` has 3 different whole numbers from 9 to 11")
    );
}

#[test]
fn columns_are_found_by_their_names_or_asked_for() {
    let roles = |header: &str, row: &str| {
        let rows: String =
            (0..9).map(|n| row.replace('#', &n.to_string()).replace('?', ["x", "y"][n % 2])).collect();
        let found = facts(&[("train.csv", &format!("{header}\n{rows}"))]);
        (found.settings.text.join("+"), found.settings.label.join("+"), found.questions.len())
    };
    let some = |text: &str, label: &str| (text.to_owned(), label.to_owned(), 0);
    assert_eq!(roles("id,premise,hypothesis,label", "#,a #,b,?\n"), some("premise+hypothesis", "label"));
    assert_eq!(roles("Text,Category", "a #,?\n"), some("Text", "Category"));
    assert_eq!(roles("verdict,sentence", "?,a #\n"), some("sentence", "verdict"));
    assert_eq!(roles("title2,words2,target", "a #,a longer text #,?\n"), some("words2", "target"));
    let (_, label, questions) = roles("text,one,two", "a #,?,?\n");
    assert_eq!((label.as_str(), questions), ("", 1));
    let found = facts(&[("train.csv", &csv(9, &["a", "b"])), ("dataset.toml", "text = \"body\"")]);
    assert_eq!(found.questions[0].message, "there is no column `body`; the files have `id`, `text`, `label`");
}

#[test]
fn odd_rows_are_named_or_counted() {
    let dev = |rows: &str| {
        [
            ("train.csv".to_owned(), csv(20, &["a", "b"])),
            ("dev.csv".to_owned(), format!("text,label\n{rows}")),
        ]
    };
    let error_of = |rows: &str| {
        let files = dev(rows);
        error(&files.each_ref().map(|(name, text)| (name.as_str(), text.as_str())))
    };
    assert_eq!(
        error_of("x,a\ny,c\n"),
        "reviews/dev.csv, line 3: the label `c` is not among those of the training files: `a`, `b`"
    );
    assert_eq!(
        error_of("x,-1\ny,-1\n"),
        "reviews/dev.csv: no examples: all 2 rows lack a text or a label; is this a test set?"
    );
    let files = dev("x,a\n,a\n\"  \",b\ny,\n");
    let (_, read) = read(&files.each_ref().map(|(name, text)| (name.as_str(), text.as_str())));
    let skipped: Vec<(&str, usize, usize)> =
        read.sets[1].skipped.iter().map(|s| (s.reason.as_str(), s.rows, s.first_line)).collect();
    assert_eq!(skipped, [("no text", 2, 3), ("no label", 1, 5)]);
    let notes = facts(&files.each_ref().map(|(name, text)| (name.as_str(), text.as_str()))).notes;
    for told in [
        "dev: 2 rows are skipped (no text; the first at line 3)",
        "dev: 1 row is skipped (no label; at line 5)",
    ] {
        assert!(notes.iter().any(|note| note == told), "{told}: {notes:?}");
    }
    let scores =
        format!("text,score\n{}z,high\n", (0..9).map(|n| format!("x {n},{n}.5\n")).collect::<String>());
    let toml = "kind = \"regression\"\nsplit = 0.2";
    let said = error(&[("train.csv", &scores), ("dataset.toml", toml)]);
    assert_eq!(said, "reviews/train.csv, line 11: the score is `high`; expected a number");
    assert!(error(&[("train.csv", &csv(9, &["a"]))]).contains("labels: every label in `label` is `a`"));
    assert!(
        error(&[("a.csv", "x\n"), ("b.csv", "x\n")])
            .contains("train: say which of these files, or that all of them: a.csv, b.csv")
    );
    assert!(error(&[("table.xlsx", "PK")]).contains("spreadsheets must be saved as CSV"));
    assert!(error(&[("a.csv", "x\n"), ("dataset.toml", "texts = \"x\"")]).contains("unknown field `texts`"));
    assert!(error(&[("a.csv", "x\n"), ("dataset.toml", "split = 1.5")]).contains("split is 1.5"));
}

#[test]
fn what_a_reader_should_know_is_noted() {
    let found = facts(&[
        ("train.csv", &csv(30, &["Good", "good", "bad"])),
        ("dev.csv", "text,label\na b c 0,Good\nx,bad\n"),
    ]);
    assert!(
        found.notes[0].starts_with("the labels `Good` and `good` differ only in case"),
        "{:?}",
        found.notes
    );
    assert!(found.notes[1].starts_with("1 of 2 development inputs also stand in the training files"));
    assert_eq!(
        found.labels.iter().map(|l| (l.train, l.development)).collect::<Vec<_>>(),
        [(10, 1), (10, 1), (10, 0)]
    );
    assert_eq!(found.majority, Some(0.5));
    let lengths = found.lengths.unwrap();
    // [CLS] a b c N [SEP]: two-figure numbers are two pieces.
    assert_eq!((lengths.longest, lengths.cut, lengths.bins[5], lengths.bins[6]), (7, 0, 10, 20));
    assert_eq!(found.rows[1], [Some("1".into()), Some("a b c 1".into()), Some("good".into())]);
    assert_eq!((found.columns[0].distinct, found.columns[1].longest), (Some(30), 8));
    assert!(
        found.toml.contains(
            "train = \"train.csv\"\ndevelopment = \"dev.csv\"\ntext = \"text\"\nlabel = \"label\"\n"
        ),
        "{}",
        found.toml
    );
}

#[test]
fn what_was_found_reads_as_what_was_written() {
    let dir = folder(&[("train.csv", &csv(30, &["a", "b"]))]);
    let folder = dir.path().join("reviews");
    let before = Dataset::read(&folder, &|_| ()).unwrap();
    let found = check(&folder, read_settings(&folder).unwrap(), None, &|_| ()).unwrap();
    write_settings(&folder, &found.settings).unwrap();
    assert_eq!(read_settings(&folder).unwrap(), found.settings);
    assert_eq!(fs::read_to_string(folder.join("dataset.toml")).unwrap(), found.toml);
    let after = Dataset::read(&folder, &|_| ()).unwrap();
    assert_eq!((before.0, before.1.fingerprint), (after.0, after.1.fingerprint));
}

#[test]
fn words_are_tagged_from_json_lines() {
    let line = |words: &str, tags: &str| {
        let list = |text: &str| serde_json::to_string(&text.split(' ').collect::<Vec<_>>()).unwrap();
        format!("{{\"tokens\": {}, \"ner_tags\": {}}}\n", list(words), list(tags))
    };
    // IOB1, with a type of one's own.
    let train: String =
        (0..20).map(|n| line(&format!("ask anna {n} about aspirin"), "O I-PER O O I-DRUG")).collect();
    let (task, read) =
        read(&[("train.jsonl", &train), ("valid.jsonl", &line("aspirin aspirin", "I-DRUG B-DRUG"))]);
    assert_eq!(labels(&task), ["O", "B-DRUG", "I-DRUG", "B-PER", "I-PER"]);
    assert_eq!(read.sets[0].records[0].targets, [0.0, 3.0, 0.0, 0.0, 1.0]);
    assert_eq!(read.sets[1].records[0].targets, [1.0, 1.0]);
    let odd = format!("{train}{}", line("one two", "O"));
    assert!(
        error(&[("train.jsonl", &odd)])
            .ends_with("train.jsonl, line 21: 2 words and 1 tags; each word needs one")
    );
}

#[test]
fn the_hubs_parquet_is_data_of_ones_own_too() {
    let hub = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/parquet/hub");
    let (task, read) = Dataset::read(&hub.join("conll2003"), &|_| ()).unwrap();
    assert_eq!(labels(&task)[..3], ["O", "B-PER", "I-PER"]);
    assert_eq!(read.sets.iter().map(|set| set.records.len()).collect::<Vec<_>>(), [3, 3]);
    let (task, read) = Dataset::read(&hub.join("rte"), &|_| ()).unwrap();
    assert_eq!(
        (labels(&task), task.has_pairs()),
        (vec!["entailment".to_owned(), "not_entailment".to_owned()], true)
    );
    assert_eq!(read.sets.iter().map(|set| set.records.len()).collect::<Vec<_>>(), [24, 8]);
}

/// WNUT's entities, as the datasets library writes them and as texts in IOBES.
#[test]
fn entities_of_any_type_are_found_in_parquet() {
    let classes = ["O", "B-product", "I-product", "B-creative-work", "I-creative-work"].map(str::to_owned);
    let dir = tempfile::tempdir().unwrap();
    let folder = |name: &str, tags: Column, classes: &[(&str, &[String])]| {
        let folder = dir.path().join(name).join("wnut");
        fs::create_dir_all(&folder).unwrap();
        let words = (0..30).map(|n| ["a", "b", "c"].map(|word| format!("{word}{n}")).to_vec()).collect();
        write(
            &folder.join("train.parquet"),
            &[("tokens", Column::TextLists(words)), ("ner_tags", tags)],
            classes,
        );
        Dataset::read(&folder, &|_| ()).unwrap()
    };
    let numbers = Column::NumberLists(
        (0..30).map(|n| if n % 2 == 0 { vec![0, 1, 2] } else { vec![3, 0, 1] }).collect(),
    );
    let (task, read) = folder("numbers", numbers, &[("ner_tags", &classes)]);
    assert_eq!((task.name().as_str(), labels(&task)), ("own:wnut", classes.to_vec()));
    let metrics = [Metric::EntityF1, Metric::EntityPrecision, Metric::EntityRecall, Metric::Accuracy];
    assert_eq!(task.metrics(), metrics);
    let texts = (0..30).map(|n| match n % 2 {
        0 => ["O", "B-product", "E-product"].map(str::to_owned).to_vec(),
        _ => ["S-creative-work", "O", "S-product"].map(str::to_owned).to_vec(),
    });
    let (task, other) = folder("texts", Column::TextLists(texts.collect()), &[]);
    let sorted = ["O", "B-creative-work", "I-creative-work", "B-product", "I-product"];
    assert_eq!(labels(&task), sorted);
    // The same entities, each with its own numbers.
    let names = |labels: &[&str], read: &TaskRecords| -> Vec<Vec<String>> {
        let all = read.sets.iter().flat_map(|set| &set.records);
        all.map(|r| r.targets.iter().map(|&t| labels[t as usize].to_owned()).collect()).collect()
    };
    let classes: Vec<&str> = classes.iter().map(String::as_str).collect();
    assert_eq!(names(&classes, &read), names(&sorted, &other));
}

#[test]
fn a_list_of_labels_that_is_too_short_is_named() {
    let of = |toml: &str| {
        facts(&[("train.csv", &csv(30, &["neg", "neg", "pos"])), ("dataset.toml", toml)]).questions.remove(0)
    };
    let asked = of("labels = [\"neg\"]");
    assert_eq!(asked.field, "labels");
    assert_eq!(
        asked.message,
        "the list in dataset.toml lacks `pos`, which first stands in train.csv, line 4"
    );
    let several = of("labels = [\"neg\"]\nseparator = \"|\"").message;
    assert_eq!(several, "the list in dataset.toml has `neg` alone; two are needed at least");
    let lines = "{\"tokens\": [\"a\", \"b\"], \"tags\": [\"X\", \"Y\"]}\n".repeat(9);
    let tagged = error(&[("train.jsonl", &lines), ("dataset.toml", "labels = [\"X\"]")]);
    assert!(tagged.contains("labels: the list in dataset.toml has `X` alone"), "{tagged}");
}

/// As many data sets of the hub have them, with the names elsewhere.
#[test]
fn numbers_are_the_places_of_labels_that_are_said() {
    let toml = |labels: &str| format!("labels = [{labels}]\n");
    let names = toml("\"bad\", \"good\", \"so-so\"");
    let data = csv(30, &["2", "0", "1", "-1"]);
    let (task, read) = read(&[("train.csv", &data), ("dataset.toml", &names)]);
    assert_eq!(labels(&task), ["bad", "good", "so-so"]);
    let train = &read.sets[0];
    assert_eq!((train.skipped[0].rows, train.skipped[0].reason.as_str()), (7, "no label"));
    let target = |index| train.records.iter().find(|r| r.index == index).map(|r| r.targets[0]);
    let expected = [Some(2.0), Some(0.0), Some(1.0)];
    let in_turn =
        (0..28).all(|row| row % 4 == 3 || target(row).is_none_or(|t| Some(t) == expected[row as usize % 4]));
    assert!(in_turn);
    // One that is no place, and labels that are numbers themselves.
    for (labels, wrong) in [("\"bad\", \"good\"", "2"), ("1, 2", "0")] {
        let said = error(&[
            ("train.csv", &data),
            ("dataset.toml", &format!("{}kind = \"classification\"\n", toml(labels))),
        ]);
        assert!(said.contains(&format!("the label `{wrong}` is not among those")), "{said}");
    }
    let line = "{\"tokens\": [\"a\", \"b\", \"c\"], \"tags\": [0, 1, 2]}\n".repeat(3);
    let lines: String = (0..20).map(|n| line.replace("\"a\"", &format!("\"a{n}\""))).collect();
    let names = toml("\"O\", \"B-product\", \"I-product\"");
    let (task, _) = super::tests::read(&[("train.jsonl", &lines), ("dataset.toml", &names)]);
    assert_eq!((labels(&task).len(), task.primary_metric()), (3, Metric::EntityF1));
}
