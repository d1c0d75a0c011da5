//! The training step of a BERT encoder under module masks: slices in, slices out.
//!
//! In reading order:

mod batch;
mod config;
mod error;
mod gang;

pub use batch::Sequence;
pub use config::{Adam, EncoderConfig, Objective};
pub use error::EngineError;
pub use gang::{Gang, MemberSpec, MemberStep, StepReport};
