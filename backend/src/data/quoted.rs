//! Whether a file of tab-separated columns is quoted.
//!
//! GLUE's own files quote nothing: a `"` is a character like any other, and many stand alone. pandas and Python's `csv`
//! quote as CSV does: a cell that holds a `"` stands in quotes, and each of its own is doubled. Read as it stands such
//! a text would be another one than was written.

/// Whether every `"` of a file quotes, and that can be seen: by one that is doubled inside quotes, by a cell that goes
/// on behind a tab or a line's end, or by a header in quotes.
pub(super) fn is_quoted(text: &str) -> bool {
    let scan = || Scan { bytes: text.as_bytes(), at: 0, doubled: false, goes_on: false };
    text.contains('"')
        && scan().file().is_some_and(|found| match found {
            Found { sure: true, .. } => true,
            // Where the lines are rows as they stand, the quotes may be a text's.
            Found { goes_on, .. } => goes_on && !lines_are_rows(text),
        })
}

/// Whether each line has as many cells as the first.
fn lines_are_rows(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| !line.is_empty()).map(|line| line.matches('\t').count());
    lines.next().is_some_and(|first| lines.all(|cells| cells == first))
}

/// What quotes that all quote show of a file.
struct Found {
    /// They cannot be characters of a text.
    sure: bool,
    /// A cell goes on behind a tab or a line's end.
    goes_on: bool,
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
    doubled: bool,
    goes_on: bool,
}

impl Scan<'_> {
    /// `None` where a quote stands that does not quote, or a line has more or fewer cells than the first.
    fn file(mut self) -> Option<Found> {
        let mut columns = None;
        let mut quoted_header = true;
        while self.at < self.bytes.len() {
            let (mut cells, mut quoted) = (0, true);
            loop {
                quoted &= self.cell()?;
                cells += 1;
                if self.bytes.get(self.at) != Some(&b'\t') {
                    break;
                }
                self.at += 1;
            }
            // At a line's end, or at the file's.
            self.at += 1;
            match columns {
                None => (columns, quoted_header) = (Some(cells), quoted),
                Some(columns) if cells != columns && cells > 1 => return None,
                Some(_) => {}
            }
        }
        Some(Found { sure: self.doubled || quoted_header, goes_on: self.goes_on })
    }

    /// Goes to the end of a cell; whether it stands in quotes.
    fn cell(&mut self) -> Option<bool> {
        let ends = |b: &u8| matches!(b, b'\t' | b'\n');
        if self.bytes.get(self.at) != Some(&b'"') {
            let rest = &self.bytes[self.at..];
            let length = rest.iter().position(ends).unwrap_or(rest.len());
            self.at += length;
            return (!rest[..length].contains(&b'"')).then_some(false);
        }
        self.at += 1;
        loop {
            match (self.bytes.get(self.at)?, self.bytes.get(self.at + 1)) {
                (b'"', Some(b'"')) => {
                    self.doubled = true;
                    self.at += 2;
                }
                (b'"', next) => {
                    let carriage = next == Some(&b'\r');
                    self.at += 1 + usize::from(carriage);
                    return self.bytes.get(self.at).is_none_or(ends).then_some(true);
                }
                (byte, _) => {
                    self.goes_on |= ends(byte);
                    self.at += 1;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_quoted;

    #[test]
    fn quotes_that_quote_are_told_from_those_that_stand_in_a_text() {
        let quoted = [
            "a\tb\n\"he said \"\"no\"\"\"\t1\nplain\t0\n",
            "a\tb\r\n\"\"\"x\"\"\"\t1\r\n",
            "\"a\"\t\"b\"\n\"x\"\t\"1\"\n",
            "a\tb\n\"two\nlines\"\t1\n",
            "a\tb\n\"a\ttab\"\t1",
        ];
        for text in quoted {
            assert!(is_quoted(text), "{text:?}");
        }
        let plain = [
            "a\tb\nx\t1\n",
            // A whole text in quotes: written by pandas they would be doubled.
            "a\tb\n\"x\"\t1\n",
            "a\tb\n\" x\t1\n",
            "a\tb\nhe said \"no\"\t1\n\"he said \"\"no\"\"\"\t1\n",
            "a\tb\n\"\"x\"\"\t1\n",
            "a\tb\n\"he\" said\t1\n",
            "a\tb\n\"x\t1\ny\"\t0\n",
            "a\tb\n\"",
        ];
        for text in plain {
            assert!(!is_quoted(text), "{text:?}");
        }
    }
}
