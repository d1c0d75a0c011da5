//! Files that are whole at every moment: written beside the old one, synced, and put in its place.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use tempfile::{Builder, NamedTempFile};

/// How the name of a file ends that is being written.
const UNFINISHED: &str = ".new";

/// Puts a whole file in the place of another, or leaves that as it is; makes its folder if need be.
///
/// # Errors
/// The system refused; the other file is still there, or the new one is and may not outlive a power cut.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    replace_with(path, |file| file.write_all(bytes))
}

/// The same with what `write` writes; gives what that gives.
pub(crate) fn replace_with<T, E: From<io::Error>>(
    path: &Path,
    write: impl FnOnce(&mut File) -> Result<T, E>,
) -> Result<T, E> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        fs::create_dir_all(folder)?;
    }
    // Half a file takes the room that the next try needs: it goes when this returns.
    let mut new = unfinished(path, folder)?;
    let written = write(new.as_file_mut())?;
    new.as_file().sync_all()?;
    new.persist(path).map_err(|e| e.error)?;
    sync(folder)?;
    Ok(written)
}

/// A file of a name that no other writer has.
fn unfinished(path: &Path, folder: &Path) -> io::Result<NamedTempFile> {
    let prefix = format!(".{}.", path.file_name().unwrap_or_default().to_string_lossy());
    let mut builder = Builder::new();
    builder.prefix(&prefix).suffix(UNFINISHED);
    // As any file of the user's: what is exported may be for others.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

/// So that the new name outlives a power cut, too; a system that cannot sync a folder does without.
pub(crate) fn sync(folder: &Path) -> io::Result<()> {
    use ErrorKind::{InvalidInput, PermissionDenied, Unsupported};
    match File::open(folder).and_then(|folder| folder.sync_all()) {
        Err(error) if !matches!(error.kind(), InvalidInput | PermissionDenied | Unsupported) => Err(error),
        _ => Ok(()),
    }
}

/// Removes what killed writers left of files whose names end so; nobody may be writing there.
pub(crate) fn sweep(folder: &Path, extensions: &[&str]) {
    let unfinished = |name: &str| {
        let written = name.strip_prefix('.').and_then(|name| name.strip_suffix(UNFINISHED));
        // Before the letters that make it unique, and in names of programs that used none.
        let ends = |name: &str| extensions.iter().any(|e| name.ends_with(&format!(".{e}")));
        written.is_some_and(|name| ends(name) || name.rsplit_once('.').is_some_and(|(name, _)| ends(name)))
    };
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if unfinished(&entry.file_name().to_string_lossy()) {
            // One that stays is of no harm.
            _ = fs::remove_file(entry.path());
        }
    }
}
