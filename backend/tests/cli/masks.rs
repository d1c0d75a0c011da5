//! `tunemask masks` as a user calls it.

use crate::program::{shared, tunemask};
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
        ("random_blocks", 36_864),
        ("single_norm:1", 3_072),
        ("single_norm:12", 3_072),
        ("outliers:4", 96),
        ("outliers:256", 6_144),
        ("outliers_random:256", 6_144),
    ];
    for (name, count) in want {
        assert_eq!(got[name], count, "{name}");
    }
    assert_eq!(got.len(), 10 + 12 + 4 + 4);
    assert!(!got.contains_key("single_norm:13"));
}

#[test]
fn the_built_in_model_is_listed_for_people() {
    let text = tunemask(&["masks", "--model", "builtin:tiny"]).success();
    let mut lines = text.lines();
    assert!(lines.next().unwrap().starts_with("builtin:tiny: "), "{text}");
    assert!(text.lines().any(|l| l.starts_with("full ") && l.ends_with("100 %")), "{text}");
    assert!(text.lines().any(|l| l.starts_with("layernorms ") && l.contains("2,048")), "{text}");
}

#[test]
fn lora_has_no_scalars_of_the_model_to_list_or_to_share() {
    let masks = |words: &[&str]| tunemask(&[&["masks", "--model", "builtin:tiny"][..], words].concat());
    for words in [&["--list", "lora:2 in mha"][..], &["--overlap", "mha", "lora:2 in mha"]] {
        let printed = masks(words).failure(1);
        assert!(printed.contains("`lora:2 in mha` trains none of the model's own scalars"), "{printed}");
    }
    assert!(masks(&["--mask", "lora:2 in mha"]).success().contains("lora:2 in mha"));
}

#[test]
fn a_folder_that_is_none_is_named() {
    let printed = tunemask(&["masks", "--model", "no/such/folder"]).failure(1);
    assert!(printed.contains("no/such/folder: no such folder"), "{printed}");
}

#[test]
fn expressions_are_counted_in_their_canonical_form() {
    let asked = ["--mask", "layers(*).ln_a + layers(*).ln_f", "--mask", "layernorms - outliers:4 + bitfit"];
    let base = ["masks", "--model", "builtin:tiny", "--json"];
    let text = tunemask(&[&base[..], &asked].concat()).success();
    let rows: Vec<serde_json::Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(rows.len(), 2);
    assert_eq!((&rows[0]["name"], &rows[0]["trainable"]), (&"layernorms".into(), &2048.into()));
    assert_eq!(rows[1]["name"], "layernorms + bitfit - outliers:4 & layers(*).ln.gamma");
    assert_eq!(rows[1].get("at_most"), None);
    let listed =
        tunemask(&["masks", "--model", "builtin:tiny", "--list", "layernorms - outliers:4 + bitfit"])
            .success();
    assert_eq!(rows[1]["trainable"], listed.lines().count() - 1);
    let printed = tunemask(&["masks", "--model", "builtin:tiny", "--mask", "mha + fnn"]).failure(2);
    assert!(printed.contains("column 7: `fnn` is not a mask, module or rule"), "{printed}");
}

#[test]
fn a_bound_is_marked_where_there_are_no_weights() {
    let Some(folder) = shared("data/vocab/bert-base-uncased") else { return };
    let mask = "outliers:4 + farthest:4 in bitfit";
    let text = tunemask(&["masks", "--model", folder.to_str().unwrap(), "--json", "--mask", mask]).success();
    let row: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&row["trainable"], &row["at_most"]), (&100.into(), &true.into()));
    let list = tunemask(&["masks", "--model", folder.to_str().unwrap(), "--list", "outliers:4"]).failure(1);
    assert!(list.contains("scalars are listed with their values"), "{list}");
}

#[test]
fn overlap_is_counted() {
    let text = tunemask(&["masks", "--model", "builtin:tiny", "--json", "--overlap", "layernorms", "bitfit"])
        .success();
    let row: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&row["first"], &row["shared"]), (&2048.into(), &1024.into()));
    let jaccard = 1024.0 / (2048.0 + row["second"].as_f64().unwrap() - 1024.0);
    assert!((row["jaccard"].as_f64().unwrap() - jaccard).abs() < 1e-12);
}

#[test]
fn outliers_are_listed_farthest_values_only() {
    let list = |format| {
        tunemask(&["masks", "--model", "builtin:tiny", "--list", "outliers:4", "--format", format]).success()
    };
    let csv = list("csv");
    assert_eq!(csv.lines().next(), Some("tensor,index,value,sigma"));
    let rows: Vec<Vec<&str>> = csv.lines().skip(1).map(|l| l.split(',').collect()).collect();
    assert!(rows.iter().all(|r| r.len() == 4 && r[0].contains("LayerNorm")), "{csv}");
    let objects: Vec<serde_json::Value> =
        list("jsonl").lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(objects.len(), rows.len());
    for (object, row) in objects.iter().zip(&rows) {
        assert_eq!(object["tensor"], row[0]);
        assert_eq!(object["index"].to_string(), row[1]);
    }
}
