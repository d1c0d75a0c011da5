//! `pytorch_model.bin`: a zip archive of a pickled dictionary and its storages.

use super::super::ModelError;
use super::Archive;
use candle_core::DType;
use candle_core::pickle::PthTensors;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

pub(super) struct PickleFile {
    path: PathBuf,
    tensors: PthTensors,
}

impl PickleFile {
    pub(super) fn open(path: &Path) -> Result<Self, ModelError> {
        let wrong = |why: String| ModelError::Archive { path: path.to_owned(), why };
        let read = |source| ModelError::Read { path: path.to_owned(), source };
        let mut start = Vec::new();
        File::open(path).and_then(|f| f.take(4).read_to_end(&mut start)).map_err(read)?;
        if start != b"PK\x03\x04" {
            return Err(wrong(
                "not a zip archive: truncated, or saved before PyTorch 1.6; load and save it again in PyTorch"
                    .into(),
            ));
        }
        // A zip's directory stands at its end: a truncated file fails here.
        let tensors = PthTensors::new(path, None)
            .map_err(|e| wrong(format!("truncated, or no PyTorch checkpoint: {}", first_line(&e))))?;
        if tensors.tensor_infos().is_empty() {
            return Err(wrong("no dictionary of tensors in it; save the model's state_dict".into()));
        }
        Ok(Self { path: path.to_owned(), tensors })
    }
}

impl Archive for PickleFile {
    fn dims(&self, name: &str) -> Option<Vec<usize>> {
        self.tensors.tensor_infos().get(name).map(|info| info.layout.dims().to_vec())
    }

    fn read(&mut self, name: &str, out: &mut [f32]) -> Result<(), ModelError> {
        let wrong = |why: String| ModelError::Archive {
            path: self.path.clone(),
            why: format!("the tensor {name}: {why}"),
        };
        let tensor = self
            .tensors
            .get(name)
            .map_err(|e| wrong(first_line(&e)))?
            .ok_or_else(|| wrong("is missing".into()))?;
        if !matches!(tensor.dtype(), DType::F32 | DType::F16 | DType::BF16 | DType::F64) {
            let got = format!("{:?}", tensor.dtype());
            return Err(ModelError::Type { path: self.path.clone(), name: name.to_owned(), got });
        }
        let scalars = tensor
            .to_dtype(DType::F32)
            .and_then(|t| t.flatten_all())
            .and_then(|t| t.to_vec1::<f32>())
            .map_err(|e| wrong(first_line(&e)))?;
        if scalars.len() != out.len() {
            return Err(wrong(format!("holds {} scalars where {} are expected", scalars.len(), out.len())));
        }
        out.copy_from_slice(&scalars);
        Ok(())
    }
}

/// candle's errors may carry a backtrace below their first line.
fn first_line(error: &candle_core::Error) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}
