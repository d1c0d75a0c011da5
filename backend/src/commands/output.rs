//! What is printed, and the one place where texts of users are made harmless to a terminal.

use serde::Serialize;
use std::io::{self, Write};
use tunemask_shared::printable;

/// Writes a text with its line breaks to standard output. Unlike `println!` it returns what goes wrong: the reader of a pipe may leave early.
///
/// # Errors
/// Standard output cannot be written.
pub fn line(text: impl std::fmt::Display) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{}", printable::lines(&text.to_string()))
}

/// Writes a text with its line breaks to standard error; nobody can be told that it cannot be written.
pub fn say(text: impl std::fmt::Display) {
    _ = writeln!(io::stderr().lock(), "{}", printable::lines(&text.to_string()));
}

/// Writes an object as one line of JSON.
///
/// # Errors
/// Standard output cannot be written.
pub fn json(object: &impl Serialize) -> anyhow::Result<()> {
    let text = serde_json::to_string(object)?;
    Ok(writeln!(io::stdout().lock(), "{}", printable::json(&text))?)
}

/// Whether an error is only that nobody reads on.
pub fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
}

/// Columns side by side, the first one at the left, all others at the right.
pub fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |c: usize| rows.iter().filter_map(|r| r.get(c)).map(|t| t.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let lines = rows.iter().map(|row| {
        let cells = row
            .iter()
            .zip(&widths)
            .enumerate()
            .map(|(c, (text, &w))| if c == 0 { format!("{text:<w$}") } else { format!("{text:>w$}") });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}
