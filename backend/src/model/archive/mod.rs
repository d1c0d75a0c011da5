//! Files of named tensors. Tensors are read one at a time, straight into their place; what a file says of its sizes is
//! held against its length before anything is allocated. In reading order:

/// What every format can be asked.
mod format;
/// What a tensor's scalars are, and how they become f32.
mod scalar;
/// `model.safetensors`.
mod safetensors;
/// `pytorch_model.bin`.
mod torch;
/// A file of either.
mod single;
/// Several files and their index.
mod sharded;

pub(super) use format::{Archive, Found};
pub(super) use scalar::Scalar;
pub(super) use sharded::INDEX;

use super::ModelError;
use std::path::Path;

/// Opens a file of any of the formats, or an index of several, by its ending.
///
/// # Errors
/// A file that cannot be read or understood, or that ends early.
pub(super) fn open(path: &Path) -> Result<Box<dyn Archive>, ModelError> {
    if path.extension().is_some_and(|e| e == "json") {
        Ok(Box::new(sharded::Sharded::open(path)?))
    } else {
        single::open(path)
    }
}
