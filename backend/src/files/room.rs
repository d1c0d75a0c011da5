//! Room on the disk.

use std::io;
use std::path::Path;
use tunemask_shared::machine::Room;

/// Why something is not written, in words.
pub(crate) fn why_not_written(cause: &io::Error) -> String {
    match cause.kind() {
        io::ErrorKind::StorageFull => "there is no space left".to_owned(),
        io::ErrorKind::QuotaExceeded => "this user's share of the disk is used up".to_owned(),
        io::ErrorKind::PermissionDenied => "this user may not write here".to_owned(),
        io::ErrorKind::ReadOnlyFilesystem => "this disk cannot be written to".to_owned(),
        io::ErrorKind::AlreadyExists => "something else of this name is there already".to_owned(),
        io::ErrorKind::NotADirectory => "a part of this path is a file and no folder".to_owned(),
        // A temporary file's error names that file behind what the system said; whoever reads this knows another.
        _ => {
            let text = cause.to_string();
            text.split_once(" at path ").map_or(text.as_str(), |(said, _)| said).to_owned()
        }
    }
}

/// Bytes that may still be written where a folder stands or will stand; `None` where the system does not say.
#[cfg(unix)]
pub(crate) fn free_bytes(folder: &Path) -> Option<u64> {
    let named = |path| if path == Path::new("") { Path::new(".") } else { path };
    let there = folder.ancestors().map(named).find(|path| path.exists())?;
    let disk = rustix::fs::statvfs(there).ok()?;
    disk.f_bavail.checked_mul(disk.f_frsize)
}

/// The disk on which a folder stands: what this user may use of it.
#[cfg(unix)]
pub(crate) fn disk(folder: &Path) -> Option<Room> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    let bytes = |blocks: u64| blocks.checked_mul(disk.f_frsize);
    let used = bytes(disk.f_blocks.checked_sub(disk.f_bfree)?)?;
    Some(Room { used, total: used.checked_add(bytes(disk.f_bavail)?)? })
}

/// Not known.
#[cfg(not(unix))]
pub(crate) fn disk(_folder: &Path) -> Option<Room> {
    None
}

/// Not known.
#[cfg(not(unix))]
pub(crate) fn free_bytes(_folder: &Path) -> Option<u64> {
    None
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_written_is_said_in_words_and_without_a_temporary_name() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("runs");
        std::fs::write(&file, "").unwrap();
        let below_a_file = tempfile::NamedTempFile::new_in(&file).unwrap_err();
        assert_eq!(why_not_written(&below_a_file), "a part of this path is a file and no folder");
        let there = std::fs::create_dir(&file).unwrap_err();
        assert_eq!(why_not_written(&there), "something else of this name is there already");
        let nowhere = tempfile::NamedTempFile::new_in(home.path().join("nowhere")).unwrap_err();
        assert_eq!(why_not_written(&nowhere), "No such file or directory (os error 2)");
    }

    #[test]
    fn a_folder_that_is_not_there_yet_has_the_room_of_the_one_above() {
        let home = tempfile::tempdir().unwrap();
        assert!(free_bytes(&home.path().join("a/b")).unwrap() > 0);
        assert!(free_bytes(Path::new("nowhere/at/all")).unwrap() > 0);
        let room = disk(home.path()).unwrap();
        assert!(room.free() > 0 && room.used < room.total);
    }
}
