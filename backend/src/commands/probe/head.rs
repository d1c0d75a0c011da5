use crate::tensors::TensorReader;
use anyhow::{Result, bail};
use std::path::Path;

/// Reads `classifier.weight` `[outputs, hidden]` and `classifier.bias` `[outputs]`, in this order.
///
/// # Errors
/// A file that cannot be read, lacks one of them, or has them in another shape or type.
pub fn read(path: &Path, outputs: usize, hidden: usize) -> Result<Vec<f32>> {
    let mut file = TensorReader::open(path)?;
    let mut head = Vec::new();
    for (name, dims) in [("classifier.weight", vec![outputs, hidden]), ("classifier.bias", vec![outputs])] {
        if let Some(got) = file.dims(name).filter(|got| *got != dims) {
            bail!("{}: {name} is {got:?} where {dims:?} is needed", path.display());
        }
        head.extend(file.floats(name)?);
    }
    Ok(head)
}
