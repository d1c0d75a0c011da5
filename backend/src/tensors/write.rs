//! A file on its way to the disk.

use super::{TensorsError, seal};
use safetensors::{Dtype, SafeTensorError, View};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

/// Bytes of the header's length.
const PREFIX: usize = 8;

/// Tensors on their way to a file.
#[derive(Debug, Default)]
pub(crate) struct TensorWriter<'a> {
    tensors: Vec<(String, Tensor<'a>)>,
    metadata: BTreeMap<String, String>,
}

#[derive(Debug)]
struct Tensor<'a> {
    dims: Vec<usize>,
    values: Values<'a>,
}

#[derive(Debug)]
enum Values<'a> {
    Floats(Cow<'a, [f32]>),
    Counts(Vec<u32>),
    Bytes(Vec<u8>),
}

impl<'a> TensorWriter<'a> {
    /// Adds 32-bit floats `dims`.
    pub(crate) fn floats(
        &mut self,
        name: impl Into<String>,
        dims: Vec<usize>,
        values: impl Into<Cow<'a, [f32]>>,
    ) {
        self.tensors.push((name.into(), Tensor { dims, values: Values::Floats(values.into()) }));
    }

    /// Adds 32-bit whole numbers `[n]`.
    pub(crate) fn counts(&mut self, name: impl Into<String>, values: Vec<u32>) {
        self.tensors.push((name.into(), Tensor { dims: vec![values.len()], values: Values::Counts(values) }));
    }

    /// Adds 8-bit whole numbers `dims`.
    pub(crate) fn bytes(&mut self, name: impl Into<String>, dims: Vec<usize>, values: Vec<u8>) {
        self.tensors.push((name.into(), Tensor { dims, values: Values::Bytes(values) }));
    }

    /// Adds a word to what the file says of itself.
    pub(crate) fn set_metadata(&mut self, key: impl Into<String>, value: impl ToString) {
        self.metadata.insert(key.into(), value.to_string());
    }

    /// Adds checksums of all that was added so far, see [`seal`]; nothing may be added behind it.
    pub(crate) fn seal(&mut self) {
        for (name, tensor) in &self.tensors {
            let digest = seal::tensor(tensor.dtype(), &tensor.dims, &tensor.data());
            self.metadata.insert(seal::key(name), digest);
        }
        let whole = seal::whole(self.metadata.iter());
        self.metadata.insert(seal::WHOLE.into(), whole);
    }

    /// Puts the file in the place of another, or leaves that as it is.
    ///
    /// # Errors
    /// Dimensions that are not those of the values; a file that cannot be written.
    pub(crate) fn write(self, path: &Path) -> Result<(), TensorsError> {
        let damaged = |why: String| TensorsError::Damaged { path: path.to_owned(), why };
        let wrong = self.tensors.iter().find(|(_, t)| t.dims.iter().product::<usize>() != t.len());
        if let Some((name, tensor)) = wrong {
            return Err(damaged(format!("{name} has {} values for {:?}", tensor.len(), tensor.dims)));
        }
        let bytes = serialize(self.tensors, &self.metadata).map_err(|e| damaged(e.to_string()))?;
        super::replace(path, &bytes).map_err(|cause| TensorsError::Io { path: path.to_owned(), cause })
    }
}

impl Tensor<'_> {
    fn len(&self) -> usize {
        match &self.values {
            Values::Floats(values) => values.len(),
            Values::Counts(values) => values.len(),
            Values::Bytes(values) => values.len(),
        }
    }
}

impl View for Tensor<'_> {
    fn dtype(&self) -> Dtype {
        match self.values {
            Values::Floats(_) => Dtype::F32,
            Values::Counts(_) => Dtype::U32,
            Values::Bytes(_) => Dtype::U8,
        }
    }
    fn shape(&self) -> &[usize] {
        &self.dims
    }
    fn data(&self) -> Cow<'_, [u8]> {
        match &self.values {
            // Without a copy of what may be gigabytes, where numbers lie in memory as they do in the file.
            Values::Floats(values) if cfg!(target_endian = "little") => {
                Cow::Borrowed(bytemuck::cast_slice(values))
            }
            Values::Floats(values) => values.iter().flat_map(|x| x.to_le_bytes()).collect(),
            Values::Counts(values) => values.iter().flat_map(|x| x.to_le_bytes()).collect(),
            Values::Bytes(values) => Cow::Borrowed(values),
        }
    }
    fn data_len(&self) -> usize {
        match self.values {
            Values::Floats(_) | Values::Counts(_) => 4 * self.len(),
            Values::Bytes(_) => self.len(),
        }
    }
}

/// The bytes of a safetensors file that says `metadata` of itself: the same ones every time, while the library writes what
/// a file says in the order of a hash map.
///
/// # Errors
/// Tensors that are not well formed.
pub(crate) fn serialize<N: AsRef<str> + Ord + fmt::Display>(
    tensors: impl IntoIterator<Item = (N, impl View)>,
    metadata: &BTreeMap<String, String>,
) -> Result<Vec<u8>, SafeTensorError> {
    let mut bytes = safetensors::serialize(tensors, None)?;
    if metadata.is_empty() {
        return Ok(bytes);
    }
    let start = PREFIX + bytes.first_chunk().map_or(0, |n| u64::from_le_bytes(*n) as usize);
    let mut header = format!("{{\"__metadata__\":{}", serde_json::to_string(metadata)?).into_bytes();
    let rest = &bytes[PREFIX..start];
    if !rest.starts_with(b"{}") {
        header.push(b',');
    }
    header.extend(&rest[1..]);
    // Values begin at a multiple of 8.
    header.truncate(header.trim_ascii_end().len());
    header.resize(header.len().next_multiple_of(PREFIX), b' ');
    let length = (header.len() as u64).to_le_bytes();
    bytes.splice(..start, length.into_iter().chain(header));
    Ok(bytes)
}
