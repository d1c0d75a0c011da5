//! A file of named tensors. Tensors are read one at a time, straight into their place.
//!
//! In reading order:

/// `pytorch_model.bin`.
mod pickle;
/// `model.safetensors`.
mod safetensors;

use super::ModelError;
use std::path::Path;

/// Names, shapes and scalars of a file's tensors.
pub(super) trait Archive {
    /// Dimensions of a tensor; `None` if the file has none of this name.
    fn dims(&self, name: &str) -> Option<Vec<usize>>;
    /// Reads a tensor, converted to f32, row-major, into `out`, which has room for exactly its scalars.
    ///
    /// # Errors
    /// A file that ends early, or a tensor that holds no floating-point numbers.
    fn read(&mut self, name: &str, out: &mut [f32]) -> Result<(), ModelError>;
}

/// Opens a file of either format by its ending.
///
/// # Errors
/// A file that cannot be read or understood, or that ends early.
pub(super) fn open(path: &Path) -> Result<Box<dyn Archive>, ModelError> {
    if path.extension().is_some_and(|e| e == "safetensors") {
        Ok(Box::new(safetensors::SafeTensorsFile::open(path)?))
    } else {
        Ok(Box::new(pickle::PickleFile::open(path)?))
    }
}
