//! Small folders in the Hugging Face layout, made on the spot.

use crate::model::Tokenizer;
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use tunemask_shared::fixtures::SMALL_SHAPE;
use tunemask_shared::shape::ModelShape;

pub const SHAPE: ModelShape = ModelShape { vocabulary: 12, positions: 16, ..SMALL_SHAPE };

pub const WORDS: &str = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nthe\ndog\nsleep\n##s\n##ing\n.\nThe\n";

#[derive(Clone)]
pub struct Tensor {
    pub name: String,
    pub dims: Vec<usize>,
    pub values: Vec<f32>,
}

/// The shape's tensors under Hugging Face's names with `bert.`, each scalar with a value of its own.
pub fn tensors() -> Vec<Tensor> {
    SHAPE
        .parameters()
        .iter()
        .map(|p| Tensor {
            name: p.name(),
            dims: p.hugging_face_dims(),
            values: p.range().map(value).collect(),
        })
        .collect()
}

/// The scalar at an index: exact in f16 and bf16 too.
pub fn value(index: usize) -> f32 {
    (index % 251) as f32 / 128.0 - 0.5
}

pub fn config() -> Value {
    json!({
        "model_type": "bert", "architectures": ["BertModel"], "hidden_act": "gelu",
        "vocab_size": SHAPE.vocabulary, "hidden_size": SHAPE.hidden, "num_hidden_layers": SHAPE.layers,
        "num_attention_heads": SHAPE.heads, "intermediate_size": SHAPE.intermediate,
        "max_position_embeddings": SHAPE.positions, "type_vocab_size": SHAPE.segments,
        "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.2, "layer_norm_eps": 1e-12,
        "initializer_range": 0.02, "position_embedding_type": "absolute", "pad_token_id": 0,
    })
}

/// A folder with config and vocabulary, without weights.
pub fn folder() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("config.json"), config().to_string()).unwrap();
    fs::write(dir.path().join("vocab.txt"), WORDS).unwrap();
    dir
}

/// The `tokenizer.json` of [`WORDS`].
pub fn tokenizer_json() -> Value {
    let words: Vec<String> = WORDS.lines().map(str::to_owned).collect();
    let files = Tokenizer::from_words(&words).unwrap().files(SHAPE.positions);
    let (_, text) = files.iter().find(|(name, _)| *name == "tokenizer.json").unwrap();
    serde_json::from_slice(text).unwrap()
}

pub fn write_safetensors(folder: &Path, tensors: &[Tensor]) {
    let bytes: Vec<Vec<u8>> =
        tensors.iter().map(|t| t.values.iter().flat_map(|v| v.to_le_bytes()).collect()).collect();
    let views = tensors
        .iter()
        .zip(&bytes)
        .map(|(t, b)| (t.name.clone(), TensorView::new(Dtype::F32, t.dims.clone(), b).unwrap()));
    safetensors::serialize_to_file(views, None, &folder.join("model.safetensors")).unwrap();
}

/// Writes what `torch.save` writes for a `state_dict` of f32 tensors (pickle protocol 2 in a stored zip).
pub fn write_pickle(folder: &Path, tensors: &[Tensor]) {
    write_views(folder, tensors, |stride| stride);
}

/// The same, each stride made another.
pub fn write_views(folder: &Path, tensors: &[Tensor], stride: impl Fn(usize) -> usize) {
    let mut zip = zip::ZipWriter::new(fs::File::create(folder.join("pytorch_model.bin")).unwrap());
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    zip.start_file("pytorch_model/data.pkl", stored).unwrap();
    zip.write_all(&pickle(tensors, stride)).unwrap();
    for (i, tensor) in tensors.iter().enumerate() {
        zip.start_file(format!("pytorch_model/data/{i}"), stored).unwrap();
        zip.write_all(&tensor.values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>()).unwrap();
    }
    zip.start_file("pytorch_model/version", stored).unwrap();
    zip.write_all(b"3\n").unwrap();
    zip.finish().unwrap();
}

fn pickle(tensors: &[Tensor], stride: impl Fn(usize) -> usize) -> Vec<u8> {
    let ordered = b"ccollections\nOrderedDict\n)R";
    let mut out = b"\x80\x02".to_vec();
    out.extend(ordered);
    out.extend(b"q\x00(");
    for (i, tensor) in tensors.iter().enumerate() {
        text(&mut out, &tensor.name);
        out.extend(b"ctorch._utils\n_rebuild_tensor_v2\n((");
        text(&mut out, "storage");
        out.extend(b"ctorch\nFloatStorage\n");
        text(&mut out, &i.to_string());
        text(&mut out, "cpu");
        integers(&mut out, &[tensor.values.len()]);
        out.extend(b"tQ");
        integers(&mut out, &[0]);
        out.push(b'(');
        integers(&mut out, &tensor.dims);
        out.extend(b"t(");
        let strides: Vec<usize> =
            (0..tensor.dims.len()).map(|d| stride(tensor.dims[d + 1..].iter().product())).collect();
        integers(&mut out, &strides);
        out.extend(b"t\x89");
        out.extend(ordered);
        out.extend(b"tR");
    }
    out.extend(b"u.");
    out
}

fn text(out: &mut Vec<u8>, text: &str) {
    out.push(b'X');
    out.extend((text.len() as u32).to_le_bytes());
    out.extend(text.as_bytes());
}

fn integers(out: &mut Vec<u8>, numbers: &[usize]) {
    for &n in numbers {
        out.push(b'J');
        out.extend((n as i32).to_le_bytes());
    }
}

/// What lies beside the repository; `None`, said in print, where it is absent.
pub fn shared(path: &str) -> Option<PathBuf> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared").join(path);
    if found.exists() {
        return Some(found);
    }
    tunemask_shared::fixtures::Requirement::Data.skip(format_args!("{} is not there", found.display()));
    None
}
