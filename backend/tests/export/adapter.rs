//! What LoRA added, as an adapter that PEFT opens, and added up into a folder that everybody opens.

use crate::program::tensors::{Tensor, tensors};
use crate::program::tunemask;
use crate::reading::{bits, predict_by_candle, text, train};
use crate::support::small;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tunemask::artifacts::Tuned;
use tunemask::export::{self, Checked, Existing};
use tunemask::model;
use tunemask_shared::experiment::{Experiment, ReportedEpoch};
use tunemask_shared::fixtures::Requirement;

const MASK: &str = "lora:3:7 in mha + ffn";

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/peft")
}

fn opened(home: &Path, run: &str) -> Tuned {
    Tuned::open(home, run, ReportedEpoch::Best).unwrap()
}

fn json(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// Held to what PEFT wrote of the same model, rank and layers (`fixtures/peft/make.py` remakes it).
#[test]
fn an_adapter_has_the_names_the_dimensions_and_the_config_of_pefts() {
    let (home, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let base = fixtures().join("bert");
    let experiment = Experiment {
        model: base.to_str().unwrap().to_owned(),
        masks: text(&[MASK]),
        max_length: 32,
        ..small()
    };
    let (_, runs) = train(home.path(), &experiment);
    let tuned = opened(home.path(), &runs[0]);
    let folder = out.path().join("adapter");
    export::delta(&tuned, &folder, Existing::Keep).unwrap();
    let again = export::delta(&tuned, &folder, Existing::Keep).unwrap_err().to_string();
    assert!(again.contains("adapter: already contains files"), "{again}");

    let [own, theirs] =
        [&folder, &fixtures().join("bert.adapter")].map(|at| tensors(&at.join("adapter_model.safetensors")));
    let dims = |file: &BTreeMap<String, Tensor>| -> BTreeMap<String, Vec<usize>> {
        file.iter().map(|(name, tensor)| (name.clone(), tensor.dims.clone())).collect()
    };
    assert_eq!(dims(&own), dims(&theirs));
    let values: Vec<f32> = tuned
        .trains
        .tensors()
        .into_iter()
        .flat_map(|t| own[&format!("base_model.model.{}", t.name)].values.clone())
        .collect();
    assert_eq!(bits(&values), bits(&tuned.product.trained[..tuned.trains.len()]));
    let (own, theirs) = (
        json(&folder.join("adapter_config.json")),
        json(&fixtures().join("bert.adapter/adapter_config.json")),
    );
    for field in [
        "peft_type",
        "task_type",
        "r",
        "lora_alpha",
        "lora_dropout",
        "bias",
        "fan_in_fan_out",
        "use_rslora",
        "use_dora",
    ] {
        assert_eq!(own[field], theirs[field], "{field}");
    }
    assert!(own.as_object().unwrap().keys().all(|field| theirs.get(field).is_some()), "{own}");
    assert_eq!(own["base_model_name_or_path"], base.to_str().unwrap());
    let names = |config: &serde_json::Value, field: &str| -> BTreeSet<String> {
        serde_json::from_value(config[field].clone()).unwrap()
    };
    assert_eq!(names(&own, "target_modules"), names(&theirs, "target_modules"));
    // PEFT adds what heads are called elsewhere.
    assert_eq!(own["modules_to_save"], serde_json::json!(["classifier"]));
    assert!(names(&theirs, "modules_to_save").contains("classifier"));
}

#[test]
fn what_it_added_is_added_up_into_a_folder() {
    let (home, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let experiment = Experiment {
        tasks: text(&["sentiment", "similarity", "tags"]),
        masks: text(&[MASK]),
        learning_rates: vec![1e-2],
        ..small()
    };
    let (_, runs) = train(home.path(), &experiment);
    for run in &runs {
        let tuned = opened(home.path(), run);
        let folder = out.path().join(run);
        let checked = export::folder(&tuned, &folder, Existing::Keep).unwrap();
        let Checked::Same { examples: 1.., largest, .. } = checked else { panic!("{checked:?}") };
        assert!(largest < 1e-4, "{largest}");
        let exported = model::open(folder.to_str().unwrap()).unwrap();
        assert_eq!(bits(&exported.weights), bits(&tuned.weights()));
        assert_ne!(exported.weights, tuned.model.weights);
        for (theirs, own) in predict_by_candle(&folder, &tuned).iter().zip(&tuned.product.predictions[0]) {
            assert!((theirs - own).abs() < 1e-4 * (1.0 + own.abs()), "{theirs} is not {own}");
        }
    }
}

#[test]
fn a_model_that_an_adapter_cannot_hold_is_written_whole_or_not_at_all() {
    let (home, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let experiment = Experiment { masks: text(&[MASK]), pooler_trains: true, ..small() };
    let (_, runs) = train(home.path(), &experiment);
    let tuned = opened(home.path(), &runs[0]);
    let refused = export::delta(&tuned, &out.path().join("adapter"), Existing::Keep).unwrap_err().to_string();
    assert!(refused.contains("pooler_trains") && refused.contains("leave --delta out"), "{refused}");
    assert!(!out.path().join("adapter").exists());
    export::folder(&tuned, &out.path().join("folder"), Existing::Keep).unwrap();
}

/// By transformers and PEFT themselves, where Python has them.
#[test]
fn peft_and_transformers_open_what_was_exported_with_the_same_logits() {
    let python = std::env::var("TUNEMASK_PYTHON").unwrap_or_else(|_| "python3".into());
    let has = Command::new(&python).args(["-c", "import torch, transformers, peft"]).output();
    if !has.is_ok_and(|run| run.status.success()) {
        Requirement::Peft.skip(format_args!("{python} cannot import torch, transformers and peft"));
        return;
    }
    let at = tempfile::tempdir().unwrap();
    let path = |name: &str| at.path().join(name).to_str().unwrap().to_owned();
    let home = at.path().join("home");
    for family in ["bert", "../families/distilbert", "../families/roberta", "../families/electra"] {
        let base = fixtures().join(family);
        let base = base.to_str().unwrap();
        for (task, kind, labels) in [
            ("sentiment", "classification", "2"),
            ("similarity", "regression", "1"),
            ("tags", "tagging", "24"),
        ] {
            let experiment = Experiment {
                model: base.to_owned(),
                tasks: text(&[task]),
                masks: text(&[MASK]),
                learning_rates: vec![1e-2],
                max_length: 32,
                ..small()
            };
            let (_, runs) = train(&home, &experiment);
            let run = &runs[0];
            let (folder, adapter, examples) =
                (path(run), path(&format!("{run}.adapter")), path("examples.jsonl"));
            let home = home.to_str().unwrap();
            tunemask(&["export", run, "--home", home, "--out", &folder]).success();
            tunemask(&["export", run, "--home", home, "--out", &adapter, "--delta"]).success();
            let lines = if kind == "tagging" {
                "{\"tokens\": [\"the\", \"child\", \"sees\"], \"tags\": [0, 1, 2]}\n"
            } else {
                "{\"text\": \"the child sees a dog\", \"label\": 1}\n{\"text\": \"a river\", \"pair\": \"the dog\", \"label\": 0}\n"
            };
            fs::write(&examples, lines).unwrap();
            let (out, weights) = (path("out.safetensors"), format!("{folder}/model.safetensors"));
            tunemask(&[
                "probe",
                "--model",
                &folder,
                "--kind",
                kind,
                "--labels",
                labels,
                "--mask",
                "frozen",
                "--head",
                &weights,
                "--examples",
                &examples,
                "--out",
                &out,
            ])
            .success();
            let want = tensors(Path::new(&out)).remove("logits").unwrap().values;
            let script = fixtures().join("check.py");
            let words = if kind == "tagging" { "words" } else { "sequences" };
            let checked = Command::new(&python)
                .args([script.to_str().unwrap(), words, labels, &folder, base, &adapter, &examples])
                .output()
                .unwrap();
            assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
            let logits: serde_json::Value = serde_json::from_slice(&checked.stdout).unwrap();
            for by in ["folder", "adapter"] {
                let got: Vec<f32> = serde_json::from_value(logits[by].clone()).unwrap();
                assert_eq!(got.len(), want.len(), "{family} {kind} {by}");
                for (got, want) in got.iter().zip(&want) {
                    let close = (got - want).abs() < 1e-4 * (1.0 + want.abs());
                    assert!(close, "{family} {kind} {by}: {got} is not {want}");
                }
            }
        }
    }
}
