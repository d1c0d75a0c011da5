use super::TensorsError;
use safetensors::{Dtype, View};
use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// Tensors on their way to a file.
#[derive(Debug, Default)]
pub(crate) struct TensorWriter<'a> {
    tensors: Vec<(String, Tensor<'a>)>,
    said: HashMap<String, String>,
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

    /// Adds a word to what the file says of itself.
    pub(crate) fn say(&mut self, key: impl Into<String>, value: impl ToString) {
        self.said.insert(key.into(), value.to_string());
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
        let said = (!self.said.is_empty()).then_some(self.said);
        let bytes = safetensors::serialize(self.tensors, said).map_err(|e| damaged(e.to_string()))?;
        replace(path, &bytes).map_err(|cause| TensorsError::Io { path: path.to_owned(), cause })
    }
}

impl Tensor<'_> {
    fn len(&self) -> usize {
        match &self.values {
            Values::Floats(values) => values.len(),
            Values::Counts(values) => values.len(),
        }
    }
}

impl View for Tensor<'_> {
    fn dtype(&self) -> Dtype {
        match self.values {
            Values::Floats(_) => Dtype::F32,
            Values::Counts(_) => Dtype::U32,
        }
    }
    fn shape(&self) -> &[usize] {
        &self.dims
    }
    fn data(&self) -> Cow<'_, [u8]> {
        match &self.values {
            Values::Floats(values) => values.iter().flat_map(|x| x.to_le_bytes()).collect(),
            Values::Counts(values) => values.iter().flat_map(|x| x.to_le_bytes()).collect(),
        }
    }
    fn data_len(&self) -> usize {
        4 * self.len()
    }
}

/// Puts a whole file in the place of another, or leaves that as it is; makes its folder if need be.
///
/// # Errors
/// The system refused; the other file is still there.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let name = path.file_name().unwrap_or_default();
    let new = path.with_file_name(format!(".{}.new", name.to_string_lossy()));
    let written = File::create(&new).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    if let Err(error) = written.and_then(|()| fs::rename(&new, path)) {
        // Half a file takes the room that the next try needs.
        _ = fs::remove_file(&new);
        return Err(error);
    }
    // So that the new name outlives a power cut, too; a system that cannot sync a folder does without.
    _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}
