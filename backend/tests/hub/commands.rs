//! The command line: from a name of the hub to a finished run, and what it takes for it.

use super::fake::Hub;
use super::program;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::LazyLock;
use tempfile::TempDir;

/// A small BERT as a Hugging Face folder.
static BERT: LazyLock<TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("bert");
    let fixed = [
        "pretrain",
        "--model",
        "builtin:tiny",
        "--builtin-text",
        "--texts",
        "64",
        "--held-out",
        "8",
        "--steps",
        "1",
    ];
    program::tunemask(&[&fixed[..], &["--threads", "1", "--out", out.to_str().unwrap()]].concat()).success();
    folder
});

/// The files of the small BERT.
pub fn bert() -> Vec<(String, Vec<u8>)> {
    let names = ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "vocab.txt"];
    let read = |name: &&str| Some(((*name).to_owned(), fs::read(BERT.path().join("bert").join(name)).ok()?));
    let files: Vec<_> = names.iter().filter_map(read).collect();
    assert!(files.len() > 2, "{files:?}");
    files
}

/// Puts the small BERT on a hub; returns its commit.
pub fn put_bert(hub: &Hub, name: &str) -> String {
    let files = bert();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(path, bytes)| (path.as_str(), &bytes[..])).collect();
    hub.put("models", name, "main", &files)
}

/// The program with a hub and a cache of its own.
pub fn command(hub: &Hub, cache: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tunemask"));
    for name in ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_TOKEN", "HF_HUB_DISABLE_IMPLICIT_TOKEN"] {
        command.env_remove(name);
    }
    command
        .args(arguments)
        .env("HF_HOME", cache)
        .env_remove("HF_HUB_CACHE")
        .env_remove("HUGGINGFACE_HUB_CACHE");
    command.env("HF_ENDPOINT", &hub.endpoint);
    command
}

/// What it printed if it ended well, else what it complained of.
pub fn ended(output: &Output, well: bool) -> String {
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.success(), well, "{errors}");
    if well { String::from_utf8(output.stdout.clone()).unwrap() } else { errors }
}

const EXPERIMENT: &str = r#"
name = "hub"
model = "hf:acme/bert"
tasks = ["sentiment"]
masks = ["layernorms"]
learning_rates = [1e-3]
seeds = [1]
epochs = 1
train_limit = 32
eval_limit = 16
"#;

#[test]
fn a_run_downloads_its_model_once_and_records_the_commit() {
    let (hub, folder) = (Hub::start(), tempfile::tempdir().unwrap());
    let commit = put_bert(&hub, "acme/bert");
    let (file, cache) = (folder.path().join("e.toml"), folder.path().join("hf"));
    fs::write(&file, EXPERIMENT).unwrap();
    let run = |home: &str, more: &[&str]| {
        let home = folder.path().join(home);
        let fixed =
            ["run", file.to_str().unwrap(), "--home", home.to_str().unwrap(), "--threads", "1", "--json"];
        command(&hub, &cache, &[&fixed[..], more].concat()).output().unwrap()
    };
    // Offline first: nothing is there, and nothing is asked.
    let refused = ended(&run("home", &["--offline"]), false);
    assert!(refused.contains("line 3: model: hf:acme/bert is not whole on this machine"), "{refused}");
    assert!(refused.contains("--offline forbids requests"), "{refused}");
    assert!(hub.take_log().is_empty());

    let lines = ended(&run("home", &[]), true);
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |event: &str| {
        lines.iter().find(|line| line["event"] == event).unwrap_or_else(|| panic!("{lines:#?}"))
    };
    assert!(of("download")["bytes"].as_u64().unwrap() > 10_000);
    assert_eq!(of("downloaded")["name"], format!("hf:acme/bert@{commit}"));
    let created = &of("created")["experiment"];
    assert_eq!(created["model"], format!("hf:acme/bert@{commit}"));
    let first = of("finished")["trained_sha256"].clone();
    assert!(!hub.take_log().is_empty());

    // Warm: not one request; the branch has moved meanwhile, and the same bits come of what is here.
    let mut moved = bert();
    moved[1].1.push(0);
    let moved: Vec<(&str, &[u8])> = moved.iter().map(|(path, bytes)| (path.as_str(), &bytes[..])).collect();
    hub.put("models", "acme/bert", "main", &moved);
    let lines = ended(&run("other", &[]), true);
    assert!(hub.take_log().is_empty());
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let finished = lines.iter().find(|line| line["event"] == "finished").unwrap();
    assert_eq!(finished["trained_sha256"], first);
}

#[test]
fn what_is_wrong_with_an_experiment_is_said_before_anything_is_downloaded() {
    let (hub, folder) = (Hub::start(), tempfile::tempdir().unwrap());
    put_bert(&hub, "acme/bert");
    let file = folder.path().join("e.toml");
    fs::write(&file, EXPERIMENT.replace("layernorms", "layernormz")).unwrap();
    let home = folder.path().join("home");
    let arguments = ["run", file.to_str().unwrap(), "--home", home.to_str().unwrap()];
    let refused = ended(&command(&hub, &folder.path().join("hf"), &arguments).output().unwrap(), false);
    assert!(refused.contains("line 5: masks[0]"), "{refused}");
    assert!(hub.take_log().is_empty());
    fs::write(&file, EXPERIMENT.replace("hf:acme/bert", "hf:../etc")).unwrap();
    let refused = ended(&command(&hub, &folder.path().join("hf"), &arguments).output().unwrap(), false);
    assert!(refused.contains("line 3: model: `../etc` is not a repository of the hub"), "{refused}");
}

#[test]
fn two_programs_at_once_share_what_one_of_them_downloads() {
    let (hub, folder) = (Hub::start(), tempfile::tempdir().unwrap());
    put_bert(&hub, "acme/bert");
    let start = || command(&hub, folder.path(), &["fetch", "--model", "hf:acme/bert"]).spawn().unwrap();
    let mut programs = [start(), start(), start()];
    assert!(programs.iter_mut().all(|program| program.wait().unwrap().success()));
    let log = hub.take_log();
    assert_eq!(
        log.iter().filter(|asked| asked.path.starts_with("/store/")).count(),
        bert().iter().filter(|(_, b)| b.len() >= 4096).count()
    );
}

#[test]
fn what_is_here_is_listed_and_can_be_used_offline() {
    let (hub, folder) = (Hub::start(), tempfile::tempdir().unwrap());
    put_bert(&hub, "acme/bert");
    let (cache, home) = (folder.path().join("hf"), folder.path().join("home"));
    let fetched = command(&hub, &cache, &["fetch", "--model", "hf:acme/bert"]).output().unwrap();
    assert!(ended(&fetched, true).contains("hf:acme/bert@"));
    // Of another program, and of another kind.
    let other = cache.join("hub/models--acme--gpt");
    let commit = "0123456789abcdef0123456789abcdef01234567";
    fs::create_dir_all(other.join("refs")).unwrap();
    fs::write(other.join("refs/main"), commit).unwrap();
    fs::create_dir_all(other.join("snapshots").join(commit)).unwrap();
    for (name, text) in
        [("config.json", "{\"model_type\":\"gpt2\"}"), ("vocab.txt", "x"), ("model.safetensors", "x")]
    {
        fs::write(other.join("snapshots").join(commit).join(name), text).unwrap();
    }
    // A folder beside the experiments.
    let models = home.join("models/mine");
    fs::create_dir_all(&models).unwrap();
    for (name, bytes) in bert() {
        fs::write(models.join(name), bytes).unwrap();
    }
    hub.take_log();
    let listed =
        command(&hub, &cache, &["models", "--json", "--home", home.to_str().unwrap()]).output().unwrap();
    let lines: Vec<Value> =
        ended(&listed, true).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let names: Vec<&str> =
        lines.iter().filter(|l| l["kind"] == "model").map(|l| l["name"].as_str().unwrap()).collect();
    // No GPT among them: it cannot be trained here.
    assert_eq!(names[..2], ["builtin:tiny", "hf:acme/bert"], "{names:?}");
    assert_eq!(Path::new(names[2]).canonicalize().unwrap(), models.canonicalize().unwrap());
    for variable in ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"] {
        let mut masks = command(&hub, &cache, &["masks", "--model", "hf:acme/bert", "--mask", "layernorms"]);
        assert!(ended(&masks.env(variable, "True").output().unwrap(), true).contains("layernorms"));
        let mut other = command(&hub, &cache, &["masks", "--model", "hf:acme/other"]);
        let refused = ended(&other.env(variable, "1").output().unwrap(), false);
        assert!(refused.contains(&format!("{variable} forbids requests")), "{refused}");
    }
    assert!(hub.take_log().is_empty());
}
