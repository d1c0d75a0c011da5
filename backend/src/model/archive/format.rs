//! What every format of named tensors can be asked.

use super::super::ModelError;
use super::Scalar;
use std::path::Path;

/// What a file says of a tensor.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::model) struct Found {
    /// Its dimensions.
    pub dims: Vec<usize>,
    /// What its scalars are.
    pub scalar: Scalar,
}

/// Names, shapes and scalars of a file's tensors.
pub(in crate::model) trait Archive {
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
