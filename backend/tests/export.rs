//! What comes out of a run, read back: folders and deltas have the bits of what was trained and predicted.
#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod program;
mod support;

use candle_core::{DType, Device, Module, Tensor};
use candle_nn::{VarBuilder, linear};
use candle_transformers::models::bert::BertModel;
use program::tunemask;
use safetensors::SafeTensors;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use support::{Listener, open, small};
use tunemask::artifacts::{Tuned, TunedError};
use tunemask::data;
use tunemask::export::{self, Checked};
use tunemask::lab::LabError;
use tunemask::model::{self, Delta, Model};
use tunemask_engine::{Adam, Gang, MemberSpec, Objective};
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

/// The logits of a folder by candle-transformers' BERT, which shares no code with ours: its sequence output through the
/// folder's pooler and classifier.
fn predict_by_candle(folder: &Path, tuned: &Tuned) -> Vec<f32> {
    let spec = &tuned.spec;
    let objective = Objective::from(spec.task.kind());
    let tensors = fs::read(folder.join("model.safetensors")).unwrap();
    let tensors = VarBuilder::from_buffered_safetensors(tensors, DType::F32, &Device::Cpu).unwrap();
    let config = serde_json::from_slice(&fs::read(folder.join("config.json")).unwrap()).unwrap();
    let bert = BertModel::load(tensors.clone(), &config).unwrap();
    let hidden = config.hidden_size;
    let pooler = linear(hidden, hidden, tensors.pp("bert.pooler.dense"));
    let classifier = linear(hidden, objective.outputs(), tensors.pp("classifier")).unwrap();
    let model = model::open(folder.to_str().unwrap()).unwrap();
    let length = spec.max_length as usize;
    let data = data::load(spec.task, None, &model.tokenizer, length, Some(1), spec.eval_limit).unwrap();
    let mut logits = Vec::new();
    for example in &data.development[0] {
        let sequence = example.sequence();
        let row = |values: Vec<u32>| Tensor::new(values, &Device::Cpu).unwrap();
        let ids = row(sequence.ids.to_vec()).unsqueeze(0).unwrap();
        let segments = row(sequence.segments.iter().map(|&s| s.into()).collect()).unsqueeze(0).unwrap();
        let output = bert.forward(&ids, &segments, None).unwrap().squeeze(0).unwrap();
        let places = row(sequence.reads.iter().map(|read| read.position).collect());
        let mut read = output.index_select(&places, 0).unwrap();
        if objective.is_pooled() {
            read = pooler.as_ref().unwrap().forward(&read).unwrap().tanh().unwrap();
        }
        let own = classifier.forward(&read).unwrap().flatten_all().unwrap();
        logits.extend(own.to_vec1::<f32>().unwrap());
    }
    logits
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
    let mut left_out = Vec::new();
    for (run, epoch) in runs.iter().flat_map(|r| [(r, ReportedEpoch::Best), (r, ReportedEpoch::Last)]) {
        let tuned = match Tuned::open(home.path(), &run[..8], epoch) {
            // Of a run that trains everything one epoch is kept, unless they are the same.
            Err(TunedError::OtherEpoch { .. }) if matches!(epoch, ReportedEpoch::Last) => {
                left_out.push(run);
                continue;
            }
            other => other.unwrap(),
        };
        let stored = bits(&tuned.product.predictions[0]);
        let folder = out.path().join(format!("{run}-{epoch:?}"));
        let checked = export::folder(&tuned, &folder, false).unwrap();
        let of = tuned.product.predictions.iter().flatten().count();
        assert!(
            of > 0 && matches!(checked, Checked::Same { examples: 1.., largest: 0.0, .. }),
            "{checked:?}"
        );
        let exported = model::open(folder.to_str().unwrap()).unwrap();
        assert!(exported.notes.is_empty(), "{:?}", exported.notes);
        assert_eq!(bits(&exported.weights), bits(&tuned.weights()));
        assert_eq!(exported.config, tuned.model.config);
        let of_folder = predict(&exported, head(&folder.join("model.safetensors")), &tuned);
        assert_eq!(bits(&of_folder), stored, "{} on {}", tuned.spec.mask, tuned.spec.task);
        let by_candle = predict_by_candle(&folder, &tuned);
        assert_eq!(by_candle.len(), of_folder.len());
        for (theirs, own) in by_candle.iter().zip(&of_folder) {
            assert!(
                (theirs - own).abs() < 1e-4 * (1.0 + own.abs()),
                "{}: {theirs} is not {own}",
                tuned.spec.mask
            );
        }

        let file = out.path().join(format!("{run}-{epoch:?}.delta.safetensors"));
        export::delta(&tuned, &file, false).unwrap();
        let bytes = fs::read(&file).unwrap();
        export::delta(&tuned, &file, true).unwrap();
        assert!(fs::read(&file).unwrap() == bytes, "the same delta is the same bytes");
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
    assert!(left_out.iter().all(|run| runs.iter().step_by(4).any(|full| full == *run)), "{left_out:?}");
    let found = |run: &str| config(&out.path().join(format!("{run}-Best")));
    let of = |task: usize| found(&runs[4 * task]);
    assert_eq!(of(0)["architectures"][0], "BertForSequenceClassification");
    assert_eq!((&of(0)["id2label"]["1"], &of(0)["label2id"]["negative"]), (&"positive".into(), &0.into()));
    assert_eq!((&of(1)["problem_type"], &of(1)["id2label"]["0"]), (&"regression".into(), &"score".into()));
    assert_eq!(of(2)["architectures"][0], "BertForTokenClassification");
    assert_eq!((&of(2)["id2label"]["7"], &of(2)["problem_type"]), (&"NN".into(), &serde_json::Value::Null));
}

/// A folder of the built-in model with tokens added in `added_tokens.json`, and sentences that hold them.
fn marked(at: &Path) -> Experiment {
    let (model, data) = (at.join("model"), at.join("data/SST-2"));
    let home = at.join("plain");
    let plain = Experiment { masks: text(&["frozen"]), ..small() };
    let (_, runs) = train(&home, &plain);
    let tuned = Tuned::open(&home, &runs[0], ReportedEpoch::Best).unwrap();
    export::folder(&tuned, &model, false).unwrap();
    // As the slow tokenizers leave it, under a vocabulary whose last pieces no text of these needs.
    fs::remove_file(model.join("tokenizer.json")).unwrap();
    let words = fs::read_to_string(model.join("vocab.txt")).unwrap();
    let words: Vec<&str> = words.lines().collect();
    let kept = words.len() - 3;
    fs::write(model.join("vocab.txt"), words[..kept].join("\n")).unwrap();
    let added = format!("{{\"[E1]\": {kept}, \"[/E1]\": {}, \"covid19\": {}}}", kept + 1, kept + 2);
    fs::write(model.join("added_tokens.json"), added).unwrap();
    fs::create_dir_all(&data).unwrap();
    let rows = "sentence\tlabel\nthe [E1] child [/E1] sees a dog\t1\na [E1] dog [/E1] sleeps covid19\t0\n";
    for file in ["train.tsv", "dev.tsv"] {
        fs::write(data.join(file), rows).unwrap();
    }
    let name = |path: &Path| path.to_str().unwrap().to_owned();
    Experiment {
        model: name(&model),
        data: Some(name(&at.join("data"))),
        tasks: text(&["sst2"]),
        masks: text(&["layernorms"]),
        ..small()
    }
}

#[test]
fn a_folder_is_exported_only_if_it_scores_what_the_run_scored() {
    let at = tempfile::tempdir().unwrap();
    let experiment = marked(at.path());
    let (home, out) = (at.path().join("home"), at.path().join("out"));
    let (_, runs) = train(&home, &experiment);
    let opened = || Tuned::open(&home, &runs[0], ReportedEpoch::Best).unwrap();
    let tuned = opened();
    assert_eq!(
        export::folder(&tuned, &out, false).unwrap(),
        Checked::Same { examples: 2, of: 2, largest: 0.0 }
    );
    // Its files are those of the base: none is made up beside them.
    let base = Path::new(&experiment.model);
    for name in ["vocab.txt", "added_tokens.json", "tokenizer_config.json"] {
        assert_eq!(fs::read(out.join(name)).unwrap(), fs::read(base.join(name)).unwrap(), "{name}");
    }
    assert!(!out.join("tokenizer.json").exists());
    let again = model::open(out.to_str().unwrap()).unwrap();
    assert_eq!(again.tokenizer.identity(), tuned.model.tokenizer.identity());
    assert_eq!(again.tokenizer.encode("[E1] covid19", None, 8).unwrap().ids.len(), 4);

    // What another tokenizer left there goes; what is not one's stays.
    fs::write(out.join("tokenizer.json"), "{}").unwrap();
    fs::write(out.join("mine.txt"), "mine").unwrap();
    export::folder(&tuned, &out, true).unwrap();
    assert!(!out.join("tokenizer.json").exists() && out.join("mine.txt").exists());

    // A logit that is not the run's, and scalars that are not: nothing is left.
    let elsewhere = at.path().join("elsewhere");
    for change in [0, 1] {
        let mut other = opened();
        match change {
            0 => other.product.predictions[0][2] += 0.5,
            _ => other.product.trained.iter_mut().for_each(|scalar| *scalar += 0.25),
        }
        let said = export::folder(&other, &elsewhere, false).unwrap_err().to_string();
        let row =
            if change == 0 { "on example 2 of dev a logit is " } else { "on example 1 of dev a logit is " };
        assert!(said.contains("does not score what run") && said.contains(row), "{said}");
        assert!(!elsewhere.exists());
    }
    let left = fs::read_dir(at.path()).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap());
    let left: Vec<String> = left.filter(|name| name.starts_with('.')).collect();
    assert!(left.is_empty(), "{left:?}");

    // Other data, or none: it is said that nothing was checked.
    let command = |name: &str| {
        let to = at.path().join(name);
        tunemask(&[
            "export",
            runs[0].as_str(),
            "--home",
            home.to_str().unwrap(),
            "--out",
            to.to_str().unwrap(),
        ])
        .success()
    };
    assert!(command("a").contains("2 of 2 development examples have the run's logits to the last bit"));
    let dev = at.path().join("data/SST-2/dev.tsv");
    let rows = fs::read_to_string(&dev).unwrap();
    fs::write(&dev, rows.replace("dog", "cat")).unwrap();
    assert!(command("b").contains("not checked against the run's predictions: the data has changed since"));
    fs::remove_dir_all(at.path().join("data")).unwrap();
    assert!(command("c").contains("not checked against the run's predictions: "));
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
    assert!(said.contains("not a delta; `tunemask export RUN --delta` writes one"), "{said}");
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
