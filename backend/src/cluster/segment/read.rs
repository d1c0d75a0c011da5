//! Reading a segment that may grow meanwhile: opened anew each time, because a network file system shows what is new to a
//! fresh file alone.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// Bytes that are read at once; a line is far shorter.
const CHUNK: u64 = 8 << 20;

/// The whole lines of a file behind an offset, at most some megabytes of them. A last line without its end is left for later.
///
/// # Errors
/// The file cannot be read, or holds no line in all of these bytes.
pub(crate) fn read_whole_lines(path: &Path, offset: u64) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    if file.metadata()?.len() <= offset {
        return Ok(Vec::new());
    }
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    file.take(CHUNK).read_to_end(&mut bytes)?;
    match bytes.iter().rposition(|byte| *byte == b'\n') {
        Some(last) => bytes.truncate(last + 1),
        None if bytes.len() as u64 == CHUNK => return Err(io::Error::other("a line of 8 MiB has no end")),
        None => bytes.clear(),
    }
    Ok(bytes)
}
