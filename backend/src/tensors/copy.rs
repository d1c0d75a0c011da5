//! A file of tensors without some of them.

use super::{TensorReader, TensorWriter, TensorsError, seal};
use safetensors::Dtype;

impl TensorReader {
    /// All that the file holds but the tensors of these names, on its way to another file, which gets checksums of its own.
    /// What is left out is not read.
    ///
    /// # Errors
    /// The file cannot be read, or holds numbers of a type that no [`TensorWriter`] writes.
    pub(crate) fn without(&mut self, names: &[String]) -> Result<TensorWriter<'static>, TensorsError> {
        let mut file = TensorWriter::default();
        for name in self.names().into_iter().filter(|name| !names.contains(name)) {
            let Some((dims, dtype)) = self.info(&name) else { continue };
            let dims = dims.to_vec();
            match dtype {
                Dtype::F32 => {
                    let values = self.floats(&name)?;
                    file.floats(name, dims, values);
                }
                Dtype::U32 => {
                    let values = self.counts(&name)?;
                    file.counts(name, values);
                }
                Dtype::U8 => {
                    let values = self.small_counts(&name)?;
                    file.bytes(name, dims, values);
                }
                other => return Err(self.damaged(format!("{name} is {other:?}, which is not written here"))),
            }
        }
        let is_checksum = |key: &str| key == seal::WHOLE || seal::tensor_of(key).is_some();
        for (key, value) in self.all_metadata().filter(|(key, _)| !is_checksum(key)) {
            file.set_metadata(key, value);
        }
        Ok(file)
    }
}
