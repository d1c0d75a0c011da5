//! `model.safetensors.index.json`, `pytorch_model.bin.index.json`: which of several files holds which tensor.

use super::super::ModelError;
use super::{Archive, Found};
use crate::files;
use serde::Deserialize;
use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

/// How the name of an index ends.
pub(in crate::model) const INDEX: &str = "index.json";

/// Most files of a model: each is open while it is read.
const MAX_FILES: usize = 256;

#[derive(Deserialize)]
struct Index {
    weight_map: HashMap<String, String>,
}

pub(super) struct Sharded {
    path: PathBuf,
    files: Vec<Box<dyn Archive>>,
    /// The place in `files` of a tensor's.
    places: HashMap<String, usize>,
}

impl Sharded {
    /// # Errors
    /// An index that cannot be understood or names files that are not beside it; a file that is missing or damaged.
    pub(super) fn open(path: &Path) -> Result<Self, ModelError> {
        let wrong = |why: String| ModelError::Archive { path: path.to_owned(), why };
        let text = files::text(path, files::SETTINGS)?;
        let index: Index =
            serde_json::from_str(&text).map_err(|cause| ModelError::Json { path: path.to_owned(), cause })?;
        let mut names: Vec<&String> = index.weight_map.values().collect();
        names.sort();
        names.dedup();
        if names.len() > MAX_FILES {
            return Err(wrong(format!("names {} files; at most {MAX_FILES} are read", names.len())));
        }
        let folder = path.parent().unwrap_or(Path::new("."));
        let mut files = Vec::new();
        for name in &names {
            // A name alone: whoever wrote the index does not choose what else is read on this machine.
            let is_a_name =
                matches!(Path::new(name).components().collect::<Vec<_>>()[..], [Component::Normal(_)]);
            if !is_a_name || name.ends_with(INDEX) {
                let name: String = name.chars().take(80).collect();
                return Err(wrong(format!("names the file {name:?}; expected the name of one beside it")));
            }
            let shard = folder.join(name);
            if !shard.exists() {
                let count = names.len();
                return Err(wrong(format!("its file {name} is missing; copy all {count} into the folder")));
            }
            files.push(super::single::open(&shard)?);
        }
        let place = |file: &String| names.binary_search(&file).unwrap_or_default();
        let places = index.weight_map.iter().map(|(name, file)| (name.clone(), place(file))).collect();
        Ok(Self { path: path.to_owned(), files, places })
    }

    fn file(&self, name: &str) -> Option<&dyn Archive> {
        self.places.get(name).map(|&place| &*self.files[place])
    }
}

impl Archive for Sharded {
    fn names(&self) -> Vec<String> {
        self.places.keys().cloned().collect()
    }

    fn find(&self, name: &str) -> Option<Found> {
        self.file(name)?.find(name)
    }

    fn read(&mut self, name: &str, out: &mut [f32]) -> Result<(), ModelError> {
        match self.places.get(name) {
            Some(&place) => self.files[place].read(name, out),
            None => Err(ModelError::Archive { path: self.path.clone(), why: format!("it has no {name}") }),
        }
    }

    fn path(&self, name: &str) -> &Path {
        self.file(name).map_or(&self.path, |file| file.path(name))
    }

    fn size(&self) -> u64 {
        self.files.iter().map(|file| file.size()).sum()
    }
}
