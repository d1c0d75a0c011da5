//! Files of named tensors. Tensors are read one at a time, straight into their place; what a file says of its sizes is
//! held against its length before anything is allocated. In reading order:

/// What a tensor's scalars are, and how they become f32.
mod scalar;
/// `model.safetensors`.
mod safetensors;
/// `pytorch_model.bin`.
mod torch;
/// Several files and their index.
mod sharded;

pub(super) use scalar::Scalar;
pub(super) use sharded::INDEX;

use super::ModelError;
use std::path::Path;

/// What a file says of a tensor.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Found {
    /// Its dimensions.
    pub dims: Vec<usize>,
    /// What its scalars are.
    pub scalar: Scalar,
}

/// Names, shapes and scalars of a file's tensors.
pub(super) trait Archive {
    /// Names of all tensors.
    fn names(&self) -> Vec<String>;
    /// What is said of a tensor; `None` if there is none of this name.
    fn find(&self, name: &str) -> Option<Found>;
    /// Reads a tensor, converted to f32, row-major, into `out`, which has room for exactly its scalars.
    ///
    /// # Errors
    /// A file that ends early, or a tensor that holds no floating-point numbers.
    fn read(&mut self, name: &str, out: &mut [f32]) -> Result<(), ModelError>;
    /// The file that holds a tensor.
    fn path(&self, name: &str) -> &Path;
    /// Bytes on the disk.
    fn size(&self) -> u64;
}

/// Opens a file of any of the formats by its ending.
///
/// # Errors
/// A file that cannot be read or understood, or that ends early.
pub(super) fn open(path: &Path) -> Result<Box<dyn Archive>, ModelError> {
    let ends = |ending| path.extension().is_some_and(|e| e == ending);
    if ends("json") {
        Ok(Box::new(sharded::Sharded::open(path)?))
    } else if ends("safetensors") {
        Ok(Box::new(safetensors::SafeTensorsFile::open(path)?))
    } else {
        Ok(Box::new(torch::TorchFile::open(path)?))
    }
}
