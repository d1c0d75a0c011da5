//! The command exports what has finished, and says why it does not.

use crate::program::tunemask;
use crate::reading::{config, text, train};
use crate::support::small;
use safetensors::SafeTensors;
use std::fs;
use tunemask::model;
use tunemask_shared::experiment::Experiment;

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
    let printed = call(&runs[0], "model", &[]).success();
    assert!(printed.starts_with(&format!("{} (outliers:4 on Sentiment, epoch ", runs[0])), "{printed}");
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
    let printed = call(&runs[0], "model", &[]).failure(1);
    assert!(printed.contains("model: already contains files") && printed.contains("--force"), "{printed}");
    call(&runs[0], "model", &["--force", "--epoch", "last"]).success();
    assert_eq!(names().len(), 7);
    assert_eq!(config(&out.path().join("model"))["model_type"], "bert");
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 1, "nothing half written stays");

    let printed = call(&runs[0][..6], "x.safetensors", &["--delta"]).success();
    let layers = model::open("builtin:tiny").unwrap().config.shape.layers;
    assert!(printed.contains(&format!(": {} scalars and the head, ", 8 * layers)), "{printed}");
    let printed = call(&runs[0], "x.safetensors", &["--delta"]).failure(1);
    assert!(printed.contains("x.safetensors: already contains files"), "{printed}");

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
    let printed = tunemask(&[&wrong[..], &rest].concat()).failure(1);
    assert!(printed.contains("its head has 2 outputs; give --labels 2"), "{printed}");

    let printed = call("zzz", "y", &[]).failure(1);
    assert!(printed.contains("no run's id begins with `zzz`; there are 1, among them "), "{printed}");
    fs::remove_file(home.path().join(format!("runs/{}.safetensors", runs[0]))).unwrap();
    let printed = call(&runs[0], "y", &[]).failure(1);
    assert!(printed.contains("not found; only the log's record of run"), "{printed}");
    assert!(!out.path().join("y").exists());
}
