//! Files that only their user can read.

use super::StoreError;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;

/// Name of the file that holds the home's token.
const TOKEN_NAME: &str = "token";
/// More than any token has.
const MAX_TOKEN_BYTES: u64 = 4096;

/// Makes a folder, and those above it that are missing, that only its user can look into. One that is there stays as it
/// is.
///
/// # Errors
/// It cannot be made.
pub fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Makes a file that only its user can read, or takes everyone else's rights from one that is there.
pub(super) fn open_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    close_to_others(path)?;
    Ok(file)
}

/// Takes everyone else's rights from a file of this user; another user's stays as it is, and one that is not there.
#[cfg(unix)]
pub(super) fn close_to_others(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let Ok(about) = fs::metadata(path) else { return Ok(()) };
    if about.permissions().mode() & 0o077 == 0 {
        return Ok(());
    }
    match fs::set_permissions(path, PermissionsExt::from_mode(0o600)) {
        // Its owner decides, or a file system that knows no rights.
        Err(error) if matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::Unsupported) => Ok(()),
        outcome => outcome,
    }
}

#[cfg(not(unix))]
pub(super) fn close_to_others(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// The text of a home's token; `None` if there is none, or one that others could have read.
///
/// # Errors
/// The file is there and cannot be read.
pub fn read_token(home: &Path) -> Result<Option<String>, StoreError> {
    let path = home.join(TOKEN_NAME);
    let failed = |cause| StoreError::Home { path: path.clone(), cause };
    let about = match fs::metadata(&path) {
        Ok(about) => about,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    #[cfg(unix)]
    if std::os::unix::fs::PermissionsExt::mode(&about.permissions()) & 0o077 != 0 {
        tracing::warn!("others could read {}: a new token takes its place", path.display());
        return Ok(None);
    }
    if !about.is_file() {
        return Err(failed(io::Error::other("not a file")));
    }
    let mut text = Vec::new();
    File::open(&path).and_then(|file| file.take(MAX_TOKEN_BYTES).read_to_end(&mut text)).map_err(failed)?;
    Ok(String::from_utf8(text).ok())
}

/// Writes a home's token, for its user alone.
///
/// # Errors
/// It cannot be written.
pub fn write_token(home: &Path, token: &str) -> Result<(), StoreError> {
    let path = home.join(TOKEN_NAME);
    let write = || {
        // Not into a file that somebody may have open.
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = open_private(&path)?;
        writeln!(file, "{token}")?;
        file.sync_all()
    };
    write().map_err(|cause| StoreError::Home { path: path.clone(), cause })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::store::{FILE_NAME, Store};
    use std::os::unix::fs::PermissionsExt;
    use tunemask_shared::event::EventKind;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).map_or(0, |it| it.permissions().mode() & 0o777)
    }

    #[test]
    fn a_home_is_its_users_alone() {
        let above = tempfile::tempdir().unwrap();
        fs::set_permissions(above.path(), PermissionsExt::from_mode(0o755)).unwrap();
        let home = above.path().join("new/home");
        let mut store = Store::open(&home).unwrap();
        store.append(vec![EventKind::Paused]).unwrap();
        assert_eq!((mode(&home), mode(above.path())), (0o700, 0o755));
        for file in fs::read_dir(&home).unwrap().map(|file| file.unwrap().path()) {
            assert_eq!(mode(&file), 0o600, "{}", file.display());
        }
    }

    #[test]
    fn files_of_an_older_home_are_closed_and_its_folder_left_as_it_is() {
        let home = tempfile::tempdir().unwrap();
        fs::set_permissions(home.path(), PermissionsExt::from_mode(0o755)).unwrap();
        let file = home.path().join(FILE_NAME);
        Store::open(home.path()).unwrap().append(vec![EventKind::Paused]).unwrap();
        for name in fs::read_dir(home.path()).unwrap().map(|file| file.unwrap().path()) {
            fs::set_permissions(name, PermissionsExt::from_mode(0o644)).unwrap();
        }
        let store = Store::open(home.path()).unwrap();
        assert_eq!(store.state().unwrap().seq, 1);
        assert_eq!((mode(&file), mode(home.path())), (0o600, 0o755));
    }
}
