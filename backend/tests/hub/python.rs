//! The cache beside Python's client: it reads what we wrote, and we read what it wrote.

use super::commands::{bert, put_bert};
use super::{Place, weights};
use std::process::Command;
use tunemask::hub::{Requests, Wanted};
use tunemask_shared::fixtures::Requirement;

/// Runs a script on the cache of a place, `None`, and a word, where Python lacks what it imports.
fn python(place: &Place, offline: bool, script: &str) -> Option<String> {
    let python = std::env::var("TUNEMASK_PYTHON").unwrap_or_else(|_| "python3".into());
    let has = |module: &str| {
        let run = Command::new(&python).args(["-c", &format!("import {module}")]).output();
        run.is_ok_and(|run| run.status.success())
    };
    let imports = script.lines().filter_map(|line| line.strip_prefix("from ")?.split(' ').next());
    for module in imports {
        if !has(module) {
            Requirement::HubPython.skip(format_args!("{python} cannot import {module}"));
            return None;
        }
    }
    let mut command = Command::new(&python);
    command
        .args(["-c", script])
        .env("HF_HUB_CACHE", &place.environment.cache)
        .env("HF_ENDPOINT", &place.hub.endpoint);
    command.env("HF_HOME", place.folder.path().join("python")).env("HF_HUB_DISABLE_XET", "1");
    command.env("HF_HUB_OFFLINE", if offline { "1" } else { "0" }).env_remove("HF_TOKEN");
    let run = command.output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    Some(String::from_utf8(run.stdout).unwrap())
}

#[test]
fn python_reads_what_we_wrote() {
    let place = Place::with_model(&weights(50_000));
    let folder = place.model().unwrap().snapshot.folder;
    place.hub.take_log();
    let script = "from huggingface_hub import hf_hub_download, snapshot_download, try_to_load_from_cache\n\
                  print(hf_hub_download('acme/tiny', 'model.safetensors'))\n\
                  print(snapshot_download('acme/tiny'))\n\
                  print(isinstance(try_to_load_from_cache('acme/tiny', 'tokenizer.json'), (str, type(None))))";
    let Some(printed) = python(&place, true, script) else { return };
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines[0], folder.join("model.safetensors").to_str().unwrap());
    assert_eq!(lines[1], folder.to_str().unwrap());
    // Known not to exist, which is neither a path nor unknown.
    assert_eq!(lines[2], "False");
    assert!(place.hub.take_log().is_empty());
}

#[test]
fn transformers_loads_from_the_cache_that_we_wrote() {
    let place = Place::new();
    put_bert(&place.hub, "acme/bert");
    place.fetch("hf:acme/bert", &Wanted::Model).unwrap();
    place.hub.take_log();
    let script = "from transformers import AutoModel, AutoTokenizer\n\
                  model = AutoModel.from_pretrained('acme/bert')\n\
                  tokenizer = AutoTokenizer.from_pretrained('acme/bert')\n\
                  print(model.config.model_type, len(tokenizer('the dog sleeps')['input_ids']) > 2)";
    let Some(printed) = python(&place, true, script) else { return };
    assert_eq!(printed.trim(), "bert True");
    assert!(place.hub.take_log().is_empty());
}

#[test]
fn we_read_what_python_wrote() {
    let mut place = Place::new();
    put_bert(&place.hub, "acme/bert");
    let files: Vec<String> = bert().into_iter().map(|(path, _)| format!("'{path}'")).collect();
    let script = format!(
        "from huggingface_hub import hf_hub_download\n\
         for path in [{}]: hf_hub_download('acme/bert', path)",
        files.join(", ")
    );
    if python(&place, false, &script).is_none() {
        return;
    }
    place.environment.requests = Requests::Forbidden("--offline");
    place.hub.take_log();
    let fetched = place.fetch("hf:acme/bert", &Wanted::Model).unwrap();
    assert_eq!(fetched.downloaded, 0);
    assert!(place.hub.take_log().is_empty());
    for (path, bytes) in bert() {
        assert_eq!(std::fs::read(fetched.snapshot.folder.join(path)).unwrap(), bytes);
    }
}
