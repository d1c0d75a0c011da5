//! Folders predict what the run predicted, or are not written.

use crate::program::tunemask;
use crate::reading::{bits, config, head, predict, predict_by_candle, text, train};
use crate::support::small;
use std::fs;
use std::path::Path;
use tunemask::artifacts::{Tuned, TunedError};
use tunemask::export::{self, Checked, Existing};
use tunemask::model::{self, Delta};
use tunemask_shared::experiment::{Experiment, ReportedEpoch};

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
        let checked = export::folder(&tuned, &folder, Existing::Keep).unwrap();
        let examples = tuned.product.predictions.iter().flatten().count();
        assert!(
            examples > 0 && matches!(checked, Checked::Same { examples: 1.., largest: 0.0, .. }),
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
        export::delta(&tuned, &file, Existing::Keep).unwrap();
        let bytes = fs::read(&file).unwrap();
        export::delta(&tuned, &file, Existing::Replace).unwrap();
        assert!(fs::read(&file).unwrap() == bytes, "the same delta is the same bytes");
        let base = model::open("builtin:tiny").unwrap();
        let delta = Delta::open(&file, &base.config.shape).unwrap();
        assert_eq!(delta.selection, tuned.trains.selection);
        assert_eq!(delta.about["run"], *run);
        let together = delta.on(base, &file).unwrap();
        assert_eq!(bits(&predict(&together, delta.head.scalars, &tuned)), stored);
        let size = fs::metadata(&file).unwrap().len() as usize;
        let scalars = tuned.product.trained.len();
        assert!(size < 8 * scalars + 6000, "{size} bytes for {scalars} scalars");
    }
    assert!(left_out.iter().all(|run| runs.iter().step_by(4).any(|full| full == *run)), "{left_out:?}");
    let found = |run: &str| config(&out.path().join(format!("{run}-Best")));
    let config_of = |task: usize| found(&runs[4 * task]);
    assert_eq!(config_of(0)["architectures"][0], "BertForSequenceClassification");
    assert_eq!(
        (&config_of(0)["id2label"]["1"], &config_of(0)["label2id"]["negative"]),
        (&"positive".into(), &0.into())
    );
    assert_eq!(
        (&config_of(1)["problem_type"], &config_of(1)["id2label"]["0"]),
        (&"regression".into(), &"score".into())
    );
    assert_eq!(config_of(2)["architectures"][0], "BertForTokenClassification");
    assert_eq!(
        (&config_of(2)["id2label"]["7"], &config_of(2)["problem_type"]),
        (&"NN".into(), &serde_json::Value::Null)
    );
}

/// A text with several labels is predicted as by the run, through candle's own model, too.
#[test]
fn a_model_of_several_labels_predicts_what_the_run_predicted() {
    let home = tempfile::tempdir().unwrap();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/parquet/topics/csv");
    let experiment = Experiment {
        data: Some(data.to_str().unwrap().to_owned()),
        tasks: text(&["own:topics"]),
        masks: text(&["layernorms"]),
        ..small()
    };
    let (_, runs) = train(home.path(), &experiment);
    let tuned = Tuned::open(home.path(), &runs[0], ReportedEpoch::Best).unwrap();
    let folder = home.path().join("exported");
    let checked = export::folder(&tuned, &folder, Existing::Keep).unwrap();
    assert!(matches!(checked, Checked::Same { examples: 16, of: 16, largest: 0.0 }), "{checked:?}");
    let exported = model::open(folder.to_str().unwrap()).unwrap();
    let of_folder = predict(&exported, head(&folder.join("model.safetensors")), &tuned);
    assert_eq!((bits(&of_folder), of_folder.len()), (bits(&tuned.product.predictions[0]), 48));
    for (theirs, own) in predict_by_candle(&folder, &tuned).iter().zip(&of_folder) {
        assert!((theirs - own).abs() < 1e-4 * (1.0 + own.abs()), "{theirs} is not {own}");
    }
    let card = fs::read_to_string(folder.join("README.md")).unwrap();
    assert!(
        card.contains("AutoModelForSequenceClassification") && card.contains("| dev | micro F1 |"),
        "{card}"
    );
}

/// A folder of the built-in model with tokens added in `added_tokens.json`, and sentences that hold them.
fn marked(at: &Path) -> Experiment {
    let (model, data) = (at.join("model"), at.join("data/SST-2"));
    let home = at.join("plain");
    let plain = Experiment { masks: text(&["frozen"]), ..small() };
    let (_, runs) = train(&home, &plain);
    let tuned = Tuned::open(&home, &runs[0], ReportedEpoch::Best).unwrap();
    export::folder(&tuned, &model, Existing::Keep).unwrap();
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
        export::folder(&tuned, &out, Existing::Keep).unwrap(),
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
    export::folder(&tuned, &out, Existing::Replace).unwrap();
    assert!(!out.join("tokenizer.json").exists() && out.join("mine.txt").exists());

    // A logit that is not the run's, and scalars that are not: nothing is left.
    let elsewhere = at.path().join("elsewhere");
    for change in [0, 1] {
        let mut other = opened();
        match change {
            0 => other.product.predictions[0][2] += 0.5,
            _ => other.product.trained.iter_mut().for_each(|scalar| *scalar += 0.25),
        }
        let printed = export::folder(&other, &elsewhere, Existing::Keep).unwrap_err().to_string();
        let row =
            if change == 0 { "on example 2 of dev a logit is " } else { "on example 1 of dev a logit is " };
        assert!(printed.contains("does not score what run") && printed.contains(row), "{printed}");
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
