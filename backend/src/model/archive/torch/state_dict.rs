//! Values as tensors by their names.

use super::pickle::Pickle;
use super::problem::Problem;
use super::span::Span;
use super::value::{Value, ValueId};
use crate::model::archive::Scalar;
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, Seek, SeekFrom};

/// Most dimensions of a tensor.
const DEEPEST: usize = 8;

/// Where the storages of a file stand, by their keys.
pub(super) type Storages<'a> = HashMap<&'a str, Span>;

/// A tensor in a file.
#[derive(Debug)]
pub(super) struct Tensor {
    pub dims: Vec<usize>,
    pub scalar: Scalar,
    /// Scalars from one index to the next, for each dimension.
    strides: Vec<u64>,
    /// The bytes from its first scalar to its last.
    span: Span,
}

/// The tensors of a dictionary by their names; what else it holds is left out.
///
/// # Errors
/// It is no dictionary, or holds no tensor; a tensor that reaches beyond its storage.
pub(super) fn tensors(
    pickle: &Pickle<'_>,
    storages: &Storages<'_>,
) -> Result<BTreeMap<String, Tensor>, Problem> {
    let mut tensors = BTreeMap::new();
    for (name, value) in pickle.entries(pickle.top()) {
        if let Value::Tensor(arguments) = value {
            let tensor = tensor(pickle, storages, arguments);
            let wrong = || format!("the tensor {} does not fit into its storage; copy it again", short(name));
            tensors.insert(name.to_owned(), tensor.ok_or_else(wrong)?);
        }
    }
    if tensors.is_empty() {
        return Err("no dictionary of tensors in it; save the model's state_dict".into());
    }
    Ok(tensors)
}

/// A tensor of the arguments storage, offset, dimensions, strides; `None` if that is not what they are, or if its last
/// scalar is outside of its storage.
fn tensor(pickle: &Pickle<'_>, storages: &Storages<'_>, arguments: &[ValueId]) -> Option<Tensor> {
    let &[storage, offset, dims, strides, ..] = arguments else { return None };
    let Value::Storage(storage) = pickle.get(storage) else { return None };
    let numbers = |place: ValueId| -> Option<Vec<u64>> {
        match pickle.get(place) {
            Value::Items(items) if items.len() <= DEEPEST => items.iter().map(|&i| pickle.int(i)).collect(),
            _ => None,
        }
    };
    let (dims, strides) = (numbers(dims)?, numbers(strides)?);
    if dims.len() != strides.len() {
        return None;
    }
    let sizes = dims.iter().map(|&dim| usize::try_from(dim).ok()).collect::<Option<Vec<usize>>>()?;
    let count = sizes.iter().try_fold(1usize, |count, &dim| count.checked_mul(dim))?;
    let bytes = storage.kind.bytes as u64;
    let mut last = 0u64;
    for (dim, stride) in dims.iter().zip(&strides).filter(|_| count > 0) {
        last = last.checked_add((dim - 1).checked_mul(*stride)?)?;
    }
    let whole = storages.get(storage.key)?;
    let first = storage.start.checked_add(pickle.int(offset)?)?.checked_mul(bytes)?;
    let len = if count == 0 { 0 } else { last.checked_add(1)?.checked_mul(bytes)? };
    if first.checked_add(len)? > whole.len {
        return None;
    }
    let span = Span { start: whole.start + first, len };
    Some(Tensor { dims: sizes, scalar: storage.kind.scalar(), strides, span })
}

impl Tensor {
    /// Reads it, row-major, into `out`, which has room for exactly its scalars.
    pub(super) fn read(&self, file: &mut File, out: &mut [f32]) -> io::Result<()> {
        let Some(size) = self.scalar.bytes() else { return Ok(()) };
        file.seek(SeekFrom::Start(self.span.start))?;
        if self.is_in_order() {
            return self.scalar.read(file, out);
        }
        // A transposed view: all that it reaches, then each scalar from its place.
        let mut all = vec![0.0; self.span.len as usize / size];
        self.scalar.read(file, &mut all)?;
        let mut index = vec![0; self.dims.len()];
        for out in out {
            let place: u64 = index.iter().zip(&self.strides).map(|(&i, stride)| i as u64 * stride).sum();
            *out = all.get(place as usize).copied().unwrap_or_default();
            for (i, dim) in index.iter_mut().zip(&self.dims).rev() {
                *i += 1;
                if *i < *dim {
                    break;
                }
                *i = 0;
            }
        }
        Ok(())
    }

    fn is_in_order(&self) -> bool {
        let mut next = 1;
        self.dims.iter().zip(&self.strides).rev().all(|(&dim, &stride)| {
            let fits = dim == 1 || stride == next;
            next *= dim as u64;
            fits
        })
    }
}

/// A name as a person may read it.
fn short(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    /// As a file of six scalars.
    fn read(dims: &[usize], strides: &[u64]) -> Vec<f32> {
        let mut file = tempfile::tempfile().unwrap();
        (0..6).for_each(|i| file.write_all(&(i as f32).to_le_bytes()).unwrap());
        let span = Span { start: 0, len: 24 };
        let tensor = Tensor { dims: dims.to_vec(), scalar: Scalar::F32, strides: strides.to_vec(), span };
        let mut out = vec![9.0; dims.iter().product()];
        tensor.read(&mut file, &mut out).unwrap();
        out
    }

    #[test]
    fn views_are_read_in_their_own_order() {
        assert_eq!(read(&[2, 3], &[3, 1]), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(read(&[3, 2], &[1, 3]), [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]);
        assert_eq!(read(&[1, 3], &[77, 2]), [0.0, 2.0, 4.0]);
        assert_eq!(read(&[2, 3], &[0, 1]), [0.0, 1.0, 2.0, 0.0, 1.0, 2.0]);
    }
}
