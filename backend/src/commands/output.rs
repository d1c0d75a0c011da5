//! What the user reads: lines on standard output, remarks on standard error. Neither ends in a panic, and this is the one
//! place where texts of users are made harmless to a terminal.

use serde::Serialize;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;
use tunemask_shared::printable;

/// For whom a command writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputFormat {
    /// For people: text, and bars on a terminal.
    Text,
    /// For programs: an object of JSON a line.
    Json,
}

impl From<bool> for OutputFormat {
    /// That of a command by whether it was given `--json`.
    fn from(json: bool) -> Self {
        if json { Self::Json } else { Self::Text }
    }
}

/// Standard output cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write to standard output: {}", words(.0))]
pub struct OutputError(io::Error);

// The cause is in the words already, so it is no source.
impl From<io::Error> for OutputError {
    fn from(error: io::Error) -> Self {
        Self(error)
    }
}

/// The two causes that a user can do something about in plain words, all others in the system's.
fn words(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::StorageFull => "there is no space left for it".to_owned(),
        ErrorKind::BrokenPipe => "nobody reads it any more".to_owned(),
        _ => error.to_string(),
    }
}

/// Writes a line. Unlike `println!` it returns what goes wrong.
///
/// # Errors
/// Standard output cannot be written.
pub fn line(text: impl std::fmt::Display) -> Result<(), OutputError> {
    Ok(writeln!(io::stdout().lock(), "{}", printable::lines(&text.to_string()))?)
}

/// Writes an object as one line of JSON.
///
/// # Errors
/// Standard output cannot be written.
pub fn json(object: &impl Serialize) -> anyhow::Result<()> {
    let text = serde_json::to_string(object)?;
    Ok(writeln!(io::stdout().lock(), "{}", printable::json(&text)).map_err(OutputError::from)?)
}

/// Writes many lines at once.
///
/// # Errors
/// Standard output cannot be written; `write` fails.
pub fn lines(write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let written = write(&mut out).and_then(|()| Ok(out.flush()?));
    written.map_err(|error| match error.downcast::<io::Error>() {
        Ok(error) => OutputError(error).into(),
        Err(other) => other,
    })
}

/// Writes a line to standard error. A remark that cannot be written ends nothing.
pub fn note(text: impl std::fmt::Display) {
    _ = writeln!(io::stderr().lock(), "{}", printable::lines(&text.to_string()));
}

/// Says why a command failed. That the reader of a pipe left early, as `head` does, is no failure.
pub fn failed(error: &anyhow::Error) -> ExitCode {
    if error.downcast_ref::<OutputError>().is_some_and(|e| e.0.kind() == ErrorKind::BrokenPipe) {
        return ExitCode::SUCCESS;
    }
    note(format_args!("tunemask: {error:#}"));
    if let Some(advice) = advice(error) {
        note(advice);
    }
    ExitCode::FAILURE
}

/// What helps where the system allows too few open files, of which some errors say a number and others nothing.
#[cfg(unix)]
fn advice(error: &anyhow::Error) -> Option<String> {
    use rustix::io::Errno;
    use rustix::process::{Resource, getrlimit};
    let number =
        |cause: &(dyn std::error::Error + 'static)| cause.downcast_ref::<io::Error>()?.raw_os_error();
    let full = [Errno::MFILE, Errno::NFILE].map(Errno::raw_os_error);
    let said = error.chain().filter_map(number).any(|number| full.contains(&number));
    let limit = getrlimit(Resource::Nofile).current.filter(|limit| said || *limit < FEW_FILES)?;
    Some(format!(
        "This shell lets a program open {limit} files at once; allow more, as with `ulimit -n 1024`."
    ))
}

#[cfg(not(unix))]
fn advice(_: &anyhow::Error) -> Option<String> {
    None
}

/// With a lower limit of open files than this, something that fails may have failed for it.
#[cfg(unix)]
const FEW_FILES: u64 = 64;

/// Prints what clap has to say: help and version to standard output, a mistake to standard error.
pub fn arguments(words: &clap::Error) -> ExitCode {
    match words.print() {
        Err(error) if !words.use_stderr() => failed(&OutputError(error).into()),
        _ => ExitCode::from(u8::try_from(words.exit_code()).unwrap_or(2)),
    }
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
