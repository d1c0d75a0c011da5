use super::{PretrainingError, Text};
use crate::data::language;
use crate::model::{Encoding, Tokenizer};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{BufRead, BufReader};
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
    let mut reader = Reader::new(tokenizer, max_length);
    match text {
        Text::BuiltIn(count) => {
            language::corpus(*count).try_for_each(|line| reader.add(line))?;
        }
        Text::File(path, limit) => {
            let io = |source| PretrainingError::Io { path: path.clone(), source };
            let lines = BufReader::new(File::open(path).map_err(io)?).lines();
            for (number, line) in (1..).zip(lines).take(limit.unwrap_or(usize::MAX)) {
                let line = line.map_err(|source| match source.kind() {
                    std::io::ErrorKind::InvalidData => {
                        PretrainingError::Text(format!("{}, line {number}: not UTF-8", path.display()))
                    }
                    _ => io(source),
                })?;
                reader.add(line)?;
            }
        }
    }
    reader.finish()
}

struct Reader<'a> {
    tokenizer: &'a Tokenizer,
    max_length: usize,
    hash: Sha256,
    waiting: Vec<String>,
    texts: Texts,
}

impl<'a> Reader<'a> {
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
