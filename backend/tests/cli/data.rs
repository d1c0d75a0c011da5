//! Data of one's own and the hub's parquet as a user trains on them: from `data check` to the table.

use crate::program::tunemask;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Made-up reviews whose words decide.
fn reviews(separator: &str) -> String {
    let rows = (0..80).map(|n| {
        let (word, label) = if n % 2 == 0 { ("fine", "good") } else { ("poor", "bad") };
        format!("{n}{separator}the tea was {word} at table {n}{separator}{label}\n")
    });
    format!("id{separator}review{separator}verdict\n{}", rows.collect::<String>())
}

fn experiment(folder: &Path, data: &Path, task: &str) -> String {
    let file = folder.join("experiment.toml");
    let text = format!(
        "data = {:?}\ntasks = [\"{task}\"]\nmasks = [\"layernorms\"]\nlearning_rates = [1e-2]\nseeds = [1]\nepochs = 1\n",
        data.display()
    );
    fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

fn train(folder: &Path, data: &Path, task: &str) -> Vec<Value> {
    let home = folder.join("home");
    let file = experiment(folder, data, task);
    let said =
        tunemask(&["run", &file, "--home", home.to_str().unwrap(), "--threads", "1", "--json"]).success();
    said.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn runs(events: &[Value]) -> BTreeSet<String> {
    let finished = events.iter().filter(|event| event["event"] == "finished");
    finished.map(|event| event["run"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_folder_of_ones_own_goes_from_the_check_to_the_table() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("reviews");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("reviews.csv"), reviews(",")).unwrap();
    let path = folder.to_str().unwrap();

    // Which of two columns is the label, a program does not guess.
    let asked = tunemask(&["data", "check", path, "--json"]);
    asked.failure(1);
    fs::write(folder.join("dataset.toml"), "label = \"verdict\"\n").unwrap();
    let facts: Value = serde_json::from_str(&tunemask(&["data", "check", path, "--json"]).success()).unwrap();
    assert_eq!(facts["task"], "own:reviews");
    assert_eq!(facts["labels"][1], serde_json::json!({ "label": "good", "train": 36, "development": 4 }));
    assert_eq!(facts["majority"], 0.5);
    let text = tunemask(&["data", "check", path, "--write"]).success();
    for line in [
        "verdict  label        text; 2 different, longest 4",
        "good          36          4",
        "    split = 0.1",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(fs::read_to_string(folder.join("dataset.toml")).unwrap().contains("text = \"review\""));

    let events = train(dir.path(), &folder, "own:reviews");
    let finished = events.iter().find(|event| event["event"] == "finished").unwrap();
    assert_eq!(
        (finished["task"].as_str(), finished["frozen_unchanged"].as_bool()),
        (Some("own:reviews"), Some(true))
    );
    let home = dir.path().join("home");
    let table = tunemask(&["table", "1", "--home", home.to_str().unwrap()]).success();
    assert!(table.contains("reviews"), "{table}");

    // The same examples in another form, in a folder of folders, are the same run.
    let other = dir.path().join("more/reviews");
    fs::create_dir_all(&other).unwrap();
    fs::write(other.join("train.tsv"), reviews("\t")).unwrap();
    fs::write(other.join("dataset.toml"), "text = \"review\"\nlabel = \"verdict\"\n").unwrap();
    let again = train(dir.path(), &dir.path().join("more"), "own:reviews");
    assert_eq!(runs(&again), runs(&events));
    assert!(!again.iter().any(|event| event["event"] == "started"), "{again:?}");

    // What an experiment names must be there.
    let file = experiment(dir.path(), &folder, "own:letters");
    let errors = tunemask(&["run", &file, "--home", home.to_str().unwrap()]).failure(1);
    assert!(errors.contains("letters"), "{errors}");
}

#[test]
fn a_run_on_the_hubs_rte_is_the_run_on_glues_own() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/parquet");
    let dir = tempfile::tempdir().unwrap();
    let own = train(dir.path(), &fixtures.join("own"), "rte");
    let hub = train(dir.path(), &fixtures.join("hub"), "rte");
    assert_eq!(runs(&own), runs(&hub));
    assert!(own.iter().any(|event| event["event"] == "started"));
    assert!(!hub.iter().any(|event| event["event"] == "started"), "{hub:?}");
    // Trained anew, it has the same bits.
    let anew = tempfile::tempdir().unwrap();
    let hub = train(anew.path(), &fixtures.join("hub"), "rte");
    let trained = |events: &[Value]| {
        events.iter().find(|event| event["event"] == "finished").unwrap()["trained_sha256"].clone()
    };
    assert!(trained(&own).is_string());
    assert_eq!(trained(&own), trained(&hub));
}

#[test]
fn texts_with_several_labels_go_from_the_check_to_the_exported_model() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/parquet/topics");
    let (csv, hub) = (fixtures.join("csv/topics"), fixtures.join("hub/topics"));
    let checked = |folder: &Path| -> Value {
        serde_json::from_str(&tunemask(&["data", "check", folder.to_str().unwrap(), "--json"]).success())
            .unwrap()
    };
    let facts = checked(&csv);
    assert_eq!((facts["settings"]["kind"].as_str(), &facts["majority"]), (Some("multi-label"), &Value::Null));
    assert_eq!(facts["labels"], checked(&hub)["labels"]);
    assert_eq!(facts["labels"][0], serde_json::json!({ "label": "food", "train": 32, "development": 8 }));
    let text = tunemask(&["data", "check", csv.to_str().unwrap()]).success();
    for line in
        ["topics  label        text; 7 different", "weather         26          7", "none of the labels"]
    {
        assert!(text.contains(line), "{line}\n{text}");
    }

    let dir = tempfile::tempdir().unwrap();
    let events = train(dir.path(), &csv, "own:topics");
    let finished = events.iter().find(|event| event["event"] == "finished").unwrap();
    assert_eq!(finished["frozen_unchanged"], true);
    let metrics = finished["metrics"].as_object().unwrap();
    assert_eq!(metrics.keys().collect::<Vec<_>>(), ["loss", "macro_f1", "micro_f1", "subset_accuracy"]);
    let home = dir.path().join("home");
    let home = home.to_str().unwrap();
    let table = tunemask(&["table", "1", "--home", home]).success();
    assert!(table.contains("topics") && table.contains("micro F1"), "{table}");

    // The same examples in parquet are the same run, and trained anew it has the same bits.
    assert_eq!(runs(&train(dir.path(), &hub, "own:topics")), runs(&events));
    let anew = tempfile::tempdir().unwrap();
    let again = train(anew.path(), &hub, "own:topics");
    let again = again.iter().find(|event| event["event"] == "finished").unwrap();
    assert_eq!(again["trained_sha256"], finished["trained_sha256"]);

    let run = finished["run"].as_str().unwrap();
    let out = dir.path().join("exported");
    let said = tunemask(&["export", run, "--home", home, "--out", out.to_str().unwrap()]).success();
    assert!(said.contains("16 of 16 development examples have the run's logits to the last bit"), "{said}");
    let config: Value = serde_json::from_str(&fs::read_to_string(out.join("config.json")).unwrap()).unwrap();
    assert_eq!(config["problem_type"], "multi_label_classification");
    assert_eq!(config["id2label"], serde_json::json!({ "0": "food", "1": "travel", "2": "weather" }));

    // What its steps read, another implementation and `probe` can read.
    let examples =
        tunemask(&["order", run, "--home", home, "--steps", "1", "--format", "examples"]).success();
    let first: Value = serde_json::from_str(examples.lines().next().unwrap()).unwrap();
    assert_eq!(first["labels"].as_array().unwrap().len(), 3);
    let (file, probed) = (dir.path().join("examples.jsonl"), dir.path().join("probe.safetensors"));
    fs::write(&file, &examples).unwrap();
    let probe = |kind: &str| {
        let fixed =
            ["probe", "--model", "builtin:tiny", "--kind", kind, "--labels", "3", "--mask", "layernorms"];
        let files = ["--examples", file.to_str().unwrap(), "--out", probed.to_str().unwrap()];
        tunemask(&[&fixed[..], &files].concat())
    };
    assert!(probe("multi-label").success().contains("16 examples"));
    assert!(probe("classification").failure(1).contains("give \"label\", a number, and no \"labels\""));
}

/// How often a file is opened while something happens.
#[cfg(target_os = "linux")]
fn opened(path: &Path, during: impl FnOnce()) -> usize {
    use rustix::fs::inotify::{CreateFlags, ReadFlags, Reader, WatchFlags, add_watch, init};
    let watch = init(CreateFlags::NONBLOCK).unwrap();
    // With those of closing between them, equal events do not become one.
    add_watch(&watch, path, WatchFlags::OPEN | WatchFlags::CLOSE).unwrap();
    during();
    let mut buffer = [std::mem::MaybeUninit::uninit(); 4096];
    let mut events = Reader::new(watch, &mut buffer);
    std::iter::from_fn(|| Some(events.next().ok()?.events().contains(ReadFlags::OPEN)))
        .filter(|&open| open)
        .count()
}

/// To name the task, to know the run, to plan it and to train it.
#[cfg(target_os = "linux")]
#[test]
fn a_run_reads_its_files_once() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("reviews");
    fs::create_dir(&folder).unwrap();
    let file = folder.join("train.csv");
    fs::write(&file, reviews(",").replace("verdict", "label")).unwrap();
    let mut events = Vec::new();
    assert_eq!(opened(&file, || events = train(dir.path(), &folder, "own:reviews")), 1);
    assert_eq!(runs(&events).len(), 1);
    // The table says what the figures are to be held against.
    let table = events.iter().find(|event| event["event"] == "table").unwrap();
    let baseline =
        "reviews, dev: whoever always says `bad`, the most frequent label of training, is right on 50.0 %.";
    assert!(table["table"]["remarks"].as_array().unwrap().contains(&baseline.into()), "{table}");
}
