//! Texts as the encoder reads them.

use super::{PretrainingError, Text};
use crate::files::{self, FileError};
use crate::language;
use crate::model::{Encoding, Tokenizer};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use tunemask_shared::run::hexadecimal;

/// Lines that are tokenised together.
const PART: usize = 1 << 14;

/// A corpus as the encoder reads it.
pub struct Texts {
    /// In the corpus's order.
    pub encodings: Vec<Encoding>,
    /// SHA-256 over its lines, in hexadecimal.
    pub sha256: String,
}

/// Reads and tokenises a corpus; empty lines are left out.
///
/// # Errors
/// A file that cannot be read, a line that is not UTF-8, a text that cannot be tokenised, no text at all.
pub fn read(text: &Text, tokenizer: &Tokenizer, max_length: usize) -> Result<Texts, PretrainingError> {
    let mut reader = TextReader::new(tokenizer, max_length);
    match text {
        Text::BuiltIn(count) => {
            language::corpus(*count).try_for_each(|line| reader.add(line))?;
        }
        Text::File(path, limit) => {
            let (file, _) = files::open(path)?;
            let mut lines = Lines { path, file: BufReader::new(file), number: 0 };
            for _ in 0..limit.unwrap_or(usize::MAX) {
                let Some(line) = lines.next()? else { break };
                reader.add(line)?;
            }
        }
    }
    reader.finish()
}

/// Lines of a file that need not fit into memory.
struct Lines<'a> {
    path: &'a Path,
    file: BufReader<File>,
    /// Lines read.
    number: usize,
}

impl Lines<'_> {
    /// The next line without its end; `None` behind the last one.
    fn next(&mut self) -> Result<Option<String>, PretrainingError> {
        let mut line = Vec::new();
        let mut part = self.file.by_ref().take(files::LINE as u64 + 2);
        let read = part.read_until(b'\n', &mut line).map_err(|cause| FileError::new(self.path, cause))?;
        self.number += 1;
        let (path, number) = (self.path.to_owned(), self.number);
        for end in [b'\n', b'\r'] {
            _ = line.pop_if(|last| *last == end);
        }
        if line.len() > files::LINE {
            let most = files::LINE >> 10;
            let why = format!("{}, line {number}: longer than {most} KiB; break it", path.display());
            return Err(PretrainingError::Text(why));
        }
        if number == 1 && files::unmarked(&line).len() < line.len() {
            line = files::unmarked(&line).to_vec();
        }
        let text = String::from_utf8(line).map_err(|_| FileError::NotText { path, line: number })?;
        Ok((read > 0).then_some(text))
    }
}

struct TextReader<'a> {
    tokenizer: &'a Tokenizer,
    max_length: usize,
    hash: Sha256,
    waiting: Vec<String>,
    texts: Texts,
}

impl<'a> TextReader<'a> {
    fn new(tokenizer: &'a Tokenizer, max_length: usize) -> Self {
        let texts = Texts { encodings: Vec::new(), sha256: String::new() };
        Self { tokenizer, max_length, hash: Sha256::new(), waiting: Vec::new(), texts }
    }

    fn add(&mut self, line: String) -> Result<(), PretrainingError> {
        if !line.trim().is_empty() {
            self.hash.update(&line);
            self.hash.update(b"\n");
            self.waiting.push(line);
        }
        if self.waiting.len() == PART { self.tokenise() } else { Ok(()) }
    }

    fn tokenise(&mut self) -> Result<(), PretrainingError> {
        let encode = |line: &String| {
            let (text, pair) = line.split_once('\t').map_or((line.as_str(), None), |(a, b)| (a, Some(b)));
            self.tokenizer.encode(text, pair, self.max_length)
        };
        let encodings: Vec<Encoding> = self.waiting.par_iter().map(encode).collect::<Result<_, _>>()?;
        self.texts.encodings.extend(encodings);
        self.waiting.clear();
        Ok(())
    }

    fn finish(mut self) -> Result<Texts, PretrainingError> {
        self.tokenise()?;
        if self.texts.encodings.is_empty() {
            return Err(PretrainingError::Text("the text has no line with anything in it".into()));
        }
        self.texts.sha256 = hexadecimal(&self.hash.finalize());
        Ok(self.texts)
    }
}
