//! Writing a segment: line by line, each on the disk before anyone relies on it.

use super::{Header, Line, SegmentName};
use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// The one writer of a segment.
#[derive(Debug)]
pub(crate) struct SegmentWriter {
    file: File,
    path: PathBuf,
    /// Bytes of whole lines.
    len: u64,
}

impl SegmentWriter {
    /// Begins a segment, which must not be there yet.
    ///
    /// # Errors
    /// It is there, or cannot be written.
    pub(crate) fn create(folder: &Path, name: &SegmentName, header: Header) -> io::Result<Self> {
        let path = folder.join(name.as_str());
        let mut options = OpenOptions::new();
        options.create_new(true).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path)?;
        let mut segment = Self { file, path, len: 0 };
        segment.append(&[Line::Header(header)])?;
        crate::tensors::sync(folder)?;
        Ok(segment)
    }

    /// Appends the last line to a segment whose writer is gone.
    ///
    /// # Errors
    /// It could not be written.
    pub(crate) fn append_last(path: &Path, line: &Line) -> io::Result<()> {
        let mut bytes = serde_json::to_vec(line)?;
        bytes.push(b'\n');
        let mut file = OpenOptions::new().append(true).open(path)?;
        file.write_all(&bytes)?;
        file.sync_data()
    }

    /// The file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Appends lines. When this returns they are on the disk; if it fails none of them is, and they may be tried again.
    ///
    /// # Errors
    /// They could not be written.
    pub(crate) fn append(&mut self, lines: &[Line]) -> io::Result<()> {
        let mut bytes = Vec::new();
        for line in lines {
            serde_json::to_writer(&mut bytes, line)?;
            bytes.push(b'\n');
        }
        // What a try before left of a line must not become the begin of another.
        self.file.set_len(self.len)?;
        self.file.seek(SeekFrom::Start(self.len))?;
        self.file.write_all(&bytes)?;
        self.file.sync_data()?;
        self.len += bytes.len() as u64;
        Ok(())
    }
}
