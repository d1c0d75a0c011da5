//! A file of one of the formats.

use super::Archive;
use super::safetensors::SafeTensorsFile;
use super::torch::TorchFile;
use crate::model::ModelError;
use std::path::Path;

/// Opens a file by its ending.
///
/// # Errors
/// A file that cannot be read or understood, or that ends early.
pub(super) fn open(path: &Path) -> Result<Box<dyn Archive>, ModelError> {
    if path.extension().is_some_and(|e| e == "safetensors") {
        Ok(Box::new(SafeTensorsFile::open(path)?))
    } else {
        Ok(Box::new(TorchFile::open(path)?))
    }
}
