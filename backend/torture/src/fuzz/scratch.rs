//! Folders of one input each.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tempfile::TempDir;

/// An empty folder, in memory where the system has such folders. Each input has its own: what is remembered of a file is
/// known by its name and its time.
pub(super) fn scratch() -> TempDir {
    static MEMORY: OnceLock<PathBuf> = OnceLock::new();
    let memory = MEMORY.get_or_init(|| {
        let shared = PathBuf::from("/dev/shm");
        if shared.is_dir() { shared } else { std::env::temp_dir() }
    });
    match tempfile::tempdir_in(memory) {
        Ok(folder) => folder,
        Err(error) => panic!("there is no room for an input: {error}"),
    }
}

/// Writes a file, and the folders above it.
pub(super) fn put(path: &Path, bytes: &[u8]) {
    let made = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(path, bytes));
    if let Err(error) = made {
        panic!("there is no room for an input: {error}");
    }
}
