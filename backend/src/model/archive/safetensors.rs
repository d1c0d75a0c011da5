//! `model.safetensors`: a header of names and offsets, then the scalars.
//!
//! The header is read alone and the tensors by their offsets, so that a large file never stands in memory
//! beside the weights made from it.

use super::super::ModelError;
use super::Archive;
use candle_core::{DType, Device, Tensor};
use safetensors::Dtype;
use safetensors::tensor::Metadata;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// The format's own bound on its header.
const LONGEST_HEADER: u64 = 100_000_000;
/// Bytes of the header's length.
const PREFIX: u64 = 8;

pub(super) struct SafeTensorsFile {
    path: PathBuf,
    file: File,
    header: Metadata,
    /// Where the scalars begin.
    start: u64,
}

impl SafeTensorsFile {
    pub(super) fn open(path: &Path) -> Result<Self, ModelError> {
        let read = |source| ModelError::Read { path: path.to_owned(), source };
        let wrong = |why: String| ModelError::Archive { path: path.to_owned(), why };
        let mut file = File::open(path).map_err(read)?;
        let size = file.metadata().map_err(read)?.len();
        if size < PREFIX {
            return Err(wrong(format!("truncated: {size} bytes are no safetensors file; copy it again")));
        }
        let mut length = [0; PREFIX as usize];
        file.read_exact(&mut length).map_err(read)?;
        let length = u64::from_le_bytes(length);
        if length > LONGEST_HEADER {
            return Err(wrong("not a safetensors file: its header's length is absurd".into()));
        }
        if PREFIX + length > size {
            let needed = PREFIX + length;
            return Err(wrong(format!(
                "truncated: its header alone needs {needed} bytes and it has {size}; copy it again"
            )));
        }
        let mut text = vec![0; length as usize];
        file.read_exact(&mut text).map_err(read)?;
        let header: Metadata =
            serde_json::from_slice(&text).map_err(|e| wrong(format!("not a safetensors header: {e}")))?;
        let start = PREFIX + length;
        let needed = start + header.data_len() as u64;
        if size < needed {
            return Err(wrong(format!("truncated: {size} of {needed} bytes are there; copy it again")));
        }
        if size > needed {
            return Err(wrong(format!("{} bytes stand after its last tensor; copy it again", size - needed)));
        }
        Ok(Self { path: path.to_owned(), file, header, start })
    }
}

impl Archive for SafeTensorsFile {
    fn dims(&self, name: &str) -> Option<Vec<usize>> {
        self.header.info(name).map(|info| info.shape.clone())
    }

    fn read(&mut self, name: &str, out: &mut [f32]) -> Result<(), ModelError> {
        let Self { path, file, header, start } = self;
        let missing = || ModelError::Archive { path: path.clone(), why: format!("no tensor {name}") };
        let info = header.info(name).ok_or_else(missing)?;
        let dtype = match info.dtype {
            Dtype::F32 => DType::F32,
            Dtype::F16 => DType::F16,
            Dtype::BF16 => DType::BF16,
            other => {
                let got = format!("{other:?}");
                return Err(ModelError::Type { path: path.clone(), name: name.to_owned(), got });
            }
        };
        let mut bytes = vec![0; info.data_offsets.1 - info.data_offsets.0];
        file.seek(SeekFrom::Start(*start + info.data_offsets.0 as u64))
            .and_then(|_| file.read_exact(&mut bytes))
            .map_err(|source| ModelError::Read { path: path.clone(), source })?;
        if dtype == DType::F32 {
            for (scalar, bytes) in out.iter_mut().zip(bytes.chunks_exact(4)) {
                *scalar = f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
            }
            return Ok(());
        }
        let convert = || -> candle_core::Result<Vec<f32>> {
            let tensor = Tensor::from_raw_buffer(&bytes, dtype, &[out.len()], &Device::Cpu)?;
            tensor.to_dtype(DType::F32)?.to_vec1()
        };
        let scalars = convert().map_err(|e| ModelError::Archive {
            path: path.clone(),
            why: format!("the tensor {name}: {e}"),
        })?;
        out.copy_from_slice(&scalars);
        Ok(())
    }
}
