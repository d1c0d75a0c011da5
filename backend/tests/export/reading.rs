//! Runs to export, and exported files read back.

use crate::support::{Listener, open};
use candle_core::{DType, Device, Module, Tensor};
use candle_nn::{VarBuilder, linear};
use candle_transformers::models::bert::BertModel;
use safetensors::SafeTensors;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use tunemask::artifacts::Tuned;
use tunemask::data;
use tunemask::model::{self, Model};
use tunemask_engine::{Adam, Gang, MemberSpec, Objective};
use tunemask_shared::experiment::Experiment;
use tunemask_shared::state::LabState;
use tunemask_shared::trainable::Trainable;

pub fn text(all: &[&str]) -> Vec<String> {
    all.iter().map(|&s| s.to_owned()).collect()
}

/// Trains an experiment to its end.
pub fn train(home: &Path, experiment: &Experiment) -> (LabState, Vec<String>) {
    let lab = open(home);
    let mut listener = Listener::new(&lab);
    let id = lab.submit(experiment).unwrap();
    listener.until_over(id);
    lab.shut_down();
    let runs = listener.state.experiments[&id].runs.iter().map(|run| run.0.clone()).collect();
    (listener.state, runs)
}

/// Classifier weight and bias of a file.
pub fn head(path: &Path) -> Vec<f32> {
    let bytes = fs::read(path).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let floats = |name: &str| {
        let data = file.tensor(name).unwrap().data().to_vec();
        data.chunks(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect::<Vec<f32>>()
    };
    [floats("classifier.weight"), floats("classifier.bias")].concat()
}

/// The logits of a model with a head on the development set of a run.
pub fn predict(model: &Model, head: Vec<f32>, tuned: &Tuned) -> Vec<f32> {
    let spec = &tuned.spec;
    let data = data::load(
        &spec.task,
        tuned.data.as_deref(),
        &model.tokenizer,
        spec.max_length as usize,
        spec.train_limit,
        spec.eval_limit,
    )
    .unwrap();
    let member =
        MemberSpec { trains: Trainable::default(), seed: 0, adam: Adam::default(), head: Some(head) };
    let objective = Objective::from(spec.task.kind());
    let mut gang = Gang::new(model.config, Arc::clone(&model.weights), objective, vec![member]).unwrap();
    let sequences: Vec<_> = data.development[0].iter().map(|e| e.sequence()).collect();
    sequences.chunks(7).flat_map(|chunk| gang.predict(chunk).unwrap().remove(0)).collect()
}

/// The logits of a folder by candle-transformers' BERT, which shares no code with ours: its sequence output through the
/// folder's pooler and classifier.
pub fn predict_by_candle(folder: &Path, tuned: &Tuned) -> Vec<f32> {
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
    let data =
        data::load(&spec.task, tuned.data.as_deref(), &model.tokenizer, length, Some(1), spec.eval_limit)
            .unwrap();
    let mut logits = Vec::new();
    for example in &data.development[0] {
        let sequence = example.sequence();
        let row = |values: Vec<u32>| Tensor::new(values, &Device::Cpu).unwrap();
        let ids = row(sequence.ids.to_vec()).unsqueeze(0).unwrap();
        let segments = row(sequence.segments.iter().map(|&s| s.into()).collect()).unsqueeze(0).unwrap();
        let output = bert.forward(&ids, &segments, None).unwrap().squeeze(0).unwrap();
        let places = row(sequence.reads.to_vec());
        let mut read = output.index_select(&places, 0).unwrap();
        if objective.is_pooled() {
            read = pooler.as_ref().unwrap().forward(&read).unwrap().tanh().unwrap();
        }
        let own = classifier.forward(&read).unwrap().flatten_all().unwrap();
        logits.extend(own.to_vec1::<f32>().unwrap());
    }
    logits
}

pub fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|v| v.to_bits()).collect()
}

pub fn config(folder: &Path) -> serde_json::Value {
    serde_json::from_slice(&fs::read(folder.join("config.json")).unwrap()).unwrap()
}
