//! The cache's folders and files, in the layout that `huggingface_hub` publishes for others to follow.
//!
//! ```text
//! models--OWNER--NAME/refs/main                    a commit
//!                     snapshots/COMMIT/config.json a link to ../../blobs/SUM
//!                     blobs/SUM                    a file's bytes
//!                     .no_exist/COMMIT/FILE        empty: the commit has no such file
//! .locks/models--OWNER--NAME/SUM.lock              who holds it may write the blob
//! ```

use super::environment::Environment;
use super::folder::{has_data, listed};
use super::{HubError, Snapshot};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use tunemask_shared::hub::{HUB_PREFIX, HubName, RepositoryKind, is_commit};

/// The branch that is meant where none is named.
pub(super) const MAIN: &str = "main";
/// The branch on which the hub keeps a data set as parquet.
pub(super) const PARQUET: &str = "refs/convert/parquet";

/// The hub's cache.
#[derive(Clone, Debug)]
pub(super) struct Cache {
    root: PathBuf,
}

/// A repository in the cache, which need not be there.
#[derive(Clone, Debug)]
pub(super) struct Repository {
    folder: PathBuf,
    locks: PathBuf,
}

impl Cache {
    pub(super) fn new(environment: &Environment) -> Self {
        Self { root: environment.cache.clone() }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn repository(&self, name: &HubName, kind: RepositoryKind) -> Repository {
        let folder = format!("{}{}", prefix(kind), name.repository().replace('/', "--"));
        Repository { locks: self.root.join(".locks").join(&folder), folder: self.root.join(folder) }
    }

    /// The state of a repository that a name means here. Where no revision is named, a data set is the one of its main branch, or,
    /// if that has no data of its own, the hub's conversion of it.
    ///
    /// # Errors
    /// A commit that is no name; there is none in the cache.
    pub(super) fn snapshot(
        &self,
        name: &HubName,
        kind: RepositoryKind,
    ) -> Result<Option<Snapshot>, HubError> {
        let repository = self.repository(name, kind);
        let at = |revision: &str| -> Result<Option<Snapshot>, HubError> {
            let Some(commit) = repository.commit(revision) else { return Ok(None) };
            let folder = repository.snapshot(&commit);
            Ok(if folder.is_dir() { Some(Snapshot { folder, name: name.at(&commit)? }) } else { None })
        };
        match (name.revision(), kind) {
            (Some(revision), _) => at(revision),
            (None, RepositoryKind::Model) => at(MAIN),
            (None, RepositoryKind::Dataset) => match at(MAIN)? {
                Some(main) if has_data(&main.folder) => Ok(Some(main)),
                main => Ok(at(PARQUET)?.or(main)),
            },
        }
    }

    /// The names of all repositories of a kind, at their main branch, or at each commit that is there if that is not.
    pub(super) fn names(&self, kind: RepositoryKind) -> Vec<HubName> {
        let mut found = Vec::new();
        for folder in listed(&self.root) {
            let Some(name) = name_of(&folder, kind) else { continue };
            match self.snapshot(&name, kind) {
                Ok(Some(_)) => found.push(name),
                Ok(None) | Err(_) => {
                    let commits = listed(&folder.join("snapshots")).into_iter();
                    found.extend(commits.filter_map(|path| name.at(path.file_name()?.to_str()?).ok()));
                }
            }
        }
        found
    }
}

impl Repository {
    /// The commit that a revision stands for here.
    pub(super) fn commit(&self, revision: &str) -> Option<String> {
        if is_commit(revision) {
            return Some(revision.to_owned());
        }
        let commit = std::fs::read_to_string(self.folder.join("refs").join(revision)).ok()?;
        Some(commit.trim().to_owned()).filter(|commit| is_commit(commit))
    }

    /// Whether this user may write into its folder.
    #[cfg(unix)]
    pub(super) fn is_writable(&self) -> bool {
        rustix::fs::access(&self.folder, rustix::fs::Access::WRITE_OK).is_ok()
    }

    #[cfg(not(unix))]
    pub(super) fn is_writable(&self) -> bool {
        true
    }

    pub(super) fn blobs(&self) -> PathBuf {
        self.folder.join("blobs")
    }

    pub(super) fn snapshot(&self, commit: &str) -> PathBuf {
        self.folder.join("snapshots").join(commit)
    }

    pub(super) fn lock(&self, sum: &str) -> PathBuf {
        self.locks.join(format!("{sum}.lock"))
    }

    /// Whether all that a commit holds is known, because a whole listing of it was kept or it was brought here whole.
    pub(super) fn is_listed(&self, commit: &str) -> bool {
        let whole = self.snapshot(commit).join(".gitattributes").exists();
        whole || self.folder.join("trees").join(format!("{commit}.json")).exists()
    }

    /// Whether it is known that a commit has no such file.
    pub(super) fn is_known_absent(&self, commit: &str, path: &str) -> bool {
        self.folder.join(".no_exist").join(commit).join(path).exists()
    }

    /// Keeps that a commit has no such file.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn mark_absent(&self, commit: &str, path: &str) -> Result<(), HubError> {
        let mark = self.folder.join(".no_exist").join(commit).join(path);
        if mark.exists() { Ok(()) } else { write(&mark, b"") }
    }

    /// Puts a branch or tag at a commit.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn point(&self, revision: &str, commit: &str) -> Result<(), HubError> {
        if is_commit(revision) || self.commit(revision).as_deref() == Some(commit) {
            return Ok(());
        }
        write(&self.folder.join("refs").join(revision), commit.as_bytes())
    }

    /// Gives a blob its name in a snapshot.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn link(&self, commit: &str, path: &str, sum: &str) -> Result<(), HubError> {
        let link = self.snapshot(commit).join(path);
        let blob = self.blobs().join(sum);
        let same = || Some(link.canonicalize().ok()? == blob.canonicalize().ok()?);
        if same() == Some(true) {
            return Ok(());
        }
        let new = beside(&link);
        let failed = |cause| HubError::write(&link, cause);
        parents(&link)?;
        _ = std::fs::remove_file(&new);
        let depth = path.split('/').count() + 1;
        connect(&blob, &["../".repeat(depth), format!("blobs/{sum}")].concat(), &new).map_err(failed)?;
        std::fs::rename(&new, &link).map_err(failed)
    }
}

/// A relative link, so that the cache can be moved.
#[cfg(unix)]
fn connect(_blob: &Path, relative: &str, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(relative, link)
}

/// A copy, where a link needs rights that most users lack.
#[cfg(not(unix))]
fn connect(blob: &Path, _relative: &str, link: &Path) -> io::Result<()> {
    std::fs::copy(blob, link).map(|_| ())
}

/// The repository that a folder of a cache is, by its name.
fn name_of(folder: &Path, kind: RepositoryKind) -> Option<HubName> {
    let name = folder.file_name()?.to_str()?.strip_prefix(prefix(kind))?.replacen("--", "/", 1);
    format!("{HUB_PREFIX}{name}").parse().ok()
}

/// The data set with its commit of which a folder is the snapshot, by its path.
pub(crate) fn data_set_of(folder: &Path) -> Option<HubName> {
    let (commit, above) = (folder.file_name()?.to_str()?, folder.parent()?);
    let repository = above.parent().filter(|_| above.ends_with("snapshots") && is_commit(commit))?;
    name_of(repository, RepositoryKind::Dataset)?.at(commit).ok()
}

/// What a repository's folder begins with.
pub(super) fn prefix(kind: RepositoryKind) -> &'static str {
    match kind {
        RepositoryKind::Model => "models--",
        RepositoryKind::Dataset => "datasets--",
    }
}

/// Makes the folders above a file.
///
/// # Errors
/// They cannot be made.
pub(super) fn parents(path: &Path) -> Result<(), HubError> {
    let Some(folder) = path.parent() else { return Ok(()) };
    std::fs::create_dir_all(folder).map_err(|cause| HubError::write(folder, cause))
}

/// A name of its own for what is to take a file's place: no other process has it, and no other thread.
fn beside(path: &Path) -> PathBuf {
    static MADE: AtomicU64 = AtomicU64::new(0);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let number = MADE.fetch_add(1, Ordering::Relaxed);
    path.with_file_name(format!(".{name}.{}.{number}", std::process::id()))
}

/// Writes a small file whole or not at all.
fn write(path: &Path, bytes: &[u8]) -> Result<(), HubError> {
    parents(path)?;
    let new = beside(path);
    let written = std::fs::write(&new, bytes).and_then(|()| std::fs::rename(&new, path));
    written.map_err(|cause| HubError::write(path, cause))
}
