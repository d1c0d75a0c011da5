//! Reading a segment that may grow meanwhile: opened anew each time, because a network file system shows what is new to a
//! fresh file alone.
//!
//! Such a file system may also show a file at its new length before what stands there: zeros, which no line has. They are
//! waited for, and never taken for a line that is damaged.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// Bytes that are read at once; a line is far shorter.
const CHUNK: u64 = 8 << 20;

/// Bytes of the last line, at most, if it says why nothing follows.
const LAST: u64 = 64 << 10;

/// The whole lines of a file behind an offset, at most some megabytes of them. A last line without its end is left for later.
///
/// # Errors
/// The file cannot be read, is shorter than that, holds no line in all of these bytes, or zeros with something behind them.
pub(crate) fn read_whole_lines(path: &Path, offset: u64) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    if length < offset {
        return Err(io::Error::other(format!("it has {length} bytes, of which {offset} were read before")));
    }
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    file.take(CHUNK).read_to_end(&mut bytes)?;
    let is_full = bytes.len() as u64 == CHUNK;
    let zeros = bytes.iter().position(|byte| *byte == 0);
    let written = &bytes[..zeros.unwrap_or(bytes.len())];
    let lines = written.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
    if lines == 0 {
        if let Some(zeros) = zeros
            && bytes[zeros..].iter().any(|byte| *byte != 0)
        {
            let at = offset + zeros as u64;
            return Err(io::Error::other(format!("zeros stand at byte {at} with something behind them")));
        }
        if is_full {
            return Err(io::Error::other("a line of 8 MiB has no end"));
        }
    }
    bytes.truncate(lines);
    Ok(bytes)
}

/// The last whole line before an offset; none where it is a long one.
///
/// # Errors
/// The file cannot be read.
pub(crate) fn last_line_before(path: &Path, offset: u64) -> io::Result<Option<Vec<u8>>> {
    let begin = offset.saturating_sub(LAST);
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(begin))?;
    let mut bytes = Vec::new();
    file.take(offset - begin).read_to_end(&mut bytes)?;
    if bytes.pop() != Some(b'\n') {
        return Ok(None);
    }
    let before = bytes.iter().rposition(|byte| *byte == b'\n');
    Ok(match before {
        Some(end) => Some(bytes.split_off(end + 1)),
        None => (begin == 0).then_some(bytes),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_behind_zeros_wait_until_what_stands_there_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("segment");
        std::fs::write(&path, b"{\"a\":1}\n\0\0\0\0\0\0\0\n{\"c\":3}\n").unwrap();
        assert_eq!(read_whole_lines(&path, 0).unwrap(), b"{\"a\":1}\n");
        let why = read_whole_lines(&path, 8).unwrap_err().to_string();
        assert!(why.contains("zeros stand at byte 8"), "{why}");
        std::fs::write(&path, b"{\"a\":1}\n{\"b\":2}\n{\"c\":3}\n").unwrap();
        assert_eq!(read_whole_lines(&path, 8).unwrap(), b"{\"b\":2}\n{\"c\":3}\n");
        // Nothing was ever written there: a line without its end, as a power cut leaves it.
        std::fs::write(&path, b"{\"a\":1}\n{\"b\0\0\0\0").unwrap();
        assert_eq!(read_whole_lines(&path, 8).unwrap(), b"");
        // Never less than what was read.
        assert!(read_whole_lines(&path, 100).unwrap_err().to_string().contains("were read before"));
    }

    #[test]
    fn the_last_line_is_the_one_before_the_offset() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("segment");
        let text = "first\nsecond\nthird\n";
        std::fs::write(&path, text).unwrap();
        let last =
            |offset| last_line_before(&path, offset).unwrap().map(|line| String::from_utf8(line).unwrap());
        assert_eq!(last(text.len() as u64).as_deref(), Some("third"));
        assert_eq!(last(13).as_deref(), Some("second"));
        assert_eq!(last(6).as_deref(), Some("first"));
        assert_eq!((last(0), last(9)), (None, None));
        std::fs::write(&path, "x".repeat(LAST as usize + 10) + "\n").unwrap();
        assert_eq!(last(LAST + 11), None);
    }
}
