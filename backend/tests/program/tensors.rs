//! Files of tensors, read by a library that is not the program's own.

use safetensors::SafeTensors;
use std::collections::BTreeMap;
use std::path::Path;

/// A tensor of 32-bit floats.
pub struct Tensor {
    pub dims: Vec<usize>,
    pub values: Vec<f32>,
}

/// All tensors of a file, by their names.
pub fn tensors(path: &Path) -> BTreeMap<String, Tensor> {
    let bytes = std::fs::read(path).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let floats = |data: &[u8]| data.chunks(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect();
    let tensors = file.tensors().into_iter();
    tensors
        .map(|(name, tensor)| (name, Tensor { dims: tensor.shape().to_vec(), values: floats(tensor.data()) }))
        .collect()
}
