//! Files that a user names: models, data, experiments. All are read through here.
//!
//! Only regular files are opened (a pipe or a device would never end), and none through a link that another user laid
//! to what that user may not read. A size is held against its bound before anything is read, and what stands
//! where a file ought to (a Git LFS pointer, a web page) is named. A byte-order mark is not part of a text. Errors
//! never quote a file's content. In reading order:

/// Why a file is not read.
mod error;
/// Links that are followed.
mod links;
/// What is saved in a file's place.
mod stand_in;
/// What becomes of files that are there already.
mod existing;
/// Room on the disk.
mod room;
/// Paths with `*`.
mod pattern;
#[cfg(test)]
mod tests;

pub use error::FileError;
pub use existing::Existing;
pub(crate) use pattern::is_of_pattern;
pub(crate) use room::{disk, free_bytes, why_not_written};
pub(crate) use stand_in::stand_in;

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

/// Most bytes of a file of settings: a config, an experiment, an index.
pub(crate) const SETTINGS: u64 = 16 << 20;
/// Most bytes of a tokenizer's file.
pub(crate) const VOCABULARY: u64 = 64 << 20;
/// Most bytes of a file of examples, which is read whole.
pub(crate) const DATA: u64 = 4 << 30;
/// Most bytes of a line: beyond it a file is not one of lines.
pub(crate) const LINE: usize = 1 << 20;

/// UTF-8's byte-order mark.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// Opens a regular file and says how many bytes it has.
///
/// # Errors
/// It is not there, is not a regular file, or may not be read.
pub(crate) fn open(path: &Path) -> Result<(File, u64), FileError> {
    let failed = |cause| FileError::new(path, cause);
    // Before it is opened, too: to open some devices does something.
    error::regular(path, &std::fs::metadata(path).map_err(failed)?)?;
    links::check(path)?;
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        // A pipe that takes the file's place in between would wait for its writer.
        options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits() as i32);
    }
    let file = options.open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    error::regular(path, &metadata)?;
    Ok((file, metadata.len()))
}

/// A file's bytes.
///
/// # Errors
/// As [`open`]; more than `most` bytes; a stand-in for the file.
pub(crate) fn bytes(path: &Path, most: u64) -> Result<Vec<u8>, FileError> {
    let (file, size) = open(path)?;
    let large = || FileError::Large { path: path.to_owned(), most };
    if size > most {
        return Err(large());
    }
    let mut bytes = Vec::new();
    let room = usize::try_from(size).map_err(|_| large())?;
    bytes.try_reserve_exact(room).map_err(|_| FileError::new(path, io::ErrorKind::OutOfMemory.into()))?;
    // It may have grown since.
    file.take(most + 1).read_to_end(&mut bytes).map_err(|cause| FileError::new(path, cause))?;
    if bytes.len() as u64 > most {
        return Err(large());
    }
    match stand_in(&bytes) {
        Some(what) => Err(FileError::StandIn { path: path.to_owned(), what }),
        None => Ok(bytes),
    }
}

/// A file's text, without a byte-order mark.
///
/// # Errors
/// As [`bytes`]; a line that is not UTF-8.
pub(crate) fn text(path: &Path, most: u64) -> Result<String, FileError> {
    let mut bytes = bytes(path, most)?;
    if bytes.starts_with(MARK) {
        bytes.drain(..MARK.len());
    }
    String::from_utf8(bytes).map_err(|e| {
        let valid = &e.as_bytes()[..e.utf8_error().valid_up_to()];
        let line = 1 + valid.iter().filter(|&&b| b == b'\n').count();
        FileError::NotText { path: path.to_owned(), line }
    })
}

/// Bytes without a byte-order mark.
pub(crate) fn unmarked(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(MARK).unwrap_or(bytes)
}
