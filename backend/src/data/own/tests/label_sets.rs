use super::{error, facts, folder, labels, read};
use crate::data::own::dataset::Dataset;
use crate::data::record::{RecordSet, TaskRecords};
use crate::data::tests::parquet::{Column, write};
use std::fs;
use tunemask_shared::dataset::{DatasetKind, Role};
use tunemask_shared::metric::Metric;
use tunemask_shared::task::TaskKind;

/// What row n is labelled with: none, one or two of three.
fn topics(n: usize) -> Vec<&'static str> {
    let has = [n.is_multiple_of(2), n.is_multiple_of(5), n % 7 == 3];
    ["toxic", "insult", "threat"]
        .into_iter()
        .zip(has)
        .filter_map(|(label, has)| has.then_some(label))
        .collect()
}

fn separated(count: usize) -> String {
    let rows = (0..count).map(|n| format!("a b c {n},{}\n", topics(n).join(" | ")));
    format!("text,topics\n{}", rows.collect::<String>())
}

fn columns(count: usize) -> String {
    let has = |n, label| u8::from(topics(n).contains(&label));
    let row = |n| format!("a b c {n},{},{},{}\n", has(n, "insult"), has(n, "threat"), has(n, "toxic"));
    format!("text,insult,threat,toxic\n{}", (0..count).map(row).collect::<String>())
}

fn lists(count: usize) -> String {
    let row = |n| format!("{{\"text\": \"a b c {n}\", \"topics\": {:?}}}\n", topics(n));
    (0..count).map(row).collect()
}

const SEPARATOR: &str = "label = \"topics\"\nseparator = \"|\"\n";
const COLUMNS: &str = "label = [\"insult\", \"threat\", \"toxic\"]\n";

fn targets(set: &RecordSet) -> Vec<&[f32]> {
    set.records.iter().map(|record| record.targets.as_slice()).collect()
}

#[test]
fn a_text_may_have_several_labels_or_none() {
    let dev = "text,topics\nx,threat|toxic\ny,\n";
    let (task, read) = read(&[("train.csv", &separated(40)), ("dev.csv", dev), ("dataset.toml", SEPARATOR)]);
    assert!(matches!(task.kind(), TaskKind::MultiLabel(_)));
    assert_eq!(labels(&task), ["insult", "threat", "toxic"]);
    assert_eq!(task.metrics(), [Metric::MicroF1, Metric::MacroF1, Metric::SubsetAccuracy]);
    let train = targets(&read.sets[0]);
    assert_eq!(
        (train.len(), train[0], train[1], train[3]),
        (40, &[1., 0., 1.][..], &[0.; 3][..], &[0., 1., 0.][..])
    );
    assert_eq!(targets(&read.sets[1]), [[0., 1., 1.], [0., 0., 0.]]);
}

#[test]
fn every_form_of_the_same_sets_is_the_same_data() {
    let print = |files: &[(&str, &str)]| -> (String, String) {
        let (task, TaskRecords { fingerprint, .. }) = read(files);
        (fingerprint, serde_json::to_string(&task).unwrap())
    };
    let plain = print(&[("a.csv", &separated(60)), ("dataset.toml", SEPARATOR)]);
    assert_eq!(plain, print(&[("a.csv", &columns(60)), ("dataset.toml", COLUMNS)]));
    assert_eq!(plain, print(&[("a.jsonl", &lists(60))]));
    // A list of 1 and 0 for each, as transformers' own heads take it; names are said beside it.
    let flags = (0..60).map(|n| {
        let has = |label| if topics(n).contains(&label) { "1.0" } else { "0.0" };
        format!(
            "{{\"text\": \"a b c {n}\", \"labels\": [{}, {}, {}]}}\n",
            has("insult"),
            has("threat"),
            has("toxic")
        )
    });
    let names = "labels = [\"insult\", \"threat\", \"toxic\"]\n";
    assert_eq!(plain, print(&[("a.jsonl", &flags.collect::<String>()), ("dataset.toml", names)]));
    // Parquet, with lists of names and with lists of numbers of classes.
    let dir = folder(&[]);
    let path = dir.path().join("reviews/a.parquet");
    let texts = || Column::Texts((0..60).map(|n| format!("a b c {n}")).collect());
    let sets = |n| topics(n).into_iter().map(str::to_owned).collect();
    write(&path, &[("text", texts()), ("topics", Column::TextLists((0..60).map(sets).collect()))], &[]);
    let fingerprint = || Dataset::read(&dir.path().join("reviews"), &|_| ()).unwrap().1.fingerprint;
    assert_eq!(plain.0, fingerprint());
    let classes = ["insult", "threat", "toxic"].map(str::to_owned);
    let numbers = |n| {
        let place = |label: &str| classes.iter().position(|class| class == label).unwrap() as i64;
        topics(n).into_iter().map(place).collect()
    };
    let lists = Column::NumberLists((0..60).map(numbers).collect());
    write(&path, &[("text", texts()), ("topics", lists)], &[("topics", &classes)]);
    assert_eq!(plain.0, fingerprint());
    // Another order of the labels is another task.
    let other = "label = [\"toxic\", \"threat\", \"insult\"]\n";
    assert_ne!(plain, print(&[("a.csv", &columns(60)), ("dataset.toml", other)]));
}

#[test]
fn each_label_gives_its_share_to_the_development_set() {
    let (_, read) = read(&[("a.csv", &separated(200)), ("dataset.toml", SEPARATOR)]);
    let [train, development] = &read.sets[..] else { panic!() };
    assert_eq!((train.records.len(), development.records.len()), (180, 20));
    let count =
        |set: &RecordSet, label: usize| set.records.iter().filter(|r| r.targets[label] == 1.0).count();
    let shares: Vec<(usize, usize)> =
        (0..3).map(|label| (count(train, label), count(development, label))).collect();
    assert_eq!(shares, [(36, 4), (26, 3), (90, 10)]);
    let mut rows: Vec<String> = separated(200).lines().skip(1).map(|row| format!("{row}\n")).collect();
    rows.reverse();
    let turned = format!("text,topics\n{}", rows.concat());
    let again = super::read(&[("a.csv", &turned), ("dataset.toml", SEPARATOR)]).1;
    let inputs = |set: &RecordSet| -> std::collections::HashSet<String> {
        set.records.iter().map(|record| record.input.texts()[0].to_owned()).collect()
    };
    assert_eq!(inputs(development), inputs(&again.sets[1]));
}

#[test]
fn what_is_known_of_several_labels_is_said() {
    let found = facts(&[("train.csv", &separated(40)), ("dataset.toml", SEPARATOR)]);
    assert_eq!((found.settings.kind, found.majority), (Some(DatasetKind::MultiLabel), None));
    let counts: Vec<(u64, u64)> = found.labels.iter().map(|l| (l.train, l.development)).collect();
    assert_eq!(counts.iter().map(|(a, b)| a + b).collect::<Vec<_>>(), [8, 6, 20]);
    assert!(
        found.notes.iter().any(|note| note.contains("examples have none of the labels")),
        "{:?}",
        found.notes
    );
    assert!(found.toml.contains("separator = \"|\"\nkind = \"multi-label\"\n"), "{}", found.toml);
    let found = facts(&[("train.csv", &columns(40)), ("dataset.toml", COLUMNS)]);
    assert_eq!(found.columns.iter().filter(|column| column.role == Role::Label).count(), 3);
    assert!(found.toml.contains("label = [\"insult\", \"threat\", \"toxic\"]"), "{}", found.toml);
    // Which columns might be labels is said where they are asked for.
    let found = facts(&[("train.csv", &columns(40))]);
    assert!(
        found.questions[0].message.ends_with("a column each: label = [\"insult\", \"threat\", \"toxic\"]"),
        "{:?}",
        found.questions
    );
}

#[test]
fn what_cannot_be_sets_of_labels_is_named() {
    let said = |train: &str, toml: &str| error(&[("train.csv", train), ("dataset.toml", toml)]);
    let with = |more: &str| format!("{}{more}", columns(9));
    assert_eq!(
        said(&with("z,0.5,0,1\n"), COLUMNS),
        "reviews/train.csv, line 11: `insult` is `0.5`; expected 1 where the text has the label, else 0"
    );
    // Labels that are withheld.
    let (_, found) = read(&[("train.csv", &with("z,-1,-1,-1\n")), ("dataset.toml", COLUMNS)]);
    assert_eq!((found.sets[0].skipped[0].reason.as_str(), found.sets[0].skipped[0].rows), ("no label", 1));
    let separated = separated(20);
    assert!(
        said(&separated, "label = \"topics\"\nkind = \"multi-label\"")
            .contains("separator: `topics` has no lists")
    );
    assert!(
        said(&separated, &format!("{SEPARATOR}kind = \"classification\""))
            .contains("separator: only of kind")
    );
    assert!(
        said(&columns(9), &format!("{COLUMNS}kind = \"regression\""))
            .contains("label: 3 columns, which only")
    );
    assert!(said(&columns(9), "label = [\"toxic\", \"toxic\"]").contains("label: `toxic` is named twice"));
    assert!(
        said(&columns(9), &format!("{COLUMNS}labels = [\"a\", \"b\"]"))
            .contains("labels: 2 names for 3 labels")
    );
    assert!(
        said("text,topics\na,x\nb,x\nc,\n", SEPARATOR).contains("labels: the only label in `topics` is `x`")
    );
    assert!(said("text,topics\na,\nb,\n", SEPARATOR).contains("label: no row has a label in `topics`"));
    assert!(
        said(&separated, &format!("{SEPARATOR}metric = \"accuracy\""))
            .contains("accuracy cannot be counted on this task")
    );
    let dev = |rows: &str| {
        let dev = format!("text,topics\n{rows}");
        error(&[("train.csv", &separated), ("dev.csv", &dev), ("dataset.toml", SEPARATOR)])
    };
    assert!(
        dev("x,toxic|rude\n")
            .contains("dev.csv, line 2: the label `rude` is not among those of the training files")
    );
    assert!(dev("x,\ny,\n").ends_with("dev.csv: none of its examples has a label; is this a test set?"));
    let flags = "{\"text\": \"a\", \"labels\": [0, 1, 0]}\n".repeat(9);
    let short = format!("{flags}{{\"text\": \"b\", \"labels\": [0, 1]}}\n");
    assert!(
        error(&[("train.jsonl", &flags), ("dev.jsonl", &short)])
            .ends_with("dev.jsonl, line 10: `labels` has 2 numbers for 3 labels; each label needs one")
    );
}

#[test]
fn settings_of_several_labels_read_as_they_were_written() {
    let dir = folder(&[("train.csv", &columns(30)), ("dataset.toml", COLUMNS)]);
    let folder = dir.path().join("reviews");
    let before = Dataset::read(&folder, &|_| ()).unwrap();
    let found = super::check(&folder, super::read_settings(&folder).unwrap(), None, &|_| ()).unwrap();
    super::write_settings(&folder, &found.settings).unwrap();
    assert_eq!(fs::read_to_string(folder.join("dataset.toml")).unwrap(), found.toml);
    let after = Dataset::read(&folder, &|_| ()).unwrap();
    assert_eq!((before.0, before.1.fingerprint), (after.0, after.1.fingerprint));
}
