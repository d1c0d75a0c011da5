//! Words with tags of the user's own, from columns to a table.

use crate::program::tunemask;
use crate::run::{lines, of, run, write};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// Sentences of invented words, in the columns of CoNLL-2003, with entities of two types that it has not.
fn tagged(folder: &Path, valid: &str) {
    let data = folder.join("conll2003");
    fs::create_dir_all(&data).unwrap();
    let sentence = |i: usize| {
        let (drug, gene) = (["aspirin", "codeine", "heparin"][i % 3], ["tp", "kras", "egfr"][i % 3]);
        format!(
            "{drug} NN I-NP B-DRUG\nlowers VB I-VP O\n{gene} NN I-NP B-GENE\n{} CD I-NP I-GENE\n\n",
            i % 7
        )
    };
    fs::write(data.join("train.txt"), (0..48).map(sentence).collect::<String>()).unwrap();
    fs::write(data.join("valid.txt"), valid.to_owned() + &(0..12).map(sentence).collect::<String>()).unwrap();
}

#[test]
fn entities_of_other_types_train_from_columns_to_table() {
    let folder = tempfile::tempdir().unwrap();
    tagged(folder.path(), "");
    let experiment = format!(
        "data = {:?}\ntasks = [\"ner\"]\nmasks = [\"layernorms\"]\nlearning_rates = [1e-2]\nseeds = [1]\nepochs = 2\n",
        folder.path()
    );
    write(folder.path(), &experiment);
    let events = lines(&run(folder.path(), "home", &["--json"]).success());
    let started = &of(&events, "started")[0]["notes"];
    assert!(
        started.to_string().contains("those of the training file, not CoNLL-2003's: DRUG, GENE"),
        "{started}"
    );
    let finished = &of(&events, "finished")[0];
    assert_eq!(finished["task"], "ner");
    assert!(finished["metrics"]["entity_f1"].as_f64().unwrap() > 0.0, "{finished}");
    let home = folder.path().join("home");
    let home = home.to_str().unwrap();
    let table = tunemask(&["table", "1", "--home", home, "--format", "csv"]).success();
    assert!(table.contains(",ner,") && table.contains(",entity_f1,"), "{table}");
    // It is exported with its labels, and the same run is not trained again.
    let (id, out) = (finished["run"].as_str().unwrap(), folder.path().join("out"));
    tunemask(&["export", id, "--home", home, "--out", out.to_str().unwrap()]).success();
    let config: Value = serde_json::from_str(&fs::read_to_string(out.join("config.json")).unwrap()).unwrap();
    let labels = ["O", "B-DRUG", "I-DRUG", "B-GENE", "I-GENE"];
    assert!((0..5).all(|i| config["id2label"][i.to_string()] == labels[i]), "{}", config["id2label"]);
    let again = lines(&run(folder.path(), "home", &["--json"]).success());
    assert!(of(&again, "started").is_empty());

    tagged(folder.path(), "ward NN I-NP B-LOC\n\n");
    let error = run(folder.path(), "home", &[]).failure(1);
    assert!(
        error.contains("valid.txt, line 1: the tag is `B-LOC`") && error.contains("DRUG or GENE"),
        "{error}"
    );
}
