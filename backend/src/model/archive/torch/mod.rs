//! `pytorch_model.bin`: what `torch.save` made of a `state_dict`, in its zip archive or in the container before
//! PyTorch 1.6.
//!
//! A pickle is a program. This one is not run but read: `machine.rs` knows the instructions that a `state_dict` is
//! written with and refuses all others, without recursion and up to a size, so that no file can end the program or
//! make it do anything. In reading order:

/// Why a file is not read.
mod problem;
/// Where bytes stand in a file.
mod span;
/// A zip archive of stored files.
mod zip;
/// The container before PyTorch 1.6.
mod legacy;
/// A pickle, read into values.
mod pickle;
/// Its instructions.
mod machine;
/// Its values.
mod value;
/// The objects that a `state_dict` is made of.
mod object;
/// Values as tensors by their names.
mod state_dict;

use super::super::ModelError;
use super::{Archive, Found};
use crate::files::{self, FileError};
use problem::Problem;
use state_dict::Tensor;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Bytes that tell what a file is.
const START: u64 = 512;

/// A file of which the names and places of tensors were read.
pub(super) struct TorchFile {
    path: PathBuf,
    file: File,
    size: u64,
    tensors: BTreeMap<String, Tensor>,
}

impl TorchFile {
    pub(super) fn open(path: &Path) -> Result<Self, ModelError> {
        let (mut file, size) = files::open(path)?;
        let mut start = Vec::new();
        let read = (&mut file).take(START).read_to_end(&mut start);
        read.map_err(|cause| FileError::new(path, cause))?;
        if let Some(what) = files::stand_in(&start) {
            return Err(FileError::StandIn { path: path.to_owned(), what }.into());
        }
        let tensors = tensors(&mut file, size, &start).map_err(|problem| problem.in_file(path))?;
        Ok(Self { path: path.to_owned(), file, size, tensors })
    }
}

fn tensors(file: &mut File, size: u64, start: &[u8]) -> Result<BTreeMap<String, Tensor>, Problem> {
    if start.starts_with(b"PK\x03\x04") {
        zip::tensors(file, size)
    } else if legacy::is(start) {
        legacy::tensors(file, size)
    } else {
        Err(unknown(start).into())
    }
}

/// What a file is that `torch.save` did not write, or not today's.
fn unknown(start: &[u8]) -> &'static str {
    let tar = start.get(257..262) == Some(b"ustar");
    match start {
        _ if tar => {
            "a tar archive, as PyTorch wrote before 0.1.10; load and save it again with a later PyTorch"
        }
        [0x1f, 0x8b, ..] => "compressed with gzip; unpack it",
        [0x89, b'H', b'D', b'F', ..] => "an HDF5 file, as TensorFlow writes; save the model from PyTorch",
        [0x80, _, _, ..] => "a pickle, but not one of torch.save; save the model's state_dict with it",
        [_, _, _, _, _, _, _, _, b'{', ..] => "a safetensors file; name it model.safetensors",
        _ => "truncated, or not a PyTorch checkpoint; copy it again",
    }
}

impl Archive for TorchFile {
    fn names(&self) -> Vec<String> {
        self.tensors.keys().cloned().collect()
    }

    fn find(&self, name: &str) -> Option<Found> {
        let tensor = self.tensors.get(name)?;
        Some(Found { dims: tensor.dims.clone(), scalar: tensor.scalar.clone() })
    }

    fn read(&mut self, name: &str, out: &mut [f32]) -> Result<(), ModelError> {
        let Self { path, file, tensors, .. } = self;
        let Some(tensor) = tensors.get(name) else {
            return Err(ModelError::Archive { path: path.clone(), why: format!("it has no {name}") });
        };
        tensor.read(file, out).map_err(|cause| Problem::Io(cause).in_file(path))
    }

    fn path(&self, _: &str) -> &Path {
        &self.path
    }

    fn size(&self) -> u64 {
        self.size
    }
}
