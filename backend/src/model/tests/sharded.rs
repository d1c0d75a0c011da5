//! Weights in several files.

use super::folder::{self, Tensor, folder, tensors, write_pickle, write_safetensors};
use crate::model::open;
use serde_json::{Map, Value, json};
use std::fs;
use std::path::Path;

fn write_index(folder: &Path, name: &str, map: Map<String, Value>) {
    let index = json!({"metadata": {"total_size": 1}, "weight_map": map});
    fs::write(folder.join(name), index.to_string()).unwrap();
}

/// Writes tensors in three files with an index.
fn write_shards(folder: &Path, one: &str, write: fn(&Path, &[Tensor])) {
    let (stem, ending) = one.rsplit_once('.').unwrap();
    let mut map = Map::new();
    for (number, part) in (1..).zip(tensors().chunks(15)) {
        write(folder, part);
        let name = format!("{stem}-{number:05}-of-00003.{ending}");
        fs::rename(folder.join(one), folder.join(&name)).unwrap();
        map.extend(part.iter().map(|tensor| (tensor.name.clone(), json!(name))));
    }
    write_index(folder, &format!("{one}.index.json"), map);
}

fn error(folder: &Path) -> String {
    open(folder.to_str().unwrap()).unwrap_err().to_string()
}

#[test]
fn several_files_are_one_model() {
    let whole = folder();
    write_safetensors(whole.path(), &tensors());
    let whole = open(whole.path().to_str().unwrap()).unwrap();
    for (one, write) in [
        ("model.safetensors", write_safetensors as fn(&Path, &[Tensor])),
        ("pytorch_model.bin", write_pickle),
    ] {
        let dir = folder();
        write_shards(dir.path(), one, write);
        let model = open(dir.path().to_str().unwrap()).unwrap();
        assert_eq!(model.fingerprint, whole.fingerprint);
        let (stem, ending) = one.rsplit_once('.').unwrap();
        let second = format!("{stem}-00002-of-00003.{ending}");
        fs::remove_file(dir.path().join(&second)).unwrap();
        let text = error(dir.path());
        assert!(
            text.contains(&format!("{one}.index.json: its file {second} is missing; copy all 3")),
            "{text}"
        );
    }
}

#[test]
fn an_index_names_files_beside_it() {
    let dir = folder();
    let inner = dir.path().join("inner");
    fs::create_dir(&inner).unwrap();
    write_safetensors(dir.path(), &tensors());
    for name in ["config.json", "vocab.txt"] {
        fs::copy(dir.path().join(name), inner.join(name)).unwrap();
    }
    let outside = dir.path().join("model.safetensors").display().to_string();
    let itself = "model.safetensors.index.json";
    for name in ["../model.safetensors", &outside, "x/../../model.safetensors", ".", "", itself] {
        let map = tensors().into_iter().map(|tensor| (tensor.name, json!(name))).collect();
        write_index(&inner, itself, map);
        let text = error(&inner);
        assert!(text.contains("expected the name of one beside it"), "{name}: {text}");
    }
    write_index(&inner, itself, Map::new());
    assert!(error(&inner).contains("is missing"));
    fs::write(inner.join(itself), "{}").unwrap();
    assert!(
        error(&inner).contains("model.safetensors.index.json: not valid JSON: missing field `weight_map`")
    );
}

#[test]
fn a_tensor_is_looked_for_where_the_index_has_it() {
    let dir = folder();
    write_shards(dir.path(), "model.safetensors", write_safetensors);
    let mut wrong = tensors();
    wrong[20].dims = vec![7];
    wrong[20].values = vec![0.0; 7];
    let part: Vec<Tensor> = wrong.into_iter().skip(15).take(15).collect();
    let name = part[5].name.clone();
    write_safetensors(dir.path(), &part);
    let second = dir.path().join("model-00002-of-00003.safetensors");
    fs::rename(dir.path().join("model.safetensors"), &second).unwrap();
    let text = error(dir.path());
    assert!(
        text.contains(&format!("model-00002-of-00003.safetensors: the tensor {name} has the shape [7]")),
        "{text}"
    );
    assert_eq!(folder::SHAPE.parameters().len(), 39);
}
