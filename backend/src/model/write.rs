//! A Hugging Face folder on its way to the disk: `config.json`, `model.safetensors` and the tokenizer's files.

use super::{ModelError, Tokenizer, config, contents};
use crate::tensors::{replace, serialize};
use half::bf16;
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use tunemask_engine::EncoderConfig;

/// What the scalars of a file are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stored {
    /// As they are.
    #[default]
    F32,
    /// Rounded to the nearest bf16: half the size, three digits.
    Bf16,
}

/// A tensor beside the encoder's: name, dimensions, scalars.
pub type Extra<'a> = (String, Vec<usize>, &'a [f32]);

/// What a folder holds.
pub struct Folder<'a> {
    /// Dimensions and arithmetic.
    pub encoder: &'a EncoderConfig,
    /// Hugging Face's name of its class, such as `BertForMaskedLM`.
    pub architecture: &'a str,
    /// More fields of its config.
    pub fields: Map<String, Value>,
    /// The encoder's scalars in canonical order.
    pub weights: &'a [f32],
    /// The head's tensors.
    pub head: Vec<Extra<'a>>,
    /// How scalars are stored.
    pub stored: Stored,
    /// Its tokenizer.
    pub tokenizer: &'a Tokenizer,
}

impl Folder<'_> {
    /// Writes it; the weights last, so that a folder with weights is whole.
    ///
    /// # Errors
    /// The system refuses.
    pub fn write(&self, folder: &Path) -> Result<(), ModelError> {
        let write = |name: &str, bytes: &[u8]| {
            let path = folder.join(name);
            fs::write(&path, bytes).map_err(|cause| ModelError::Write { path, cause })
        };
        fs::create_dir_all(folder).map_err(|cause| ModelError::Write { path: folder.to_owned(), cause })?;
        write(contents::CONFIG, format!("{:#}\n", self.config()).as_bytes())?;
        for (name, bytes) in self.tokenizer.files(self.encoder.shape.positions) {
            write(name, &bytes)?;
        }
        self.tensors(folder)
    }

    fn config(&self) -> Value {
        let stored = match self.stored {
            Stored::F32 => "float32",
            Stored::Bf16 => "bfloat16",
        };
        let mut map = config::write(self.encoder, self.tokenizer.pad().unwrap_or_default());
        map.insert("architectures".into(), json!([self.architecture]));
        map.insert("torch_dtype".into(), json!(stored));
        map.extend(self.tokenizer.class_of_model().map(|class| ("tokenizer_class".to_owned(), json!(class))));
        map.extend(self.fields.clone());
        Value::Object(map)
    }

    fn tensors(&self, folder: &Path) -> Result<(), ModelError> {
        let bytes = |values: &[f32]| -> Vec<u8> {
            match self.stored {
                Stored::F32 => values.iter().flat_map(|x| x.to_le_bytes()).collect(),
                Stored::Bf16 => values.iter().flat_map(|&x| bf16::from_f32(x).to_le_bytes()).collect(),
            }
        };
        let parameters = self.encoder.shape.parameters();
        let own = parameters.iter().map(|p| (p.name(), p.hugging_face_dims(), &self.weights[p.range()]));
        let head = self.head.iter().map(|(name, dims, values)| (name.clone(), dims.clone(), *values));
        let all: Vec<(String, Vec<usize>, Vec<u8>)> =
            own.chain(head).map(|(name, dims, values)| (name, dims, bytes(values))).collect();
        let dtype = match self.stored {
            Stored::F32 => Dtype::F32,
            Stored::Bf16 => Dtype::BF16,
        };
        let path = folder.join("model.safetensors");
        let failed = |cause| ModelError::Write { path: path.clone(), cause };
        let views = all.iter().map(|(name, dims, bytes)| {
            TensorView::new(dtype, dims.clone(), bytes).map(|view| (name.as_str(), view))
        });
        let views: Vec<_> = views.collect::<Result<_, _>>().map_err(|e| failed(std::io::Error::other(e)))?;
        // transformers reads no file that does not say this of itself.
        let metadata = BTreeMap::from([("format".to_owned(), "pt".to_owned())]);
        let text = serialize(views, &metadata).map_err(|e| failed(std::io::Error::other(e)))?;
        replace(&path, &text).map_err(failed)
    }
}
