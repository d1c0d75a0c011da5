//! A file that is there.

use super::{TensorsError, seal};
use crate::files::{self, FileError};
use safetensors::Dtype;
use safetensors::tensor::Metadata;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Bytes of the header's length.
const PREFIX: usize = 8;

/// Most bytes of a header, of which each tensor usually takes about a hundred.
const LONGEST_HEADER: u64 = 16 << 20;

/// Bytes that tell what a file is.
const START: u64 = 512;

/// A file of tensors of which the header was read.
#[derive(Debug)]
pub(crate) struct TensorReader {
    path: PathBuf,
    file: File,
    size: u64,
    header: Metadata,
    /// Where the values begin.
    start: u64,
}

impl TensorReader {
    /// Opens a file.
    ///
    /// # Errors
    /// It cannot be read, is no safetensors file, or is not whole.
    pub(crate) fn open(path: &Path) -> Result<Self, TensorsError> {
        let io = |cause| FileError::new(path, cause);
        let damaged = |why: String| TensorsError::Damaged { path: path.to_owned(), why };
        let (mut file, size) = files::open(path)?;
        let mut start = Vec::new();
        (&mut file).take(START).read_to_end(&mut start).map_err(io)?;
        if let Some(what) = files::stand_in(&start) {
            return Err(FileError::StandIn { path: path.to_owned(), what }.into());
        }
        let Some((length, rest)) = start.split_first_chunk::<PREFIX>() else {
            return Err(damaged(format!(
                "truncated: {size} bytes are not a safetensors file; copy it again"
            )));
        };
        let length = u64::from_le_bytes(*length);
        if length > LONGEST_HEADER || !rest.starts_with(&b"{"[..rest.len().min(1)]) {
            return Err(damaged("not a safetensors file".into()));
        }
        let start = PREFIX as u64 + length;
        if start > size {
            let why =
                format!("truncated: its header alone needs {start} bytes and it has {size}; copy it again");
            return Err(damaged(why));
        }
        let mut text = vec![0; length as usize];
        file.seek(SeekFrom::Start(PREFIX as u64)).and_then(|_| file.read_exact(&mut text)).map_err(io)?;
        let header: Metadata = serde_json::from_slice(&text)
            .map_err(|e| damaged(format!("its header cannot be understood ({e}); copy it again")))?;
        let needed = start.saturating_add(header.data_len() as u64);
        if size < needed {
            return Err(damaged(format!("truncated: {size} of {needed} bytes are there; copy it again")));
        }
        if size > needed {
            let more = size - needed;
            return Err(damaged(format!("{more} bytes follow its last tensor; copy it again")));
        }
        let reader = Self { path: path.to_owned(), file, size, header, start };
        reader.verify()?;
        Ok(reader)
    }

    /// Holds what a sealed file says of itself to its checksum, and its tensors' names to those that have one.
    fn verify(&self) -> Result<(), TensorsError> {
        let metadata = || self.header.metadata().iter().flatten();
        let mut named: Vec<&str> = metadata().filter_map(|(key, _)| seal::tensor_of(key)).collect();
        if !self.is_sealed() && named.is_empty() {
            return Ok(());
        }
        named.sort_unstable();
        let mut names = self.header.offset_keys();
        names.sort_unstable();
        if self.metadata(seal::WHOLE) == Some(seal::whole(metadata()).as_str()) && names == named {
            Ok(())
        } else {
            Err(self.damaged("its metadata is not what was written"))
        }
    }

    /// Whether it has checksums. Those of what it says were verified, a tensor's are when it is read.
    pub(crate) fn is_sealed(&self) -> bool {
        self.metadata(seal::WHOLE).is_some()
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Its bytes on the disk.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// An error about this file.
    pub(crate) fn damaged(&self, why: impl Into<String>) -> TensorsError {
        TensorsError::Damaged { path: self.path.clone(), why: why.into() }
    }

    /// What the file says of itself under a key.
    pub(crate) fn metadata(&self, key: &str) -> Option<&str> {
        self.header.metadata().as_ref()?.get(key).map(String::as_str)
    }

    /// All that the file says of itself.
    pub(crate) fn all_metadata(&self) -> impl Iterator<Item = (String, String)> {
        let metadata = self.header.metadata().iter().flatten();
        metadata.map(|(key, value)| (key.clone(), value.clone()))
    }

    /// A number that the file must say.
    ///
    /// # Errors
    /// It does not, or says something else.
    pub(crate) fn number(&self, key: &str) -> Result<u32, TensorsError> {
        let text = self.metadata(key).ok_or_else(|| self.damaged(format!("it does not say {key}")))?;
        text.parse().map_err(|_| self.damaged(format!("its {key} is {text}")))
    }

    /// Names of all tensors, in the order in which they lie there.
    pub(crate) fn names(&self) -> Vec<String> {
        self.header.offset_keys()
    }

    /// A tensor's dimensions; `None` if it is not there.
    pub(crate) fn dims(&self, name: &str) -> Option<&[usize]> {
        self.header.info(name).map(|info| info.shape.as_slice())
    }

    /// A tensor's dimensions and type; `None` if it is not there.
    pub(crate) fn info(&self, name: &str) -> Option<(&[usize], Dtype)> {
        self.header.info(name).map(|info| (info.shape.as_slice(), info.dtype))
    }

    /// The file, at the first byte of a tensor.
    pub(crate) fn at(&mut self, name: &str) -> io::Result<&mut File> {
        let info = self.header.info(name).ok_or(io::ErrorKind::NotFound)?;
        self.file.seek(SeekFrom::Start(self.start + info.data_offsets.0 as u64))?;
        Ok(&mut self.file)
    }

    /// The values of a tensor of 32-bit floats.
    ///
    /// # Errors
    /// There is none of this name and type; the file cannot be read.
    pub(crate) fn floats(&mut self, name: &str) -> Result<Vec<f32>, TensorsError> {
        let bytes = self.bytes(name, Dtype::F32)?;
        Ok(bytes.as_chunks::<4>().0.iter().map(|&b| f32::from_le_bytes(b)).collect())
    }

    /// The values of a tensor of 32-bit whole numbers.
    ///
    /// # Errors
    /// There is none of this name and type; the file cannot be read.
    pub(crate) fn counts(&mut self, name: &str) -> Result<Vec<u32>, TensorsError> {
        let bytes = self.bytes(name, Dtype::U32)?;
        Ok(bytes.as_chunks::<4>().0.iter().map(|&b| u32::from_le_bytes(b)).collect())
    }

    /// The 8-bit whole numbers of a tensor.
    ///
    /// # Errors
    /// There is none of this name and type; the file cannot be read.
    pub(crate) fn small_counts(&mut self, name: &str) -> Result<Vec<u8>, TensorsError> {
        self.bytes(name, Dtype::U8)
    }

    fn bytes(&mut self, name: &str, dtype: Dtype) -> Result<Vec<u8>, TensorsError> {
        let info = self.header.info(name).ok_or_else(|| self.damaged(format!("it has no {name}")))?;
        if info.dtype != dtype {
            return Err(self.damaged(format!("{name} is {:?} where {dtype:?} is needed", info.dtype)));
        }
        // The header was held against the file's length.
        let mut bytes = vec![0; info.data_offsets.1 - info.data_offsets.0];
        let read = self.at(name).and_then(|file| file.read_exact(&mut bytes));
        read.map_err(|cause| FileError::new(&self.path, cause))?;
        let dims = self.header.info(name).map_or(&[][..], |info| &info.shape);
        if self.is_sealed()
            && self.metadata(&seal::key(name)) != Some(seal::tensor(dtype, dims, &bytes).as_str())
        {
            return Err(self.damaged(format!("{name} is not what was written")));
        }
        Ok(bytes)
    }
}
