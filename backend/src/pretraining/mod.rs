//! Pre-training by masked language modelling (Devlin et al., 2019): a text's word pieces, some of them hidden, and the
//! encoder that learns to find them. No next-sentence task: a pooler stays as it was.
//!
//! The same settings on the same text give the same weights, whether it was stopped in between or not. In reading order:

/// What determines the result.
mod settings;
/// Texts as the encoder reads them.
mod texts;
/// Which word pieces are hidden, and by what.
mod masking;
/// The steps.
mod training;
/// The result, as a Hugging Face folder.
mod folder;
#[cfg(test)]
mod tests;

pub use folder::{empty_or_stopped, save};
pub use settings::{Settings, Start, Text};
pub use training::{HeldOut, Pretraining};

use crate::artifacts::ArtifactError;
use crate::files::FileError;
use crate::model::ModelError;
use std::path::PathBuf;
use tunemask_engine::EngineError;

/// Why nothing can be pre-trained.
#[derive(Debug, thiserror::Error)]
pub enum PretrainingError {
    /// The model to start from.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The step.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The checkpoint.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    /// A file that cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// A file that cannot be written.
    #[error("{path}: {cause}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// A text of no use.
    #[error("{0}")]
    Text(String),
    /// A setting out of its range.
    #[error("{field}: {why}")]
    Setting {
        /// Its name on the command line.
        field: &'static str,
        /// What is wrong and what to do.
        why: String,
    },
    /// Loss or gradient is not finite.
    #[error("diverged at step {0}: the loss is not finite; try a lower learning rate")]
    Diverged(u32),
}
