//! Every wire message and every line of the log, held to the file that spells it: a change that would break
//! an older page or an older log shows here first.
//!
//! Write the files anew with `TUNEMASK_BLESS=1 cargo test -p tunemask-shared --test golden`, look at what
//! changed, and raise `PROTOCOL_VERSION` where an older page would misread it.
// In a test's helpers too, what cannot be unwrapped has failed.
#![allow(clippy::unwrap_used)]

mod samples;

use serde::{Serialize, de::DeserializeOwned};
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::fs;
use std::path::PathBuf;

const BLESS: &str = "TUNEMASK_BLESS";
const HOW: &str =
    "run `TUNEMASK_BLESS=1 cargo test -p tunemask-shared --test golden` and commit what it writes";

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// Serialises `value` and holds it to its file; reads the file and holds it to `value`.
fn check<T: Serialize + DeserializeOwned + Debug>(name: &str, value: &T) {
    let path = folder().join(format!("{name}.json"));
    let written = serde_json::to_string_pretty(value).expect("a message serialises") + "\n";
    if std::env::var_os(BLESS).is_some() {
        fs::write(&path, &written).expect("the golden folder is writable");
    }
    let golden = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}; {HOW}", path.display()));
    assert_eq!(written, golden, "{name} is written otherwise than its file says; if that is meant, {HOW}");
    let read: T = serde_json::from_str(&golden).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    // By their Debug text, because not-a-number does not equal itself.
    assert_eq!(format!("{read:?}"), format!("{value:?}"), "{name} is read otherwise than it was written");
}

#[test]
fn every_message_and_event_is_as_its_file_spells_it() {
    let mut names = BTreeSet::new();
    let mut add = |name: String| assert!(names.insert(name.clone()), "{name} stands twice");
    for (variant, message) in samples::from_page() {
        let name = format!("from_page.{variant}");
        check(&name, &message);
        add(name);
    }
    for (variant, message) in samples::from_server() {
        let name = format!("from_server.{variant}");
        check(&name, &message);
        add(name);
    }
    check("other_version", &samples::other_version());
    add("other_version".into());
    for (variant, event) in samples::events() {
        let name = format!("event.{variant}");
        let written = serde_json::to_value(&event).expect("an event serialises");
        assert_eq!(written["kind"]["event"], event.kind.name());
        check(&name, &event);
        add(name);
    }
    let files: BTreeSet<String> = fs::read_dir(folder())
        .expect("the golden folder exists")
        .filter_map(|entry| entry.expect("an entry").path().file_stem()?.to_str().map(str::to_owned))
        .collect();
    assert_eq!(files, names, "every file has its message and every message its file");
}

#[test]
fn every_experiment_of_a_message_reads_back_from_its_file() {
    use tunemask_shared::experiment_file::{ExperimentFile, write};
    use tunemask_shared::protocol::FromPage;
    let started = samples::from_page().into_iter().filter_map(|(_, message)| match message {
        FromPage::Start { experiment, .. } => Some(*experiment),
        _ => None,
    });
    let started: Vec<_> = started.collect();
    assert!(started.iter().any(|experiment| !experiment.further_rates.is_empty()));
    for experiment in started {
        let text = write(&experiment);
        assert_eq!(ExperimentFile::read(&text).expect(&text).experiment, experiment, "{text}");
    }
}

#[test]
fn an_unknown_message_or_field_is_refused() {
    use tunemask_shared::protocol::FromPage;
    for text in [
        r#"{"type":"hello"}"#,
        r#"{"type":"hello","protocol":1,"more":2}"#,
        r#"{"type":"shutdown"}"#,
        r#"{"type":"watch","experiment_id":-1}"#,
        r#"{"type":"start","request":1,"experiment":{"learning_rates":[null]}}"#,
        r#"{"type":"start","request":1,"experiment":{"model":"m","learn_rate":1}}"#,
    ] {
        assert!(serde_json::from_str::<FromPage>(text).is_err(), "{text}");
    }
}

/// Lists hold fields by their places, which no message of a page does: an empty one would stand for defaults.
#[test]
fn a_list_is_no_message_and_no_part_of_one() {
    use tunemask_shared::protocol::FromPage;
    let refused = |text: &str| {
        let error = serde_json::from_str::<FromPage>(text).expect_err(text).to_string();
        assert!(error.contains("expected an object"), "{text}: {error}");
    };
    for text in [
        "[]",
        r#"["pause"]"#,
        r#"["hello", 5]"#,
        r#"{"type":"start","request":1,"experiment":[]}"#,
        r#"{"type":"start","request":1,"experiment":["a name"]}"#,
        r#"{"type":"plan","request":1,"experiment":[]}"#,
        r#"{"type":"report","request":1,"experiment_id":3,"report":[]}"#,
        r#"{"type":"report","request":1,"experiment_id":3,"report":{"reference":["a","b"]}}"#,
    ] {
        refused(text);
    }
    // Every object of a message, its field for field replaced by the list of its values.
    for (name, message) in samples::from_page() {
        let whole = serde_json::to_value(&message).expect("a message serialises");
        for changed in with_lists(&whole) {
            assert!(serde_json::from_value::<FromPage>(changed.clone()).is_err(), "{name}: {changed}");
        }
    }
}

/// The value with one of its objects, at any depth, as a list of that object's values.
fn with_lists(value: &serde_json::Value) -> Vec<serde_json::Value> {
    use serde_json::Value;
    let mut all = Vec::new();
    match value {
        Value::Object(map) => {
            all.push(Value::Array(map.values().cloned().collect()));
            for (key, inner) in map {
                all.extend(with_lists(inner).into_iter().map(|inner| {
                    let mut map = map.clone();
                    map.insert(key.clone(), inner);
                    Value::Object(map)
                }));
            }
        }
        Value::Array(items) => {
            for (at, inner) in items.iter().enumerate().take(3) {
                all.extend(with_lists(inner).into_iter().map(|inner| {
                    let mut items = items.clone();
                    items[at] = inner;
                    Value::Array(items)
                }));
            }
        }
        _ => {}
    }
    all
}
