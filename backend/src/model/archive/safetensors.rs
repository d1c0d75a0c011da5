//! `model.safetensors`: a header of names and offsets, then the scalars.

use super::super::ModelError;
use super::{Archive, Found, Scalar};
use crate::files::FileError;
use crate::tensors::TensorReader;
use safetensors::Dtype;
use std::path::Path;

pub(super) struct SafeTensorsFile(TensorReader);

impl SafeTensorsFile {
    pub(super) fn open(path: &Path) -> Result<Self, ModelError> {
        Ok(Self(TensorReader::open(path)?))
    }
}

fn scalar(dtype: Dtype) -> Scalar {
    match dtype {
        Dtype::F64 => Scalar::F64,
        Dtype::F32 => Scalar::F32,
        Dtype::F16 => Scalar::F16,
        Dtype::BF16 => Scalar::Bf16,
        other => Scalar::Other(format!("{other:?}").into()),
    }
}

impl Archive for SafeTensorsFile {
    fn names(&self) -> Vec<String> {
        self.0.names()
    }

    fn find(&self, name: &str) -> Option<Found> {
        let (dims, dtype) = self.0.info(name)?;
        Some(Found { dims: dims.to_vec(), scalar: scalar(dtype) })
    }

    fn read(&mut self, name: &str, out: &mut [f32]) -> Result<(), ModelError> {
        let Some((_, dtype)) = self.0.info(name) else {
            return Err(self.0.damaged(format!("it has no {name}")).into());
        };
        let read = self.0.at(name).and_then(|file| scalar(dtype).read(file, out));
        Ok(read.map_err(|cause| FileError::new(self.0.path(), cause))?)
    }

    fn path(&self, _: &str) -> &Path {
        self.0.path()
    }

    fn size(&self) -> u64 {
        self.0.size()
    }
}
