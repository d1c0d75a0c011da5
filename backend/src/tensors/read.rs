use super::TensorsError;
use safetensors::Dtype;
use safetensors::tensor::Metadata;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Bytes of the header's length.
const PREFIX: u64 = 8;

/// A file of tensors of which the header was read.
#[derive(Debug)]
pub(crate) struct TensorReader {
    path: PathBuf,
    file: File,
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
        let io = |source| TensorsError::Io { path: path.to_owned(), source };
        let damaged = |why: String| TensorsError::Damaged { path: path.to_owned(), why };
        let mut file = File::open(path).map_err(io)?;
        let size = file.metadata().map_err(io)?.len();
        if size < PREFIX {
            return Err(damaged(format!("{size} bytes are no safetensors file")));
        }
        let mut length = [0; PREFIX as usize];
        file.read_exact(&mut length).map_err(io)?;
        let length = u64::from_le_bytes(length);
        if length > size - PREFIX {
            return Err(damaged("it is no safetensors file, or was cut off".into()));
        }
        let mut text = vec![0; length as usize];
        file.read_exact(&mut text).map_err(io)?;
        let header: Metadata =
            serde_json::from_slice(&text).map_err(|e| damaged(format!("no safetensors header: {e}")))?;
        let start = PREFIX + length;
        let needed = start + header.data_len() as u64;
        if size != needed {
            return Err(damaged(format!("it has {size} bytes where its header asks for {needed}")));
        }
        Ok(Self { path: path.to_owned(), file, header, start })
    }

    /// An error about this file.
    pub(crate) fn damaged(&self, why: impl Into<String>) -> TensorsError {
        TensorsError::Damaged { path: self.path.clone(), why: why.into() }
    }

    /// What the file says of itself under a key.
    pub(crate) fn said(&self, key: &str) -> Option<&str> {
        self.header.metadata().as_ref()?.get(key).map(String::as_str)
    }

    /// All that the file says of itself.
    pub(crate) fn all_said(&self) -> impl Iterator<Item = (String, String)> {
        let said = self.header.metadata().iter().flatten();
        said.map(|(key, value)| (key.clone(), value.clone()))
    }

    /// A number that the file must say.
    ///
    /// # Errors
    /// It does not, or says something else.
    pub(crate) fn number(&self, key: &str) -> Result<u32, TensorsError> {
        let text = self.said(key).ok_or_else(|| self.damaged(format!("it does not say {key}")))?;
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

    fn bytes(&mut self, name: &str, dtype: Dtype) -> Result<Vec<u8>, TensorsError> {
        let info = self.header.info(name).ok_or_else(|| self.damaged(format!("it has no {name}")))?;
        if info.dtype != dtype {
            return Err(self.damaged(format!("{name} is {:?} where {dtype:?} is needed", info.dtype)));
        }
        let (from, to) = info.data_offsets;
        let mut bytes = vec![0; to - from];
        self.file
            .seek(SeekFrom::Start(self.start + from as u64))
            .and_then(|_| self.file.read_exact(&mut bytes))
            .map_err(|source| TensorsError::Io { path: self.path.clone(), source })?;
        Ok(bytes)
    }
}
