//! CSV and TSV: a header, then rows with as many cells.
//!
//! Cells are quoted as CSV quotes, and may hold line ends; lines end in `\n` or `\r\n`. TSV is quoted where its header
//! is, or where it can be seen that every `"` quotes: else it is a character like any other, as in GLUE's own files.

use super::bounded::Bounded;
use super::builder::Builder;
use super::{DataError, KnownBy, Watch};
use crate::data::quoted::is_file_quoted;
use crate::data::table::shortened;
use crate::files;
use csv::{ByteRecord, ReaderBuilder, Terminator};
use std::io::{BufRead, BufReader};
use std::path::Path;
use tunemask_shared::text::count;

/// Adds a file's rows.
///
/// # Errors
/// As [`super::Frame::read`].
pub(super) fn read(
    path: &Path,
    delimiter: u8,
    builder: &mut Builder,
    watch: Watch<'_>,
) -> Result<(), DataError> {
    let (file, size) = files::open(path)?;
    let (bounded, meter) = Bounded::new(file);
    let mut source = BufReader::with_capacity(1 << 16, bounded);
    let start = source.fill_buf().map_err(|cause| files::FileError::new(path, cause))?;
    if let Some(what) = files::stand_in(start) {
        return Err(files::FileError::StandIn { path: path.to_owned(), what }.into());
    }
    let said = delimiter == b',' || first_line(start).contains(&b'"');
    let quoting = said || is_file_quoted(path)?;
    let mut reader = ReaderBuilder::new();
    reader.delimiter(delimiter).quoting(quoting).has_headers(false).flexible(true);
    // A carriage return alone may stand inside a text.
    reader.terminator(Terminator::Any(b'\n'));
    let mut reader = reader.from_reader(source);

    builder.begin(path, KnownBy::Line);
    if quoting && !said {
        builder.unquotes();
    }
    let mut record = ByteRecord::new();
    let mut columns = None;
    // Rows that are not there are counted by the reader as no record, so lines are its own.
    while next(path, &mut reader, &mut record)? {
        meter.row();
        let line = line(reader.position(), &record, size, meter.last());
        let error = |why: String| DataError::Line { path: path.to_owned(), line: line as usize, why };
        let mut cells = Vec::with_capacity(record.len());
        for (number, cell) in record.iter().enumerate() {
            cells
                .push(std::str::from_utf8(cell).map_err(|e| error(not_utf8(cell, e.valid_up_to(), number)))?);
        }
        if let Some(last) = cells.last_mut() {
            *last = last.strip_suffix('\r').unwrap_or(last);
        }
        match columns {
            // An empty line; one of a single column is a cell that is missing.
            Some(expected) if expected > 1 && cells == [""] => {}
            None if cells == [""] => {}
            None => {
                let names: Vec<String> = cells.iter().map(|name| name.trim().to_owned()).collect();
                let names = without_index(names);
                builder.header(&names).map_err(error)?;
                columns = Some(names.len());
            }
            Some(expected) if cells.len() != expected => {
                let hint = if cells.len() > expected && delimiter == b',' {
                    "; a text with a comma in it must stand in quotes"
                } else if quoting {
                    "; is a quote without its partner above?"
                } else {
                    ""
                };
                return Err(error(format!(
                    "{}; the header has {expected}{hint}",
                    count(cells.len(), "column")
                )));
            }
            Some(_) => {
                builder.row(line, &cells).map_err(error)?;
                if builder.rows().is_multiple_of(1024) {
                    watch(meter.read());
                }
            }
        }
    }
    watch(meter.read());
    builder.end()
}

/// The line on which the record begins that was read last. The reader's own is that of an empty line before it.
fn line(behind: &csv::Position, record: &ByteRecord, size: u64, last: u8) -> u64 {
    let within = record.as_slice().iter().filter(|&&byte| byte == b'\n').count() as u64;
    // Behind a quote without its partner the last line's end is a part of the record.
    let unended = behind.byte() >= size && (last != b'\n' || record.as_slice().ends_with(b"\n"));
    (behind.line() - within).saturating_sub(u64::from(!unended))
}

fn next<R: std::io::Read>(
    path: &Path,
    reader: &mut csv::Reader<R>,
    record: &mut ByteRecord,
) -> Result<bool, DataError> {
    let line = reader.position().line() as usize;
    reader.read_byte_record(record).map_err(|error| {
        let why = match error.kind() {
            csv::ErrorKind::Io(cause) if cause.kind() == std::io::ErrorKind::InvalidData => cause.to_string(),
            csv::ErrorKind::Io(cause) => format!("it cannot be read: {cause}"),
            _ => format!("it cannot be read as CSV: {error}"),
        };
        DataError::Line { path: path.to_owned(), line, why }
    })
}

/// pandas writes its index below a header without a name.
fn without_index(mut names: Vec<String>) -> Vec<String> {
    if let Some(first) = names.first_mut()
        && first.is_empty()
    {
        "Unnamed: 0".clone_into(first);
    }
    names
}

fn first_line(start: &[u8]) -> &[u8] {
    start.split(|&byte| byte == b'\n').next().unwrap_or_default()
}

fn not_utf8(cell: &[u8], at: usize, column: usize) -> String {
    let before = shortened(&String::from_utf8_lossy(&cell[..at]));
    let byte = cell.get(at).copied().unwrap_or_default();
    format!(
        "column {}, behind `{before}`: the byte 0x{byte:02x} is not UTF-8; save the file as UTF-8 (a file in Latin-1: \
         iconv -f LATIN1 -t UTF-8)",
        column + 1
    )
}
