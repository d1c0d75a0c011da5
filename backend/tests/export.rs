//! What comes out of a run, read back: folders and deltas have the bits of what was trained and predicted.
#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod program;
mod support;

use program::tunemask;
use safetensors::SafeTensors;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use support::{Listener, open, small};
use tunemask::data;
use tunemask::engine::{Adam, Gang, MemberSpec, Objective};
use tunemask::export;
use tunemask::lab::{LabError, Tuned};
use tunemask::model::{self, Delta, Model};
use tunemask_shared::experiment::{Experiment, ReportedEpoch};
use tunemask_shared::selection::Selection;
use tunemask_shared::state::LabState;

fn text(all: &[&str]) -> Vec<String> {
    all.iter().map(|&s| s.to_owned()).collect()
}

/// Trains an experiment to its end.
fn train(home: &Path, experiment: &Experiment) -> (LabState, Vec<String>) {
    let lab = open(home);
    let mut listener = Listener::new(&lab);
    let id = lab.submit(experiment).unwrap();
    listener.until_over(id);
    lab.shut_down();
    let runs = listener.state.experiments[&id].runs.iter().map(|run| run.0.clone()).collect();
    (listener.state, runs)
}

/// Classifier weight and bias of a file.
fn head(path: &Path) -> Vec<f32> {
    let bytes = fs::read(path).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let floats = |name: &str| {
        let data = file.tensor(name).unwrap().data().to_vec();
        data.chunks(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect::<Vec<f32>>()
    };
    [floats("classifier.weight"), floats("classifier.bias")].concat()
}

/// The logits of a model with a head on the development set of a run.
fn predict(model: &Model, head: Vec<f32>, tuned: &Tuned) -> Vec<f32> {
    let spec = &tuned.spec;
    let data = data::load(
        spec.task,
        None,
        &model.tokenizer,
        spec.max_length as usize,
        spec.train_limit,
        spec.eval_limit,
    )
    .unwrap();
    let member =
        MemberSpec { selection: Selection::default(), seed: 0, adam: Adam::default(), head: Some(head) };
    let objective = Objective::from(spec.task.kind());
    let mut gang = Gang::new(model.config, Arc::clone(&model.weights), objective, vec![member]).unwrap();
    let sequences: Vec<_> = data.development[0].iter().map(|e| e.sequence()).collect();
    sequences.chunks(7).flat_map(|chunk| gang.predict(chunk).unwrap().remove(0)).collect()
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|v| v.to_bits()).collect()
}

fn config(folder: &Path) -> serde_json::Value {
    serde_json::from_slice(&fs::read(folder.join("config.json")).unwrap()).unwrap()
}

#[test]
fn folders_and_deltas_predict_what_the_run_predicted() {
    let home = tempfile::tempdir().unwrap();
    let experiment = Experiment {
        tasks: text(&["sentiment", "similarity", "tags"]),
        masks: text(&["full", "layernorms", "outliers:4", "frozen"]),
        ..small()
    };
    let (_, runs) = train(home.path(), &experiment);
    assert_eq!(runs.len(), 12);
    let out = tempfile::tempdir().unwrap();
    for (run, epoch) in runs.iter().flat_map(|r| [(r, ReportedEpoch::Best), (r, ReportedEpoch::Last)]) {
        let tuned = Tuned::open(home.path(), &run[..8], epoch).unwrap();
        let stored = bits(&tuned.product.predictions[0]);
        let folder = out.path().join(format!("{run}-{epoch:?}"));
        export::folder(&tuned, &folder, false).unwrap();
        let exported = model::open(folder.to_str().unwrap()).unwrap();
        assert!(exported.notes.is_empty(), "{:?}", exported.notes);
        assert_eq!(bits(&exported.weights), bits(&tuned.weights()));
        assert_eq!(exported.config, tuned.model.config);
        let of_folder = predict(&exported, head(&folder.join("model.safetensors")), &tuned);
        assert_eq!(bits(&of_folder), stored, "{} on {}", tuned.spec.mask, tuned.spec.task);

        let file = out.path().join(format!("{run}-{epoch:?}.delta.safetensors"));
        export::delta(&tuned, &file, false).unwrap();
        let base = model::open("builtin:tiny").unwrap();
        let delta = Delta::open(&file, &base.config.shape).unwrap();
        assert_eq!(delta.selection, tuned.selection);
        assert_eq!(delta.about["run"], *run);
        let together = delta.on(base, &file).unwrap();
        assert_eq!(bits(&predict(&together, delta.head.scalars, &tuned)), stored);
        let size = fs::metadata(&file).unwrap().len() as usize;
        let scalars = tuned.product.trained.len();
        assert!(size < 8 * scalars + 6000, "{size} bytes for {scalars} scalars");
    }
    let found = |run: &str| config(&out.path().join(format!("{run}-Best")));
    let of = |task: usize| found(&runs[4 * task]);
    assert_eq!(of(0)["architectures"][0], "BertForSequenceClassification");
    assert_eq!((&of(0)["id2label"]["1"], &of(0)["label2id"]["negative"]), (&"positive".into(), &0.into()));
    assert_eq!((&of(1)["problem_type"], &of(1)["id2label"]["0"]), (&"regression".into(), &"score".into()));
    assert_eq!(of(2)["architectures"][0], "BertForTokenClassification");
    assert_eq!((&of(2)["id2label"]["7"], &of(2)["problem_type"]), (&"NN".into(), &serde_json::Value::Null));
}

#[test]
fn a_delta_comes_upon_the_model_of_an_experiment_and_stays_in_what_it_leaves() {
    let (home, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let first = Experiment { masks: text(&["layernorm_a"]), ..small() };
    let (_, runs) = train(home.path(), &first);
    let file = out.path().join("first.safetensors");
    let earlier = Tuned::open(home.path(), &runs[0], ReportedEpoch::Best).unwrap();
    export::delta(&earlier, &file, false).unwrap();

    let second = Experiment {
        delta: Some(file.to_str().unwrap().into()),
        masks: text(&["layernorm_f", "frozen"]),
        tasks: text(&["acceptability"]),
        ..small()
    };
    let (state, later) = train(home.path(), &second);
    // The model is another one, and so are the runs; where the file lies does not matter.
    let spec = |run: &str| state.runs.iter().find(|(id, _)| id.0 == run).unwrap().1.spec.clone();
    assert_ne!(spec(&later[0]).model, earlier.spec.model);
    let moved = out.path().join("moved.safetensors");
    fs::copy(&file, &moved).unwrap();
    let again = Experiment { delta: Some(moved.to_str().unwrap().into()), ..second.clone() };
    assert_eq!(train(home.path(), &again).1, later);

    let tuned = Tuned::open(home.path(), &later[0], ReportedEpoch::Best).unwrap();
    assert_eq!(bits(&tuned.model.weights), bits(&earlier.weights()));
    assert_eq!(tuned.changed(), earlier.selection.union(&tuned.selection));
    let both = out.path().join("both.safetensors");
    export::delta(&tuned, &both, false).unwrap();
    let together = model::open_with("builtin:tiny", Some(&both)).unwrap();
    assert_eq!(bits(&together.weights), bits(&tuned.weights()));
    assert_eq!(together.title, "builtin:tiny + both");

    // On a model that it does not belong to, or no delta at all, the field is named.
    let refused = |delta: PathBuf, model: &str| {
        let lab = open(tempfile::tempdir().unwrap().path());
        let delta = Some(delta.to_str().unwrap().to_owned());
        let wrong = Experiment { delta, model: model.into(), ..small() };
        let Err(LabError::Invalid(errors)) = lab.submit(&wrong) else { panic!("it is invalid") };
        assert_eq!((errors.len(), &*errors[0].field), (1, "delta"));
        errors[0].message.clone()
    };
    let folder = out.path().join("folder");
    export::folder(&tuned, &folder, false).unwrap();
    let said = refused(file.clone(), folder.to_str().unwrap());
    assert!(said.contains("belongs to the base model") && said.contains("folder is"), "{said}");
    let said = refused(folder.join("model.safetensors"), "builtin:tiny");
    assert!(said.contains("no delta; `tunemask export RUN --delta` writes one"), "{said}");
    refused(out.path().join("absent"), "builtin:tiny");
}

#[test]
fn the_command_exports_what_finished_and_says_why_not() {
    let (home, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let folder = home.path().to_str().unwrap().to_owned();
    let experiment = Experiment { masks: text(&["outliers:4"]), ..small() };
    let (_, runs) = train(home.path(), &experiment);
    let call = |run: &str, name: &str, more: &[&str]| {
        let to = out.path().join(name);
        tunemask(&[&["export", run, "--home", &folder, "--out", to.to_str().unwrap()][..], more].concat())
    };
    let said = call(&runs[0], "model", &[]).success();
    assert!(said.starts_with(&format!("{} (outliers:4 on Sentiment, epoch ", runs[0])), "{said}");
    let names = || {
        let mut names: Vec<_> = fs::read_dir(out.path().join("model")).unwrap().collect();
        names.sort_by_key(|f| f.as_ref().unwrap().file_name());
        names.into_iter().map(|f| f.unwrap().file_name().into_string().unwrap()).collect::<Vec<_>>()
    };
    let all = [
        "README.md",
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
        "vocab.txt",
    ];
    assert_eq!(names(), all);
    let card = fs::read_to_string(out.path().join("model/README.md")).unwrap();
    assert!(card.contains("| mask | `outliers:4` |") && card.contains("| dev | accuracy | 0."), "{card}");

    // What is there is not lost, but for what is written anew when that is asked for.
    fs::write(out.path().join("model/notes.txt"), "mine").unwrap();
    fs::write(out.path().join("model/config.json"), "old").unwrap();
    let said = call(&runs[0], "model", &[]).failure(1);
    assert!(said.contains("model: holds files already") && said.contains("--force"), "{said}");
    call(&runs[0], "model", &["--force", "--epoch", "last"]).success();
    assert_eq!(names().len(), 7);
    assert_eq!(config(&out.path().join("model"))["model_type"], "bert");
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 1, "nothing half written stays");

    let said = call(&runs[0][..6], "x.safetensors", &["--delta"]).success();
    let layers = model::open("builtin:tiny").unwrap().config.shape.layers;
    assert!(said.contains(&format!(": {} scalars and the head, ", 8 * layers)), "{said}");
    let said = call(&runs[0], "x.safetensors", &["--delta"]).failure(1);
    assert!(said.contains("x.safetensors: holds files already"), "{said}");

    // `probe` reads both: the delta brings its head, the folder has it in its weights.
    let examples = out.path().join("examples.jsonl");
    fs::write(&examples, "{\"text\": \"the child sees a dog\", \"label\": 1}\n").unwrap();
    let (model, delta) = (out.path().join("best"), out.path().join("x.safetensors"));
    call(&runs[0], "best", &[]).success();
    let weights = model.join("model.safetensors");
    let logits = |more: &[&str]| {
        let to = out.path().join("out");
        let fixed = ["probe", "--kind", "classification", "--labels", "2", "--mask", "frozen"];
        let files = ["--examples", examples.to_str().unwrap(), "--out", to.to_str().unwrap()];
        tunemask(&[&fixed[..], &files, more].concat()).success();
        let bytes = fs::read(&to).unwrap();
        SafeTensors::deserialize(&bytes).unwrap().tensor("logits").unwrap().data().to_vec()
    };
    let delta = delta.to_str().unwrap();
    let upon = logits(&["--model", "builtin:tiny", "--delta", delta]);
    let (model, weights) = (model.to_str().unwrap(), weights.to_str().unwrap());
    assert_eq!(upon, logits(&["--model", model, "--head", weights]));
    let file = examples.to_str().unwrap();
    let wrong =
        ["probe", "--model", "builtin:tiny", "--delta", delta, "--kind", "regression", "--labels", "1"];
    let rest = ["--mask", "frozen", "--examples", file, "--out", "none"];
    let said = tunemask(&[&wrong[..], &rest].concat()).failure(1);
    assert!(said.contains("its head has 2 outputs; give --labels 2"), "{said}");

    let said = call("zzz", "y", &[]).failure(1);
    assert!(said.contains("no run begins with `zzz`; there are 1, among them "), "{said}");
    fs::remove_file(home.path().join(format!("runs/{}.safetensors", runs[0]))).unwrap();
    let said = call(&runs[0], "y", &[]).failure(1);
    assert!(said.contains("not there; only what the log says of run"), "{said}");
    assert!(!out.path().join("y").exists());
}
