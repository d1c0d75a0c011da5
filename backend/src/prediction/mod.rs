//! A sentence of one's own through the runs of an experiment: what each mask says of it.
//!
//! The finished runs of one task are loaded onto their model, as they were scored in training: those that train vectors as
//! one gang, so that what lies below the first scalar in which they differ is computed once; those that train whole matrices,
//! one after the other. A logit has the bits that the run's own evaluation gave, where the arithmetic is the same.
//!
//! Nothing here touches the queue or the log. Model and gang are kept from question to question. In
//! reading order:

/// Why nothing can be said.
mod error;
/// Which runs are asked.
mod choose;
/// What is read of a text.
mod read;
/// Runs on their model.
mod loaded;
/// Runs that are scored.
mod score;
/// From logits to what is said.
mod outcome;
/// What a reader must know.
mod notes;
/// What is kept from question to question.
mod kept;
/// What runs say, by mask.
mod answers;
/// Development examples to begin with.
mod examples;
/// All of it.
mod predictor;

pub use error::PredictionError;
pub use predictor::{ExperimentRef, Predictor};
pub use read::Text;
