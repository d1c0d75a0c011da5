//! A folder that is there whole or not at all.

use crate::files::Existing;
use crate::model::ModelError;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A folder beside the one that is to be, in which all is written first.
#[derive(Debug)]
pub(crate) struct NewFolder {
    new: PathBuf,
    out: PathBuf,
    finished: bool,
}

impl NewFolder {
    /// Makes it.
    ///
    /// # Errors
    /// There is something at `out` that must stay; the folder cannot be made.
    pub(crate) fn make(out: &Path, existing: Existing) -> Result<Self, ModelError> {
        let error = |cause| ModelError::Write { path: out.to_owned(), cause };
        let out = std::path::absolute(out).map_err(error)?;
        let holds_files = match fs::read_dir(&out) {
            Ok(mut files) => files.next().is_some(),
            Err(e) if e.kind() == io::ErrorKind::NotFound => false,
            Err(e) => return Err(error(e)),
        };
        if holds_files && existing == Existing::Keep {
            return Err(ModelError::Occupied(out));
        }
        let name = out.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let new = out.with_file_name(format!(".{name}.{}.new", std::process::id()));
        fs::create_dir_all(&new).map_err(error)?;
        Ok(Self { new, out, finished: false })
    }

    /// In which all is written first.
    pub(crate) fn path(&self) -> &Path {
        &self.new
    }

    /// Where a file of this name is written.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.new.join(name)
    }

    /// Puts all of it where it is to be. Of files that stay there none has one of the names `stale`: what another
    /// model left would be read as a part of this one.
    ///
    /// # Errors
    /// The system refused.
    pub(crate) fn finish(mut self, stale: &[&str]) -> Result<(), ModelError> {
        let moved = self.put(stale);
        moved.map_err(|cause| ModelError::Write { path: self.out.clone(), cause })?;
        self.finished = true;
        Ok(())
    }

    fn put(&self, stale: &[&str]) -> io::Result<()> {
        // A folder takes the place of an empty one at once; where files are, each takes the place of its like.
        if fs::rename(&self.new, &self.out).is_ok() {
            return Ok(());
        }
        fs::create_dir_all(&self.out)?;
        for name in stale.iter().filter(|name| !self.new.join(name).exists()) {
            match fs::remove_file(self.out.join(name)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        for file in fs::read_dir(&self.new)? {
            let file = file?;
            fs::rename(file.path(), self.out.join(file.file_name()))?;
        }
        fs::remove_dir(&self.new)
    }
}

impl Drop for NewFolder {
    fn drop(&mut self) {
        if !self.finished {
            // What was half written is of no use to anyone.
            _ = fs::remove_dir_all(&self.new);
        }
    }
}
