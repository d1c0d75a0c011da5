//! Texts of standard input as they come: one that nothing waits behind alone, those that wait together.

use super::split;
use crate::prediction::Text;
use anyhow::{Context, Error, Result, bail};
use std::io::BufRead;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use tunemask_shared::prediction::MAX_TEXT_BYTES;

/// Most texts that are read at once.
const TEXTS: usize = 32;

/// A text with its line.
#[derive(Debug)]
pub(super) struct Numbered {
    /// From 1.
    pub(super) line: usize,
    pub(super) text: Text,
}

/// The texts of an input, which a thread of its own waits for. Lines without text are left out.
#[derive(Debug)]
pub(super) struct Lines {
    read: Receiver<Result<Numbered>>,
    /// What is wrong with the line behind those that were given last.
    wrong: Option<Error>,
}

impl Lines {
    /// Begins to read what `open` gives. The thread ends with the input, or when nobody asks for more.
    ///
    /// # Errors
    /// The system gives no thread.
    pub(super) fn read<R: BufRead>(open: impl FnOnce() -> R + Send + 'static) -> Result<Self> {
        let (send, read) = sync_channel(TEXTS);
        let work = move || {
            for (number, line) in (1..).zip(open().lines()) {
                let checked = line.context("not text in UTF-8").and_then(checked);
                let said = match checked {
                    Ok(line) if line.trim().is_empty() => continue,
                    Ok(line) => Ok(Numbered { line: number, text: split(&line) }),
                    Err(error) => Err(error.context(format!("standard input, line {number}"))),
                };
                let is_last = said.is_err();
                if send.send(said).is_err() || is_last {
                    return;
                }
            }
        };
        thread::Builder::new().name("input".into()).spawn(work).context("standard input cannot be read")?;
        Ok(Self { read, wrong: None })
    }

    /// The texts that wait, so many as are read at once; if none does, the next, once it comes. None at the end of the input.
    ///
    /// # Errors
    /// A line is not UTF-8, or longer than any model reads; those before it were given.
    pub(super) fn waiting(&mut self) -> Result<Vec<Numbered>> {
        if let Some(wrong) = self.wrong.take() {
            return Err(wrong);
        }
        let mut texts = Vec::new();
        let Ok(first) = self.read.recv() else { return Ok(texts) };
        texts.push(first?);
        while texts.len() < TEXTS
            && let Ok(more) = self.read.try_recv()
        {
            match more {
                Ok(text) => texts.push(text),
                Err(wrong) => {
                    self.wrong = Some(wrong);
                    break;
                }
            }
        }
        Ok(texts)
    }
}

/// # Errors
/// It is longer than any model reads.
fn checked(line: String) -> Result<String> {
    if line.len() > 2 * MAX_TEXT_BYTES {
        bail!("{} bytes are more than any model reads", line.len());
    }
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufReader, Write, pipe};

    fn places(texts: &[Numbered]) -> Vec<(usize, &str)> {
        texts.iter().map(|numbered| (numbered.line, numbered.text.text.as_str())).collect()
    }

    #[test]
    fn a_line_that_nothing_waits_behind_comes_alone() {
        let (input, mut typed) = pipe().unwrap();
        let mut lines = Lines::read(move || BufReader::new(input)).unwrap();
        for (line, text) in [(1, "a"), (3, "b"), (5, "c")] {
            write!(typed, "{text}\n\n").unwrap();
            assert_eq!(places(&lines.waiting().unwrap()), [(line, text)]);
        }
        drop(typed);
        assert!(lines.waiting().unwrap().is_empty());
    }

    #[test]
    fn all_lines_come_in_their_order_until_one_is_wrong() {
        let all: String = (0..70).map(|n| format!("text {n}\tpair\n")).collect();
        for (end, word) in [
            (&b"\xff\n"[..], "line 71: not text in UTF-8"),
            (&[b'a'; 2 * MAX_TEXT_BYTES + 1], "any model reads"),
        ] {
            let input = [all.as_bytes(), end].concat();
            let mut lines = Lines::read(move || std::io::Cursor::new(input)).unwrap();
            let mut read = 0;
            let error = loop {
                match lines.waiting() {
                    Ok(texts) => {
                        assert!((1..=TEXTS).contains(&texts.len()));
                        assert!(texts.iter().enumerate().all(|(n, text)| text.line == read + n + 1));
                        read += texts.len();
                    }
                    Err(error) => break format!("{error:#}"),
                }
            };
            assert!(
                read == 70 && error.contains("standard input, line 71") && error.contains(word),
                "{error}"
            );
            assert!(lines.waiting().unwrap().is_empty());
        }
    }
}
