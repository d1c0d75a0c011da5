use anyhow::{Context, Result, bail};
use safetensors::{Dtype, SafeTensors};
use std::fs;
use std::path::Path;

/// Reads `classifier.weight` `[outputs, hidden]` and `classifier.bias` `[outputs]`, in this order.
///
/// # Errors
/// A file that cannot be read, lacks one of them, or has them in another shape or type.
pub fn read(path: &Path, outputs: usize, hidden: usize) -> Result<Vec<f32>> {
    let at = || path.display().to_string();
    let bytes = fs::read(path).with_context(at)?;
    let file = SafeTensors::deserialize(&bytes).with_context(at)?;
    let mut head = Vec::with_capacity(outputs * (hidden + 1));
    for (name, dims) in [("classifier.weight", vec![outputs, hidden]), ("classifier.bias", vec![outputs])] {
        let tensor = file.tensor(name).with_context(at)?;
        if tensor.shape() != dims || tensor.dtype() != Dtype::F32 {
            let (got, dtype) = (tensor.shape(), tensor.dtype());
            bail!("{}: {name} is {dtype:?} {got:?} where F32 {dims:?} is needed", path.display());
        }
        let scalars = tensor.data().as_chunks::<4>().0.iter().map(|&b| f32::from_le_bytes(b));
        head.extend(scalars);
    }
    Ok(head)
}
