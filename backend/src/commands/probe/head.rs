//! The head, and what LoRA adds: from a file, or drawn.

use crate::tensors::TensorReader;
use anyhow::{Result, bail};
use safetensors::Dtype;
use std::path::Path;
use tunemask_shared::head::{HeadLayout, HeadTensor};
use tunemask_shared::trainable::{AddedTensor, Trainable};

/// Reads the tensors of a head, in its order.
///
/// # Errors
/// A file that cannot be read, lacks one of them, or has them in another shape or type.
pub fn read(path: &Path, layout: HeadLayout) -> Result<Vec<f32>> {
    let mut file = TensorReader::open(path)?;
    let mut head = Vec::new();
    for HeadTensor { name, dims, .. } in layout.tensors() {
        head.extend(floats(&mut file, path, &name, &dims)?);
    }
    Ok(head)
}

/// Reads the tensors that are added to a model, in their order; `None` if the file has none of them.
///
/// # Errors
/// As [`read`].
pub fn added(path: &Path, trains: &Trainable) -> Result<Option<Vec<f32>>> {
    let mut file = TensorReader::open(path)?;
    let tensors = trains.tensors();
    if tensors.iter().all(|tensor| file.dims(&tensor.name).is_none()) {
        return Ok(None);
    }
    let mut values = Vec::new();
    for AddedTensor { name, dims, .. } in tensors {
        values.extend(floats(&mut file, path, &name, &dims)?);
    }
    Ok(Some(values))
}

fn floats(file: &mut TensorReader, path: &Path, name: &str, dims: &[usize]) -> Result<Vec<f32>> {
    if let Some((got, dtype)) = file.info(name).filter(|&(got, dtype)| got != dims || dtype != Dtype::F32) {
        bail!("{}: {name} is {dtype:?} {got:?} where F32 {dims:?} is needed", path.display());
    }
    Ok(file.floats(name)?)
}
