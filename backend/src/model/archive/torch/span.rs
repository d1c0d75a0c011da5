//! Where bytes stand in a file.

use super::problem::Problem;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

/// Most bytes of the pickles: names and shapes, a hundred bytes a tensor.
pub(super) const MAX_PICKLE_BYTES: u64 = 4 << 20;

/// Where bytes stand in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: u64,
    pub(super) len: u64,
}

impl Span {
    /// Its bytes, of which there are at most [`MAX_PICKLE_BYTES`].
    pub(super) fn bytes(self, file: &mut File) -> Result<Vec<u8>, Problem> {
        if self.len > MAX_PICKLE_BYTES {
            let most = MAX_PICKLE_BYTES >> 20;
            return Err(format!("its pickle has more than {most} MiB; that is not a state_dict").into());
        }
        let mut bytes = vec![0; self.len as usize];
        file.seek(SeekFrom::Start(self.start))?;
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}
