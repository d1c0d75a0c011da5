//! What is in the cache.

use super::HubError;
use super::cache::Cache;
use super::complete::{Holding, holding};
use super::environment::Environment;
use super::folder::{has_data, listed};
use super::wanted::Wanted;
use std::path::{Path, PathBuf};
use tunemask_shared::hub::{HubName, RepositoryKind};

/// A repository in the cache that holds what is needed of its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cached {
    /// How to name it.
    pub name: HubName,
    /// Its files.
    pub folder: PathBuf,
    /// Bytes of them.
    pub bytes: u64,
}

/// The models or data sets in the cache that can be opened as they are, by name. Whether a model is a BERT is not looked at.
///
/// # Errors
/// The system names no folder for a cache.
pub fn cached(environment: &Environment, kind: RepositoryKind) -> Result<Vec<Cached>, HubError> {
    let cache = Cache::new(environment);
    let mut found = Vec::new();
    for name in cache.names(kind) {
        let Ok(Some(snapshot)) = cache.snapshot(&name, kind) else { continue };
        let whole = match (kind, snapshot.name.commit()) {
            (RepositoryKind::Dataset, _) => has_data(&snapshot.folder),
            (RepositoryKind::Model, Some(commit)) => {
                holding(&cache.repository(&name, kind), commit, &Wanted::Model) != Holding::Partial
            }
            (RepositoryKind::Model, None) => false,
        };
        if whole {
            found.push(Cached { bytes: bytes_in(&snapshot.folder, 0), folder: snapshot.folder, name });
        }
    }
    Ok(found)
}

/// Bytes of the files below a folder, links followed.
fn bytes_in(folder: &Path, depth: usize) -> u64 {
    const DEEPEST: usize = 4;
    let of = |path: PathBuf| match path.metadata() {
        Ok(meta) if meta.is_dir() && depth < DEEPEST => bytes_in(&path, depth + 1),
        Ok(meta) if meta.is_file() => meta.len(),
        _ => 0,
    };
    listed(folder).into_iter().map(of).sum()
}
