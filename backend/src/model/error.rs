//! What is wrong with a model, and where.

use crate::files::{FileError, why_not_written};
use crate::hub::HubError;
use crate::tensors::TensorsError;
use std::path::PathBuf;
use tunemask_shared::experiment::BUILTIN_MODEL;

/// Why a model cannot be used. Every variant names the file.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// A name that begins with `builtin:` and is not known.
    #[error("`{0}` is not a built-in model; the only one is {BUILTIN_MODEL}")]
    Builtin(String),
    /// No such folder.
    #[error("{}: no such folder; give one with config.json, or {BUILTIN_MODEL}", .0.display())]
    Folder(PathBuf),
    /// A file where a folder is needed.
    #[error("{}: is a file; give the folder that holds it, with config.json", .0.display())]
    NotAFolder(PathBuf),
    /// A model of the hub that is not here.
    #[error(transparent)]
    Hub(#[from] HubError),
    /// A file that cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// A file that cannot be written.
    #[error("{}: {}; see that the disk has room and the folder can be written to", path.display(), why_not_written(cause))]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// A file that is not JSON.
    #[error("{}: not valid JSON: {cause}", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// Where and why.
        cause: serde_json::Error,
    },
    /// A config that cannot be a BERT encoder, or not one that can be trained here.
    #[error("{}: `{field}` {why}", path.display())]
    Field {
        /// The config.
        path: PathBuf,
        /// Its field.
        field: &'static str,
        /// What was found and what is expected.
        why: String,
    },
    /// A folder without weights.
    #[error("{}: no weights; expected model.safetensors or pytorch_model.bin{hint}", folder.display())]
    NoWeights {
        /// The folder.
        folder: PathBuf,
        /// What stands there instead, with what to do.
        hint: String,
    },
    /// A folder without a config.
    #[error("{}: no config.json; {hint}", folder.display())]
    NoConfig {
        /// The folder.
        folder: PathBuf,
        /// What stands there instead, with what to do.
        hint: String,
    },
    /// A file of tensors that ends early or cannot be understood.
    #[error("{}: {why}", path.display())]
    Archive {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// A tensor that the config asks for is not in the file.
    #[error(
        "{}: the tensor {name} {dims:?} is missing; the file is not this config's, or not a BERT encoder's{hint}",
        path.display()
    )]
    MissingTensor {
        /// The file.
        path: PathBuf,
        /// The tensor, without prefix.
        name: String,
        /// Its dimensions by the config.
        dims: Vec<usize>,
        /// What stands there instead.
        hint: String,
    },
    /// A model that is too large for the machine.
    #[error("{}: {scalars} weights do not fit into this machine's memory", path.display())]
    Memory {
        /// The model.
        path: PathBuf,
        /// Its weights.
        scalars: usize,
    },
    /// A tensor with other dimensions than the config's.
    #[error("{}: the tensor {name} has the shape {got:?} where config.json asks for {want:?}", path.display())]
    Shape {
        /// The file.
        path: PathBuf,
        /// The tensor as the file names it.
        name: String,
        /// Its dimensions by the config.
        want: Vec<usize>,
        /// Its dimensions in the file.
        got: Vec<usize>,
    },
    /// A tensor of numbers that are no weights.
    #[error("{}: the tensor {name} is of type {got}; expected F64, F32, F16 or BF16", path.display())]
    Type {
        /// The file.
        path: PathBuf,
        /// The tensor as the file names it.
        name: String,
        /// Its type.
        got: String,
    },
    /// A weight that is not finite.
    #[error("{}: element {index} of the tensor {name} is {value}; a weight must be finite", path.display())]
    NotFinite {
        /// The file.
        path: PathBuf,
        /// The tensor as the file names it.
        name: String,
        /// Which element, row-major from 0.
        index: usize,
        /// What stands there.
        value: f32,
    },
    /// A folder with neither of the tokenizer's files.
    #[error("{}: no tokenizer; expected tokenizer.json, vocab.txt, or vocab.json with merges.txt", .0.display())]
    NoTokenizer(PathBuf),
    /// A tokenizer that cannot be used.
    #[error("{}: {why}", path.display())]
    Tokenizer {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// A delta on a model that it does not belong to.
    #[error(
        "{}: it belongs to the base model {want}…, but {title} is {got}…; name the model that its run was trained on",
        path.display()
    )]
    OtherBase {
        /// The delta.
        path: PathBuf,
        /// The model.
        title: String,
        /// Beginning of the model's fingerprint.
        got: String,
        /// Beginning of the fingerprint that the delta asks for.
        want: String,
    },
    /// A folder or file that is there already.
    #[error("{}: already contains files; choose another place, or replace them with --force", .0.display())]
    Occupied(PathBuf),
    /// A text that the tokenizer cannot encode.
    #[error("cannot tokenize {text:?}: {why}")]
    Encode {
        /// Its beginning.
        text: String,
        /// Why it cannot be.
        why: String,
    },
}

impl From<TensorsError> for ModelError {
    fn from(error: TensorsError) -> Self {
        match error {
            TensorsError::File(error) => Self::File(error),
            TensorsError::Io { path, cause } => Self::Write { path, cause },
            TensorsError::Damaged { path, why } => Self::Archive { path, why },
        }
    }
}
