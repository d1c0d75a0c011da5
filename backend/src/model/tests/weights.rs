//! Tensors by their names, and which are refused.

use super::folder::{self, Tensor, folder, tensors, write_pickle, write_safetensors};
use crate::model::{Model, ModelError, open};
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use std::fs;
use std::path::Path;
use tunemask_shared::shape::{Kind, POOLER_KINDS};

fn at(folder: &Path) -> Result<Model, ModelError> {
    open(folder.to_str().unwrap())
}

fn error(folder: &Path) -> String {
    at(folder).unwrap_err().to_string()
}

fn expected() -> Vec<f32> {
    (0..folder::SHAPE.scalars()).map(folder::value).collect()
}

/// The tensors under names that older and bare checkpoints use.
fn renamed(rename: impl Fn(&str) -> String) -> Vec<Tensor> {
    tensors().into_iter().map(|t| Tensor { name: rename(&t.name), ..t }).collect()
}

#[test]
fn every_spelling_of_a_checkpoint_gives_the_same_model() {
    let plain = |name: &str| name.trim_start_matches("bert.").to_owned();
    let old = |name: &str| {
        name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")
    };
    let compiled = |name: &str| format!("_orig_mod.{name}");
    let parallel = |name: &str| format!("module.{name}");
    let by_block = |name: &str| name.replace(".attention.", "._orig_mod.attention.");
    let spellings = [
        renamed(str::to_owned),
        renamed(plain),
        renamed(old),
        renamed(|n| old(&plain(n))),
        renamed(compiled),
        renamed(parallel),
        renamed(|n| parallel(&compiled(&plain(n)))),
        renamed(|n| compiled(&parallel(&old(n)))),
        renamed(by_block),
    ];
    let mut fingerprints = Vec::new();
    for mut spelling in spellings {
        spelling.push(Tensor { name: "cls.predictions.bias".into(), dims: vec![12], values: vec![9.0; 12] });
        for write in [write_safetensors, write_pickle] {
            let dir = folder();
            write(dir.path(), &spelling);
            let model = at(dir.path()).unwrap();
            assert_eq!(*model.weights, expected());
            assert!(model.notes.is_empty() && !model.cased);
            fingerprints.push(model.fingerprint);
        }
    }
    assert_eq!(fingerprints[0].len(), 64);
    fingerprints.dedup();
    assert_eq!(fingerprints.len(), 1);
}

#[test]
fn the_fingerprint_sees_weights_config_and_vocabulary() {
    let dir = folder();
    write_safetensors(dir.path(), &tensors());
    let first = at(dir.path()).unwrap().fingerprint;
    let mut changed = tensors();
    changed[7].values[0] += 1.0;
    write_safetensors(dir.path(), &changed);
    let second = at(dir.path()).unwrap().fingerprint;
    write_safetensors(dir.path(), &tensors());
    let mut config = folder::config();
    config["hidden_dropout_prob"] = 0.0.into();
    fs::write(dir.path().join("config.json"), config.to_string()).unwrap();
    let third = at(dir.path()).unwrap().fingerprint;
    fs::write(dir.path().join("config.json"), folder::config().to_string()).unwrap();
    fs::write(dir.path().join("vocab.txt"), folder::WORDS.replace("dog", "cat")).unwrap();
    let fourth = at(dir.path()).unwrap().fingerprint;
    // How words are cut counts, too.
    let mut tokenizer = folder::tokenizer_json();
    tokenizer["model"]["max_input_chars_per_word"] = 3.into();
    fs::write(dir.path().join("tokenizer.json"), tokenizer.to_string()).unwrap();
    let generic = r#"{"tokenizer_class": "PreTrainedTokenizerFast"}"#;
    fs::write(dir.path().join("tokenizer_config.json"), generic).unwrap();
    let fifth = at(dir.path()).unwrap().fingerprint;
    let all = std::collections::BTreeSet::from([&first, &second, &third, &fourth, &fifth]);
    assert_eq!(all.len(), 5);
}

#[test]
fn half_precision_is_widened() {
    for dtype in [Dtype::F16, Dtype::BF16] {
        let dir = folder();
        let half: Vec<(Tensor, Vec<u8>)> = tensors()
            .into_iter()
            .map(|t| {
                let bytes = t.values.iter().flat_map(|&v| bits(v, dtype).to_le_bytes()).collect();
                (t, bytes)
            })
            .collect();
        let views =
            half.iter().map(|(t, b)| (t.name.clone(), TensorView::new(dtype, t.dims.clone(), b).unwrap()));
        safetensors::serialize_to_file(views, None, &dir.path().join("model.safetensors")).unwrap();
        // Values are multiples of 1/128 below 1.5: exact in both types.
        let model = at(dir.path()).unwrap();
        assert_eq!(*model.weights, expected());
        let name = format!("weights are stored as {dtype:?};").to_uppercase();
        assert!(model.notes[0].to_uppercase().starts_with(&name), "{:?}", model.notes);
    }
}

#[test]
fn double_precision_is_rounded_with_a_note() {
    let dir = folder();
    let bytes: Vec<Vec<u8>> = tensors()
        .iter()
        .map(|t| t.values.iter().flat_map(|&v| (f64::from(v) + 1e-12).to_le_bytes()).collect())
        .collect();
    let views = tensors()
        .into_iter()
        .zip(&bytes)
        .map(|(t, b)| (t.name, TensorView::new(Dtype::F64, t.dims, b).unwrap()))
        .collect::<Vec<_>>();
    safetensors::serialize_to_file(views, None, &dir.path().join("model.safetensors")).unwrap();
    let model = at(dir.path()).unwrap();
    let rounded: Vec<f32> = expected().into_iter().map(|v| (f64::from(v) + 1e-12) as f32).collect();
    assert_eq!(*model.weights, rounded);
    assert!(model.notes[0].starts_with("weights are stored as F64;"), "{:?}", model.notes);
}

#[test]
fn two_models_in_one_file_are_not_chosen_from() {
    let dir = folder();
    let twice = [renamed(str::to_owned), renamed(|name| format!("module.{name}"))].concat();
    write_safetensors(dir.path(), &twice);
    let text = error(dir.path());
    assert!(
        text.contains("embeddings.word_embeddings.weight as well as ") && text.contains("module.bert."),
        "{text}"
    );

    write_safetensors(dir.path(), &renamed(|name| format!("question_encoder.{name}")));
    let text = error(dir.path());
    assert!(text.contains("An encoder's names begin with `question_encoder.bert.` in it"), "{text}");
}

/// The 16 bits of a value that both types hold exactly.
fn bits(value: f32, dtype: Dtype) -> u16 {
    let wide = value.to_bits();
    if dtype == Dtype::BF16 {
        return (wide >> 16) as u16;
    }
    let sign = (wide >> 16) as u16 & 0x8000;
    if value == 0.0 {
        return sign;
    }
    let exponent = (wide >> 23 & 0xff) as i32 - 127 + 15;
    sign | (exponent as u16) << 10 | (wide >> 13 & 0x3ff) as u16
}

#[test]
fn a_missing_pooler_is_drawn_the_same_every_time() {
    let without: Vec<Tensor> = tensors().into_iter().filter(|t| !t.name.contains("pooler")).collect();
    let models: Vec<Model> = (0..2)
        .map(|_| {
            let dir = folder();
            write_safetensors(dir.path(), &without);
            at(dir.path()).unwrap()
        })
        .collect();
    assert_eq!(models[0].weights, models[1].weights);
    assert!(models[0].notes[0].contains("no pooler"));
    let pooler = POOLER_KINDS.map(|k| folder::SHAPE.parameter(k, None).unwrap().range());
    let weight = &models[0].weights[pooler[0].clone()];
    assert!(weight.iter().all(|w| *w != 0.0 && w.abs() < 0.1));
    assert!(models[0].weights[pooler[1].clone()].iter().all(|b| *b == 0.0));
    assert_eq!(models[0].weights[..pooler[0].start], expected()[..pooler[0].start]);

    let half: Vec<Tensor> = tensors().into_iter().filter(|t| !t.name.contains("pooler.dense.bias")).collect();
    let dir = folder();
    write_safetensors(dir.path(), &half);
    assert!(error(dir.path()).contains("pooler.dense.bias [4] is missing"));
}

#[test]
fn wrong_tensors_are_named() {
    let dir = folder();
    let name = "encoder.layer.1.attention.self.key.bias";
    write_safetensors(
        dir.path(),
        &tensors().into_iter().filter(|t| !t.name.ends_with(name)).collect::<Vec<_>>(),
    );
    let missing = error(dir.path());
    assert!(missing.contains("model.safetensors") && missing.contains(&format!("{name} [4] is missing")));

    let mut wrong = tensors();
    let output = folder::SHAPE.parameter(Kind::OutputWeight, Some(0)).unwrap().name();
    let tensor = wrong.iter_mut().find(|t| t.name == output).unwrap();
    tensor.dims = vec![6, 4];
    for write in [write_safetensors, write_pickle] {
        let dir = folder();
        write(dir.path(), &wrong);
        let text = error(dir.path());
        assert!(
            text.contains(&format!("{output} has the shape [6, 4] where config.json asks for [4, 6]")),
            "{text}"
        );
    }

    let mut nan = tensors();
    nan[5].values[3] = f32::NAN;
    write_safetensors(dir.path(), &nan);
    let text = error(dir.path());
    assert!(
        text.contains("element 3 of the tensor bert.encoder.layer.0.attention.self.query.weight is NaN"),
        "{text}"
    );
}

#[test]
fn integers_are_no_weights() {
    let dir = folder();
    let bytes: Vec<Vec<u8>> = tensors().iter().map(|t| vec![0; 8 * t.values.len()]).collect();
    let views = tensors()
        .into_iter()
        .zip(&bytes)
        .map(|(t, b)| (t.name, TensorView::new(Dtype::I64, t.dims, b).unwrap()))
        .collect::<Vec<_>>();
    safetensors::serialize_to_file(views, None, &dir.path().join("model.safetensors")).unwrap();
    assert!(error(dir.path()).contains("is of type I64; expected F64, F32, F16 or BF16"));
}

#[test]
fn truncated_files_say_so() {
    for (write, file) in [
        (write_safetensors as fn(&Path, &[Tensor]), "model.safetensors"),
        (write_pickle, "pytorch_model.bin"),
    ] {
        let dir = folder();
        write(dir.path(), &tensors());
        let path = dir.path().join(file);
        let whole = fs::read(&path).unwrap();
        for length in [0, 3, 100, whole.len() / 2, whole.len() - 1] {
            fs::write(&path, &whole[..length]).unwrap();
            let text = error(dir.path());
            assert!(text.contains(file) && text.contains("truncated"), "{length} of {file}: {text}");
        }
    }
    let dir = folder();
    fs::write(dir.path().join("model.safetensors"), b"a text that is no safetensors file\n").unwrap();
    assert!(error(dir.path()).contains("not a safetensors file"));
}

#[test]
fn a_real_checkpoint_opens() {
    let Some(path) = folder::shared("models/minilm-l6-h384-uncased") else { return };
    let model = at(&path).unwrap();
    assert_eq!(model.weights.len(), 22_713_216);
    assert_eq!(model.title, "minilm-l6-h384-uncased");
    assert!(model.notes.is_empty(), "{:?}", model.notes);
    assert_eq!(model.tokenizer.vocabulary_size(), 30522);
    // A trained LayerNorm's γ is neither 0 nor 1, and its β is not 0.
    let gamma = model.config.shape.parameter(Kind::AttentionGamma, Some(5)).unwrap();
    assert!(model.weights[gamma.range()].iter().all(|g| g.abs() > 1e-3 && *g != 1.0));
}
