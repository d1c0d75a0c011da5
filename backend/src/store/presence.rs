//! Whether files that are written to are still those that their names lead to. A file that was deleted can be written
//! to as long as it is open, and what is written there is nowhere when the program ends.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// What a name led to: the file's number on its device.
type Identity = (u64, u64);

/// Files by their names and by what they were.
#[derive(Debug)]
pub(super) struct Presence(Vec<(PathBuf, Option<Identity>)>);

impl Presence {
    /// Takes note of these files. One that is not there yet is taken note of when it first is.
    pub(super) fn from_files(files: impl IntoIterator<Item = PathBuf>) -> Self {
        let known = |path: PathBuf| {
            let identity = identity(&path).ok();
            (path, identity)
        };
        Self(files.into_iter().map(known).collect())
    }

    /// The first file that is another one now, or none.
    pub(super) fn missing(&mut self) -> Option<&Path> {
        self.0.iter_mut().find_map(|(path, known)| match (identity(path), *known) {
            (Ok(now), Some(before)) if now == before => None,
            (Ok(now), None) => {
                *known = Some(now);
                None
            }
            (Ok(_), Some(_)) => Some(path.as_path()),
            (Err(error), Some(_)) if gone(&error) => Some(path.as_path()),
            // Nothing is known while the system does not answer.
            (Err(_), _) => None,
        })
    }
}

fn gone(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

#[cfg(unix)]
fn identity(path: &Path) -> io::Result<Identity> {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).map(|file| (file.dev(), file.ino()))
}

/// Elsewhere a file that is open cannot be deleted.
#[cfg(not(unix))]
fn identity(path: &Path) -> io::Result<Identity> {
    fs::metadata(path).map(|_| (0, 0))
}
