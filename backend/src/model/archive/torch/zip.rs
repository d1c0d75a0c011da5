//! The zip archive of `torch.save`: `NAME/data.pkl`, and a file `NAME/data/KEY` for each storage.
//!
//! `torch.save` stores and never compresses; nothing else is read, so that no archive is larger unpacked than it is.
//! The directory is held against the file's length before anything is allocated. Layout after PKWARE's APPNOTE, sections
//! 4.3 and 4.5.3.

use super::pickle::Pickle;
use super::problem::Problem;
use super::span::{MAX_PICKLE_BYTES, Span};
use super::state_dict::{self, Storages, Tensor};
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

/// The file's tensors by name.
pub(super) fn tensors(file: &mut File, size: u64) -> Result<BTreeMap<String, Tensor>, Problem> {
    let entries = directory(file, size)?;
    let Some((root, pickle)) = entries.iter().find_map(|(n, e)| Some((n.strip_suffix("data.pkl")?, *e)))
    else {
        return Err("a zip archive without data.pkl; torch.save did not write it".into());
    };
    if let Some(order) = entries.get(&format!("{root}byteorder"))
        && content(file, size, *order)?.bytes(file)? != b"little"
    {
        return Err("written on a big-endian machine; load and save it again on another".into());
    }
    let bytes = content(file, size, pickle)?.bytes(file)?;
    let object = Pickle::read(&mut &bytes[..])?;
    let mut storages = Storages::default();
    for storage in object.storages() {
        let name = format!("{root}data/{}", storage.key);
        let entry = entries.get(&name).ok_or_else(|| format!("its storage {} is missing", storage.key))?;
        storages.insert(storage.key, content(file, size, *entry)?);
    }
    state_dict::tensors(&object, &storages)
}

/// A file of the archive, as the directory has it.
#[derive(Clone, Copy)]
struct Entry {
    header: u64,
    len: u64,
    stored: bool,
}

fn directory(file: &mut File, size: u64) -> Result<HashMap<String, Entry>, Problem> {
    let cut = || Problem::from("truncated: no zip directory at its end; copy it again");
    // The record at the end has 22 bytes and a comment.
    let tail = Span { start: size.saturating_sub(22 + 0xffff), len: size.min(22 + 0xffff) };
    let bytes = tail.bytes(file)?;
    let end = (0..bytes.len().saturating_sub(21)).rev().find(|&i| bytes[i..].starts_with(b"PK\x05\x06"));
    let end = end.ok_or_else(cut)?;
    let mut record = &bytes[end + 10..];
    let (mut count, mut len, mut start) =
        (number::<2>(&mut record)?, number::<4>(&mut record)?, number::<4>(&mut record)?);
    // In a large archive the numbers stand in a record of their own, to which 20 bytes before this one point.
    if end >= 20 && bytes[end - 20..].starts_with(b"PK\x06\x07") {
        let at = number::<8>(&mut &bytes[end - 12..])?;
        let mut wide = [0; 56];
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(&mut wide).map_err(|_| cut())?;
        let mut wide = wide.strip_prefix(b"PK\x06\x06").and_then(|w| w.get(28..)).ok_or_else(cut)?;
        (count, len, start) = (number::<8>(&mut wide)?, number::<8>(&mut wide)?, number::<8>(&mut wide)?);
    }
    if start.checked_add(len).is_none_or(|end| end > size) || len > MAX_PICKLE_BYTES {
        return Err("its zip directory does not fit into it; copy it again".into());
    }
    let bytes = Span { start, len }.bytes(file)?;
    let mut rest = &bytes[..];
    let mut entries = HashMap::new();
    for _ in 0..count {
        let (name, entry) = entry(&mut rest)?;
        entries.insert(name, entry);
    }
    Ok(entries)
}

/// The next file of the directory.
fn entry(rest: &mut &[u8]) -> Result<(String, Entry), Problem> {
    let head = take(rest, 46)?;
    if !head.starts_with(b"PK\x01\x02") {
        return Err("its zip directory is damaged; copy it again".into());
    }
    let field =
        |at: usize, len: usize| head[at..at + len].iter().rev().fold(0, |n, &b| n << 8 | u64::from(b));
    let name = String::from_utf8_lossy(take(rest, field(28, 2) as usize)?).into_owned();
    let mut extra = take(rest, field(30, 2) as usize)?;
    take(rest, field(32, 2) as usize)?;
    let (mut packed, mut len, mut header) = (field(20, 4), field(24, 4), field(42, 4));
    while extra.len() >= 4 {
        let (id, size) = (number::<2>(&mut extra)?, number::<2>(&mut extra)?);
        let mut own = take(&mut extra, size as usize)?;
        // Of numbers that do not fit into 32 bits, in this order.
        for wide in [&mut len, &mut packed, &mut header].into_iter().filter(|_| id == 1) {
            if *wide == 0xffff_ffff {
                *wide = number::<8>(&mut own)?;
            }
        }
    }
    let stored = field(10, 2) == 0 && packed == len && field(8, 2) & 1 == 0;
    Ok((name, Entry { header, len, stored }))
}

/// Where a file's bytes stand.
fn content(file: &mut File, size: u64, entry: Entry) -> Result<Span, Problem> {
    if !entry.stored {
        return Err(
            "compressed or encrypted inside; torch.save does neither, so save it again with it".into()
        );
    }
    let mut head = [0; 30];
    file.seek(SeekFrom::Start(entry.header))?;
    file.read_exact(&mut head)?;
    let mut lengths = &head[26..];
    let names = number::<2>(&mut lengths)? + number::<2>(&mut lengths)?;
    let start = entry.header.saturating_add(30 + names);
    let fits = start.checked_add(entry.len).is_some_and(|end| end <= size);
    if !head.starts_with(b"PK\x03\x04") || !fits {
        return Err("a file of the archive does not fit into it; copy it again".into());
    }
    Ok(Span { start, len: entry.len })
}

fn take<'a>(rest: &mut &'a [u8], len: usize) -> Result<&'a [u8], Problem> {
    rest.split_off(..len).ok_or_else(|| "its zip directory ends early; copy it again".into())
}

/// A little-endian number of so many bytes.
fn number<const N: usize>(rest: &mut &[u8]) -> Result<u64, Problem> {
    Ok(take(rest, N)?.iter().rev().fold(0, |n, &b| n << 8 | u64::from(b)))
}
