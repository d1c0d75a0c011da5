use crate::data::record::{Input, Record, RecordSet};
use crate::data::tests::folder::shared;
use crate::data::tests::parquet::{Column, write};
use crate::data::{fingerprint, read, tasks_in};
use std::path::{Path, PathBuf};
use tunemask_shared::task::Task;

fn fixture(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/parquet").join(path)
}

fn sets(task: Task, folder: &Path) -> Vec<RecordSet> {
    read(&task, Some(folder)).unwrap().sets.clone()
}

#[test]
fn the_hubs_files_are_glues_own() {
    let (own, hub) = (fixture("own"), fixture("hub"));
    assert_eq!(tasks_in(&hub).unwrap(), tasks_in(&own).unwrap());
    for task in [Task::rte(), Task::mnli(), Task::ner()] {
        let read = sets(task.clone(), &hub);
        assert_eq!(read, sets(task.clone(), &own), "{}", task.name());
        assert!(read.iter().all(|set| set.records.len() > 2 && set.skipped.is_empty()));
    }
    assert_eq!(sets(Task::mnli(), &hub).len(), 3);
    // RTE has no more in its own files than that, so it is the same data.
    let print = |folder: &Path| fingerprint(&Task::rte(), Some(folder)).unwrap();
    assert_eq!(print(&hub), print(&own));
    assert_eq!(print(&hub), print(&fixture("swapped")));
}

#[test]
fn labels_are_mapped_by_their_names() {
    // The numbers are the other way round in the files, and so are the names.
    let targets = |folder: &str| -> Vec<f32> {
        let train = sets(Task::rte(), &fixture(folder)).swap_remove(0);
        train.records.iter().map(|record| record.targets[0]).collect()
    };
    assert_eq!(targets("swapped"), targets("hub"));
}

#[test]
fn rows_without_a_label_are_counted() {
    let dir = tempfile::tempdir().unwrap();
    let rte = dir.path().join("rte");
    std::fs::create_dir(&rte).unwrap();
    let columns = |labels: &[i64]| {
        let texts = |text: &str| Column::Texts(vec![text.to_owned(); labels.len()]);
        vec![
            ("sentence1", texts("a")),
            ("sentence2", texts("b")),
            ("label", Column::Numbers(labels.to_vec())),
        ]
    };
    write(&rte.join("train.parquet"), &columns(&[0, -1, 1]), &[]);
    write(&rte.join("validation.parquet"), &columns(&[-1, -1]), &[]);
    let error = read(&Task::rte(), Some(dir.path())).err().unwrap().to_string();
    assert!(
        error.ends_with("validation.parquet: every label in it is withheld (-1); is this a test set?"),
        "{error}"
    );
    write(&rte.join("validation.parquet"), &columns(&[0]), &[]);
    let found = read(&Task::rte(), Some(dir.path())).unwrap();
    let train = &found.sets[0];
    assert_eq!(
        train.records.iter().map(|r| (r.index, r.targets[0])).collect::<Vec<_>>(),
        [(0, 0.0), (2, 1.0)]
    );
    let skipped = &train.skipped[0];
    assert_eq!((skipped.reason.as_str(), skipped.rows, skipped.first_line), ("label withheld", 1, 2));
    assert!(found.notes[0].contains("0 is entailment, 1 is not_entailment"), "{:?}", found.notes);
    write(&rte.join("train.parquet"), &columns(&[0, 2]), &[]);
    let error = read(&Task::rte(), Some(dir.path())).err().unwrap().to_string();
    assert!(error.contains("train.parquet, row 2: the label is `2`; expected 0 or 1"), "{error}");
}

#[test]
fn a_missing_shard_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let mnli = dir.path().join("mnli");
    std::fs::create_dir(&mnli).unwrap();
    std::fs::copy(
        fixture("hub/mnli/train-00001-of-00002.parquet"),
        mnli.join("train-00001-of-00002.parquet"),
    )
    .unwrap();
    let error = crate::data::parts::parts(&mnli, "train").unwrap_err().to_string();
    assert!(error.ends_with("train-00000-of-00002.parquet is missing"), "{error}");
}

/// The real RTE, written as the hub's parquet.
#[test]
fn the_real_rte_is_the_same_data_either_way() {
    let Some(own) = shared("data/glue") else { return };
    let dir = tempfile::tempdir().unwrap();
    let rte = dir.path().join("rte");
    std::fs::create_dir(&rte).unwrap();
    let names = ["entailment", "not_entailment"].map(str::to_owned);
    for (set, file) in sets(Task::rte(), &own).into_iter().zip(["train", "validation"]) {
        let text = |second: bool| {
            let text = |record: &Record| match &record.input {
                Input::Pair(a, b) => if second { b } else { a }.clone(),
                Input::Text(_) | Input::Words(_) => unreachable!(),
            };
            Column::Texts(set.records.iter().map(text).collect())
        };
        let labels = Column::Numbers(set.records.iter().map(|r| r.targets[0] as i64).collect());
        let columns = [("sentence1", text(false)), ("sentence2", text(true)), ("label", labels)];
        write(&rte.join(format!("{file}-00000-of-00001.parquet")), &columns, &[("label", &names)]);
    }
    let (a, b) = (read(&Task::rte(), Some(&own)).unwrap(), read(&Task::rte(), Some(dir.path())).unwrap());
    assert_eq!(a.sets, b.sets);
    assert_eq!(a.fingerprint, b.fingerprint);
    assert!(b.notes.is_empty(), "{:?}", b.notes);
}

#[test]
fn the_official_files_are_known_by_their_records() {
    let Some(data) = shared("data") else { return };
    for task in [Task::cola(), Task::mrpc(), Task::stsb(), Task::ner()] {
        let own = read(&task, Some(&data)).unwrap();
        let found = super::identity::fingerprint(&task, &own.sets);
        assert_eq!(found, own.fingerprint, "{}", task.name());
    }
}

/// Sentences in a folder `conll2003`, each with its tags, as a parquet file of each set.
fn tagged(sentences: &[&[(&str, &str)]], classes: Option<&[&str]>) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let words = |tag: bool| -> Vec<Vec<String>> {
        let word = |&(word, tags): &(&str, &str)| if tag { tags } else { word }.to_owned();
        sentences.iter().map(|sentence| sentence.iter().map(word).collect()).collect()
    };
    let number =
        |tag: &String| classes.unwrap_or_default().iter().position(|class| class == tag).unwrap() as i64;
    for set in ["train", "validation"] {
        let folder = dir.path().join("conll2003").join(set);
        std::fs::create_dir_all(&folder).unwrap();
        let (tokens, tags) = (Column::TextLists(words(false)), words(true));
        let (tags, named) = match classes {
            Some(classes) => {
                let numbers = tags.iter().map(|tags| tags.iter().map(number).collect()).collect();
                (Column::NumberLists(numbers), classes.iter().map(|&class| class.to_owned()).collect())
            }
            None => (Column::TextLists(tags), Vec::new()),
        };
        let named: Vec<String> = named;
        let classes: &[(&str, &[String])] = if named.is_empty() { &[] } else { &[("ner_tags", &named)] };
        write(&folder.join("0000.parquet"), &[("tokens", tokens), ("ner_tags", tags)], classes);
    }
    dir
}

const SHOP: [&str; 7] =
    ["O", "B-product", "I-product", "B-creative-work", "I-creative-work", "B-person", "I-person"];

/// Entities of other types than CoNLL's: of the file's classes, or as texts, in whichever scheme.
#[test]
fn entities_may_be_of_other_types() {
    let second: [&[(&str, &str)]; 2] = [
        &[("a", "B-product"), ("b", "I-product"), ("c", "O"), ("d", "B-creative-work")],
        &[("e", "O"), ("f", "B-person"), ("g", "I-person"), ("h", "I-person")],
    ];
    let last: [&[(&str, &str)]; 2] = [
        &[("a", "B-product"), ("b", "E-product"), ("c", "O"), ("d", "S-creative-work")],
        &[("e", "O"), ("f", "B-person"), ("g", "I-person"), ("h", "E-person")],
    ];
    let columns = tempfile::tempdir().unwrap();
    let folder = columns.path().join("conll2003");
    std::fs::create_dir(&folder).unwrap();
    let line = |&(word, tag): &(&str, &str)| format!("{word} {tag}\n");
    let text: Vec<String> = second.iter().map(|sentence| sentence.iter().map(line).collect()).collect();
    ["train.txt", "valid.txt"]
        .iter()
        .for_each(|name| std::fs::write(folder.join(name), text.join("\n")).unwrap());
    let found = |folder: &Path| tasks_in(folder).unwrap().tasks.swap_remove(0);
    let task = found(columns.path());
    let names = ["O", "B-creative-work", "I-creative-work", "B-person", "I-person", "B-product", "I-product"];
    assert_eq!(task.kind().labels(), names);

    let classes = tagged(&second, Some(&SHOP));
    for dir in [&classes, &tagged(&second, None), &tagged(&last, None)] {
        assert_eq!(found(dir.path()), task);
        assert_eq!(sets(task.clone(), dir.path()), sets(task.clone(), columns.path()));
    }
    let read = read(&task, Some(classes.path())).unwrap();
    let note =
        "entity types are those of the training file, not CoNLL-2003's: creative-work, person, product";
    assert_eq!(read.notes, [note]);
    // A type that only the classes have is one, too.
    let more = [&SHOP[..], &["B-group", "I-group"]].concat();
    assert_eq!(found(tagged(&second, Some(&more)).path()).kind().labels().len(), 9);
    // CoNLL's own, some of which are not there.
    assert!(found(tagged(&[&[("a", "B-PER")]], Some(&["O", "B-PER", "I-PER"])).path()).is_known());
    // Of other numbers of the same sentences, others are meant.
    let swapped =
        ["O", "B-person", "I-person", "B-creative-work", "I-creative-work", "B-product", "I-product"];
    let other = tagged(&second, Some(&swapped));
    assert_eq!(sets(task.clone(), other.path()), sets(task.clone(), classes.path()));
    let error = crate::data::read(&Task::ner(), Some(classes.path())).err().unwrap().to_string();
    assert!(
        error.contains("row 1: the tag is `B-product`; expected an entity of CoNLL-2003's types"),
        "{error}"
    );
}
