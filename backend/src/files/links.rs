//! Links that are followed.
//!
//! Whoever may name a folder to a server may lay a link in it, and the server reads with the rights of who started it.
//! A link is followed where that gives nobody anything: it is this user's or root's own, it leads to a file of the same
//! owner, or to one that everybody may read. A Hugging Face cache, all links, is read as ever.

use super::FileError;
use std::path::Path;

#[cfg(unix)]
pub(super) fn check(path: &Path) -> Result<(), FileError> {
    use std::fs::{metadata, symlink_metadata};
    use std::os::unix::fs::MetadataExt;
    let failed = |cause| FileError::new(path, cause);
    let trusted = [rustix::process::geteuid().as_raw(), 0];
    let mut others = Vec::new();
    let mut so_far = std::path::PathBuf::new();
    for part in std::path::absolute(path).map_err(failed)?.components() {
        so_far.push(part);
        let entry = symlink_metadata(&so_far).map_err(failed)?;
        if entry.is_symlink() && !trusted.contains(&entry.uid()) {
            others.push(entry.uid());
        }
    }
    if others.is_empty() {
        return Ok(());
    }
    // What the last of them leads to counts, not what lies on the way.
    let owner = metadata(path).map_err(failed)?.uid();
    let followed = others.iter().all(|&other| other == owner) || open_to_all(path);
    if followed { Ok(()) } else { Err(FileError::Link(path.to_owned())) }
}

/// Whether everybody may read a file.
#[cfg(unix)]
fn open_to_all(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let Ok(target) = path.canonicalize() else { return false };
    let allows = |path: &Path, bit| std::fs::metadata(path).is_ok_and(|m| m.mode() & bit == bit);
    allows(&target, 0o004) && target.ancestors().skip(1).all(|folder| allows(folder, 0o001))
}

#[cfg(not(unix))]
pub(super) fn check(_: &Path) -> Result<(), FileError> {
    Ok(())
}
