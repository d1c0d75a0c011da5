//! `tunemask masks` as a user calls it.
#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod program;

use program::{shared, tunemask};
use std::collections::HashMap;

fn counts(model: &str) -> HashMap<String, u64> {
    let text = tunemask(&["masks", "--model", model, "--json"]).success();
    let row = |line: &str| {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!((0.0..=1.0).contains(&row["ratio"].as_f64().unwrap()), "{line}");
        (row["name"].as_str().unwrap().to_owned(), row["trainable"].as_u64().unwrap())
    };
    text.lines().map(row).collect()
}

#[test]
fn bert_base_has_the_papers_counts() {
    let Some(folder) = shared("data/vocab/bert-base-uncased") else { return };
    let got = counts(folder.to_str().unwrap());
    let want = [
        ("full", 109_482_240),
        ("frozen", 0),
        ("mha", 28_348_416),
        ("ffn", 56_669_184),
        ("layernorms", 36_864),
        ("layernorm_a", 18_432),
        ("layernorm_f", 18_432),
        ("bitfit", 101_376),
        ("random", 36_864),
        ("single_norm:1", 3_072),
        ("single_norm:12", 3_072),
        ("outliers:4", 96),
        ("outliers:256", 6_144),
        ("outliers_random:256", 6_144),
    ];
    for (name, count) in want {
        assert_eq!(got[name], count, "{name}");
    }
    assert_eq!(got.len(), 9 + 12 + 4 + 4);
    assert!(!got.contains_key("single_norm:13"));
}

#[test]
fn the_built_in_model_is_listed_for_people() {
    let text = tunemask(&["masks", "--model", "builtin:tiny"]).success();
    let mut lines = text.lines();
    assert!(lines.next().unwrap().starts_with("builtin:tiny: "), "{text}");
    assert!(text.lines().any(|l| l.starts_with("full ") && l.ends_with("100 %")), "{text}");
    assert!(text.lines().any(|l| l.starts_with("layernorms ") && l.contains("1,024")), "{text}");
}

#[test]
fn a_folder_that_is_none_is_named() {
    let said = tunemask(&["masks", "--model", "no/such/folder"]).failure(1);
    assert!(said.contains("no/such/folder: no such folder"), "{said}");
}
