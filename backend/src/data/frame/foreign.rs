//! What is no file of rows: by a file's ending, or by how it begins whatever its ending says.

use super::DataError;
use super::ending;
use crate::files::{self, FileError};
use std::io::Read;
use std::path::Path;

const SPREADSHEET: &str = "a spreadsheet; save it as CSV (UTF-8) in the program that made it";
const PACKED: &str = "packed; unpack it first";
const WIDE: &str = "a text in UTF-16; save it as UTF-8 (iconv -f UTF-16 -t UTF-8)";
const PDF: &str = "a PDF, not rows; save what it was made of as CSV";
const PARQUET: &str = "a parquet file; give it the ending .parquet";

/// Bytes of a file that are looked at.
const START: u64 = 64;
/// Where an archive in zip's format has the name of its first file.
const FIRST_NAME: usize = 30;
/// What the files in a spreadsheet begin with, as programs write them.
const PARTS: [&[u8]; 5] = [b"[Content_Types]", b"_rels/", b"docProps/", b"xl/", b"mimetype"];

/// Why a file cannot be read that is none of rows by its ending.
pub(crate) fn unreadable(path: &Path, ending: Option<&str>) -> DataError {
    let why = match ending {
        Some("xlsx" | "xls" | "ods") => SPREADSHEET,
        Some("arrow" | "feather") => {
            "an Arrow file; the parquet file that it was made of lies in the hub's cache"
        }
        Some("gz" | "zip" | "zst" | "bz2" | "xz") => PACKED,
        Some("pdf") => PDF,
        _ => "not a file of rows that can be read; expected .csv, .tsv, .json, .jsonl or .parquet",
    };
    DataError::Unreadable { path: path.to_owned(), why: why.to_owned() }
}

/// # Errors
/// A file that cannot be opened; one that begins as something else than rows does.
pub(super) fn check(path: &Path) -> Result<(), DataError> {
    let mut start = Vec::new();
    let read = files::open(path)?.0.take(START).read_to_end(&mut start);
    read.map_err(|cause| FileError::new(path, cause))?;
    match by_start(&start) {
        Some(PARQUET) if ending(path).as_deref() == Some("parquet") => Ok(()),
        Some(why) => Err(DataError::Unreadable { path: path.to_owned(), why: why.to_owned() }),
        None => Ok(()),
    }
}

/// What a file is that begins so; `None` if it may be one of rows.
fn by_start(start: &[u8]) -> Option<&'static str> {
    let zipped =
        || PARTS.into_iter().any(|part| start.get(FIRST_NAME..).is_some_and(|name| name.starts_with(part)));
    match start {
        [b'P', b'K', 3, 4, ..] => Some(if zipped() { SPREADSHEET } else { PACKED }),
        // What spreadsheets were before they were archives.
        [0xd0, 0xcf, 0x11, 0xe0, ..] => Some(SPREADSHEET),
        // gzip, zstd, xz, bzip2.
        [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd, ..] | [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => {
            Some(PACKED)
        }
        [b'B', b'Z', b'h', b'1'..=b'9', b'1', b'A', b'Y', b'&', b'S', b'Y', ..] => Some(PACKED),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some(WIDE),
        [b'%', b'P', b'D', b'F', b'-', ..] => Some(PDF),
        [b'P', b'A', b'R', b'1', ..] => Some(PARQUET),
        _ => None,
    }
}
