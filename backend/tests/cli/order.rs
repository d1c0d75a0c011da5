//! `tunemask order`, `export --epoch initial` and `probe --steps`: files from which anybody can repeat a run.

use crate::program::tunemask;
use safetensors::SafeTensors;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Steps that PyTorch repeated of a grid, and what came of them; `tests/parity/peer_steps.py --fixture` writes them: with the
/// paper's optimizer, with weight decay, clipping and a cosine, and with four batches a step and weighted classes.
const FIXTURES: [&str; 3] = [
    include_str!("../fixtures/steps/steps.json"),
    include_str!("../fixtures/steps/decayed.json"),
    include_str!("../fixtures/steps/accumulated.json"),
];

fn floats(file: &SafeTensors<'_>, name: &str) -> Vec<f64> {
    let bytes = file.tensor(name).unwrap();
    bytes.data().chunks(4).map(|b| f64::from(f32::from_le_bytes(b.try_into().unwrap()))).collect()
}

fn numbers(values: &Value) -> Vec<f64> {
    values.as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
}

fn close(got: &[f64], want: &[f64], tolerance: f64, what: &str) {
    assert_eq!(got.len(), want.len(), "{what}");
    for (i, (got, want)) in got.iter().zip(want).enumerate() {
        assert!((got - want).abs() <= tolerance * (1e-3 + want.abs()), "{what}, {i}: {got} is not {want}");
    }
}

/// What a head predicts, as `probe` is told.
#[derive(Clone, Copy)]
struct Head {
    kind: &'static str,
    labels: &'static str,
}

const TWO_CLASSES: Head = Head { kind: "classification", labels: "2" };

/// What steps are trained with.
#[derive(Clone, Copy)]
struct Training<'a> {
    steps: usize,
    rate: f64,
    /// Further options.
    optimizer: &'a [&'a str],
}

/// What `probe --steps` writes for a mask, from the files of `order` and `export`.
fn probe(folder: &Path, experiment: &str, head: Head, mask: &str, training: Training<'_>) -> Vec<u8> {
    let at = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (file, examples, initial, out) =
        (at("e.toml"), at("examples.jsonl"), at("initial"), at("out.safetensors"));
    fs::write(&file, experiment).unwrap();
    let order = tunemask(&["order", &file, "--mask", mask, "--format", "examples"]).success();
    fs::write(&examples, order).unwrap();
    tunemask(&["export", &file, "--epoch", "initial", "--out", &initial, "--force"]).success();
    let (of, rate) = (training.steps.to_string(), training.rate.to_string());
    let weights = format!("{initial}/model.safetensors");
    let plain = [
        "probe",
        "--model",
        &initial,
        "--kind",
        head.kind,
        "--labels",
        head.labels,
        "--examples",
        &examples,
        "--mask",
        mask,
        "--head",
        &weights,
        "--out",
        &out,
        "--steps",
        &of,
        "--learning-rate",
        &rate,
        "--seed",
        "3",
    ];
    tunemask(&[&plain[..], training.optimizer].concat()).success();
    fs::read(&out).unwrap()
}

#[test]
fn the_files_repeat_what_pytorch_found() {
    FIXTURES.into_iter().for_each(repeats_pytorch);
}

fn repeats_pytorch(fixture: &str) {
    let fixture: Value = serde_json::from_str(fixture).unwrap();
    let optimizer: Vec<&str> = match &fixture["optimizer"] {
        Value::Array(words) => words.iter().map(|word| word.as_str().unwrap()).collect(),
        _ => Vec::new(),
    };
    let experiment = fixture["experiment"].as_str().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("e.toml");
    fs::write(&path, experiment).unwrap();
    let printed =
        tunemask(&["order", path.to_str().unwrap(), "--mask", "frozen", "--format", "json"]).success();
    let order: Vec<Value> = printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(order.len(), 20);
    let rows: Vec<&Value> = order.iter().map(|step| &step["rows"]).collect();
    assert_eq!(rows, fixture["rows"].as_array().unwrap().iter().collect::<Vec<_>>());

    let rate = fixture["learning_rate"].as_f64().unwrap();
    for (mask, want) in fixture["masks"].as_object().unwrap() {
        let training = Training { steps: order.len(), rate, optimizer: &optimizer };
        let bytes = probe(folder.path(), experiment, TWO_CLASSES, mask, training);
        let file = SafeTensors::deserialize(&bytes).unwrap();
        close(&floats(&file, "learning_rate"), &numbers(&want["learning_rate"]), 1e-6, mask);
        close(&floats(&file, "loss"), &numbers(&want["loss"]), 1e-4, mask);
        close(&floats(&file, "gradient_norm"), &numbers(&want["gradient_norm"]), 1e-3, mask);
        let tuned: BTreeMap<String, f64> = serde_json::from_value(want["tuned_norm"].clone()).unwrap();
        let names = file.names().into_iter().filter_map(|name| name.strip_prefix("tuned."));
        // A key's bias moves by rounding alone: softmax does not see it.
        let mut names: Vec<&str> = names.filter(|name| !name.ends_with("key.bias")).collect();
        names.sort_unstable();
        assert_eq!(names, tuned.keys().map(String::as_str).collect::<Vec<_>>(), "{mask}");
        for (name, norm) in &tuned {
            let got = floats(&file, &format!("tuned.{name}")).iter().map(|v| v * v).sum::<f64>().sqrt();
            close(&[got], &[*norm], 1e-4, &format!("{mask}, {name}"));
        }
    }
}

/// Trains an experiment of 16 steps at a rate of 1e-2, and holds `probe --steps` to its curve; the run's id.
fn repeats_the_lab(folder: &Path, experiment: &str, head: Head, mask: &str) -> String {
    let training = Training { steps: 16, rate: 1e-2, optimizer: &[] };
    let bytes = probe(folder, experiment, head, mask, training);
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let at = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let printed =
        tunemask(&["run", &at("e.toml"), "--home", &at("home"), "--device", "cpu", "--json"]).success();
    let mut columns: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    let mut run = String::new();
    for line in printed.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        if line["event"] != "points" {
            continue;
        }
        run = line["run"].as_str().unwrap().to_owned();
        for name in ["loss", "gradient_norm", "learning_rate"] {
            columns.entry(name).or_default().extend(numbers(&line[name]));
        }
    }
    assert_eq!(columns["loss"].len(), 16);
    for (name, want) in &columns {
        close(&floats(&file, name), want, 1e-4, name);
    }
    run
}

/// 16 steps without dropout.
fn sixteen_steps(task: &str, mask: &str) -> String {
    format!(
        "model = \"builtin:tiny\"\ntasks = [\"{task}\"]\nmasks = [\"{mask}\"]\nseeds = [3]\n\
         learning_rates = [1e-2]\nepochs = 2\nbatch_size = 8\ntrain_limit = 60\neval_limit = 20\ndropout = 0.0\n"
    )
}

#[test]
fn the_files_repeat_what_the_lab_trains_on_words() {
    let folder = tempfile::tempdir().unwrap();
    let head = Head { kind: "tagging", labels: "9" };
    repeats_the_lab(folder.path(), &sixteen_steps("entities", "bitfit"), head, "bitfit");
    let examples = fs::read_to_string(folder.path().join("examples.jsonl")).unwrap();
    let lines: Vec<Value> = examples.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2 * 60);
    for line in &lines {
        let (words, tags) = (line["tokens"].as_array().unwrap(), line["tags"].as_array().unwrap());
        assert!(words.len() == tags.len() && words.iter().all(Value::is_string), "{line}");
        assert!(tags.iter().all(|tag| tag.as_u64().is_some_and(|tag| tag < 9)), "{line}");
        assert!(line.get("text").is_none() && line.get("label").is_none(), "{line}");
    }
    assert!(lines.iter().flat_map(|line| line["tags"].as_array().unwrap()).any(|tag| *tag != 0));
}

#[test]
fn the_files_repeat_what_the_lab_trains() {
    let folder = tempfile::tempdir().unwrap();
    let experiment = sixteen_steps("sentiment", "layernorms");
    let run = repeats_the_lab(folder.path(), &experiment, TWO_CLASSES, "layernorms");
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();

    // A run gives the order of its own, and what it starts from.
    let of_file = tunemask(&["order", &at("e.toml")]).success();
    assert!(of_file.starts_with("epoch,step,row,learning_rate\n1,1,"), "{of_file}");
    assert_eq!(of_file.lines().count(), 1 + 2 * 60);
    assert_eq!(tunemask(&["order", &run[..8], "--home", &at("home")]).success(), of_file);
    let first = tunemask(&["order", &at("e.toml"), "--steps", "1"]).success();
    assert_eq!(first.lines().count(), 9);
    tunemask(&["export", &run, "--home", &at("home"), "--epoch", "initial", "--out", &at("again")]).success();
    let read = |name: &str| fs::read(at(name)).unwrap();
    assert!(read("again/model.safetensors") == read("initial/model.safetensors"));
}

#[test]
fn a_choice_must_lead_to_one_run() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("e.toml");
    fs::write(&path, "tasks = [\"sentiment\", \"tags\"]\nmasks = [\"full\", \"frozen\"]\nseeds = [1, 2]\n")
        .unwrap();
    let path = path.to_str().unwrap();
    let printed = tunemask(&["order", path, "--learning-rate", "1e-2"]).failure(1);
    assert!(printed.contains("several such runs; choose one with --task, --seed, --mask"), "{printed}");
    let printed = tunemask(&["order", path, "--seed", "9"]).failure(1);
    assert!(printed.contains("has no such run"), "{printed}");
    let printed = tunemask(&["export", path, "--epoch", "initial", "--task", "tags"]).failure(1);
    assert!(printed.contains("choose one with --seed"), "{printed}");
    let printed = tunemask(&["export", path, "--seed", "1"]).failure(1);
    assert!(printed.contains("with --epoch initial"), "{printed}");
}
