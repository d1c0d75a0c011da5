//! The head: from a file, or drawn.

use crate::tensors::TensorReader;
use anyhow::{Result, bail};
use safetensors::Dtype;
use std::path::Path;
use tunemask_shared::head::{HeadLayout, HeadTensor};

/// Reads the tensors of a head, in its order.
///
/// # Errors
/// A file that cannot be read, lacks one of them, or has them in another shape or type.
pub fn read(path: &Path, layout: HeadLayout) -> Result<Vec<f32>> {
    let mut file = TensorReader::open(path)?;
    let mut head = Vec::new();
    for HeadTensor { name, dims, .. } in layout.tensors() {
        if let Some((got, dtype)) =
            file.info(&name).filter(|&(got, dtype)| got != dims || dtype != Dtype::F32)
        {
            bail!("{}: {name} is {dtype:?} {got:?} where F32 {dims:?} is needed", path.display());
        }
        head.extend(file.floats(&name)?);
    }
    Ok(head)
}
