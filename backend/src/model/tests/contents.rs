//! Which of a folder's files are read.

use super::folder::{self, folder, tensors, write_safetensors};
use crate::model::{open, shape};
use std::fs;
use std::path::Path;

fn error(folder: &Path) -> String {
    open(folder.to_str().unwrap()).unwrap_err().to_string()
}

#[test]
fn what_is_not_there_is_named() {
    let dir = folder();
    assert!(error(dir.path()).ends_with("no weights; expected model.safetensors or pytorch_model.bin"));
    fs::remove_file(dir.path().join("vocab.txt")).unwrap();
    assert!(
        error(dir.path())
            .contains("no tokenizer; expected tokenizer.json, vocab.txt, or vocab.json with merges.txt")
    );
    fs::remove_file(dir.path().join("config.json")).unwrap();
    let text = error(dir.path());
    assert!(
        text.contains(": no config.json; is this a model's folder? It holds config.json, model.safe"),
        "{text}"
    );
    // What `masks` and the form ask.
    assert_eq!(shape(dir.path().to_str().unwrap()).unwrap_err().to_string(), text);
    assert!(open("/no/such/folder").unwrap_err().to_string().contains("no such folder"));
    assert!(open("builtin:huge").unwrap_err().to_string().contains("the only one is builtin:tiny"));
    fs::create_dir(dir.path().join("bert")).unwrap();
    fs::write(dir.path().join("bert/config.json"), folder::config().to_string()).unwrap();
    assert!(
        error(dir.path()).contains("no config.json; there is one in ")
            && error(dir.path()).ends_with("/bert")
    );
    assert!(error(&dir.path().join("bert/config.json")).contains("config.json: is a file; give the folder"));
}

#[test]
fn weights_of_others_are_named() {
    for (name, expected) in [
        ("adapter_config.json", "found adapter_config.json: this is an adapter, not a model; merge it"),
        (
            "bert_model.ckpt.index",
            "found bert_model.ckpt.index: this is Google's TensorFlow checkpoint; convert",
        ),
        ("tf_model.h5", "found tf_model.h5: save the model from PyTorch"),
        ("flax_model.msgpack", "found flax_model.msgpack: save the model from PyTorch"),
        ("tiny.Q4_K_M.gguf", "found tiny.Q4_K_M.gguf: these are weights for llama.cpp; use the model"),
    ] {
        let dir = folder();
        fs::write(dir.path().join(name), "x").unwrap();
        assert!(
            error(dir.path()).contains(&format!("pytorch_model.bin; {expected}")),
            "{}",
            error(dir.path())
        );
        fs::remove_file(dir.path().join("config.json")).unwrap();
        assert!(
            error(dir.path()).contains(&format!(": no config.json; {expected}")),
            "{}",
            error(dir.path())
        );
    }
}

#[test]
fn stand_ins_are_named_wherever_they_stand() {
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 4\n";
    for name in
        ["config.json", "vocab.txt", "model.safetensors", "pytorch_model.bin", "model.safetensors.index.json"]
    {
        let dir = folder();
        fs::write(dir.path().join(name), pointer).unwrap();
        let text = error(dir.path());
        assert!(
            text.contains(&format!("{name}: a Git LFS pointer")) && text.contains("git lfs pull"),
            "{text}"
        );
        fs::write(dir.path().join(name), "<!DOCTYPE html>\n<html></html>\n").unwrap();
        let text = error(dir.path());
        assert!(text.contains(&format!("{name}: a web page was saved")), "{text}");
    }
}

#[test]
fn googles_config_is_read() {
    let dir = folder();
    write_safetensors(dir.path(), &tensors());
    let whole = open(dir.path().to_str().unwrap()).unwrap();
    let mut config = folder::config();
    for field in ["model_type", "architectures", "layer_norm_eps", "position_embedding_type", "pad_token_id"]
    {
        config.as_object_mut().unwrap().remove(field);
    }
    fs::remove_file(dir.path().join("config.json")).unwrap();
    fs::write(dir.path().join("bert_config.json"), config.to_string()).unwrap();
    assert_eq!(open(dir.path().to_str().unwrap()).unwrap().fingerprint, whole.fingerprint);
    // Under the name that any model may have, something must say that it is a BERT.
    fs::rename(dir.path().join("bert_config.json"), dir.path().join("config.json")).unwrap();
    assert!(error(dir.path()).contains("`model_type` is missing"));
}

#[test]
fn a_hubs_cache_folder_means_its_main_snapshot() {
    let cache = tempfile::tempdir().unwrap();
    let named = cache.path().join("models--somebody--tiny-bert");
    let made = folder();
    write_safetensors(made.path(), &tensors());
    let whole = open(made.path().to_str().unwrap()).unwrap();
    for revision in ["aaa", "bbb"] {
        let snapshot = named.join("snapshots").join(revision);
        fs::create_dir_all(&snapshot).unwrap();
        for name in ["config.json", "vocab.txt", "model.safetensors"] {
            // Links to blobs, as the hub's client lays them; the other revision is not whole.
            let blob = named.join("blobs").join(format!("{revision}{name}"));
            fs::create_dir_all(named.join("blobs")).unwrap();
            fs::copy(made.path().join(name), &blob).unwrap();
            let target = Path::new("../../blobs").join(format!("{revision}{name}"));
            std::os::unix::fs::symlink(target, snapshot.join(name)).unwrap();
        }
    }
    fs::remove_file(named.join("blobs/aaamodel.safetensors")).unwrap();
    assert!(
        error(&named).contains("a hub's cache folder with 2 snapshots and none at refs/main"),
        "{}",
        error(&named)
    );
    fs::create_dir(named.join("refs")).unwrap();
    fs::write(named.join("refs/main"), "../../elsewhere").unwrap();
    assert!(error(&named).contains("none at refs/main"));
    fs::write(named.join("refs/main"), "bbb\n").unwrap();
    let model = open(named.to_str().unwrap()).unwrap();
    assert_eq!((model.fingerprint, &*model.title), (whole.fingerprint, "tiny-bert"));
    assert_eq!(shape(named.to_str().unwrap()).unwrap().title, "tiny-bert");
    fs::write(named.join("refs/main"), "aaa").unwrap();
    assert!(error(&named).contains("no weights"));
}
