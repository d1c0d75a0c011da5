//! Checksums by which the hub names files: large ones by the SHA-256 of their bytes, small ones as git does, by the SHA-1 of their
//! length and bytes.

use sha1::{Digest as _, Sha1};
use sha2::{Digest as _, Sha256};
use std::io::{self, Read};
use std::path::Path;
use tunemask_shared::run::hexadecimal;

/// What a file's bytes must give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sum {
    /// 64 digits.
    Sha256(String),
    /// 40 digits.
    Git(String),
}

impl Sum {
    /// The checksum in an entity tag or a listing; `None` if it is neither.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches("W/").trim_matches('"');
        let hexadecimal = text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        match text.len() {
            64 if hexadecimal => Some(Self::Sha256(text.to_owned())),
            40 if hexadecimal => Some(Self::Git(text.to_owned())),
            _ => None,
        }
    }

    /// Its digits: the blob's name.
    pub(super) fn digits(&self) -> &str {
        match self {
            Self::Sha256(digits) | Self::Git(digits) => digits,
        }
    }

    /// Whether a file's bytes give it.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn is_of(&self, path: &Path) -> io::Result<bool> {
        let mut file = std::fs::File::open(path)?;
        let digits = match self {
            Self::Sha256(_) => {
                let mut hash = Sha256::new();
                chunks(&mut file, |bytes| hash.update(bytes))?;
                hexadecimal(&hash.finalize())
            }
            Self::Git(_) => {
                let mut hash = Sha1::new();
                hash.update(format!("blob {}\0", file.metadata()?.len()));
                chunks(&mut file, |bytes| hash.update(bytes))?;
                hexadecimal(&hash.finalize())
            }
        };
        Ok(digits == self.digits())
    }
}

fn chunks(file: &mut impl Read, mut take: impl FnMut(&[u8])) -> io::Result<()> {
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(n) => take(&buffer[..n]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
