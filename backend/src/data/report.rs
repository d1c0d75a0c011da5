//! What was read, cut and skipped.

use std::fmt;
use tunemask_shared::task::Task;

/// Rows that were left out for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Why they were left out.
    pub reason: String,
    /// How many rows there were.
    pub rows: usize,
    /// The first one's line, from 1.
    pub first_line: usize,
}

impl Skipped {
    /// Adds a row to those left out for this reason.
    pub(super) fn count(list: &mut Vec<Skipped>, line: usize, reason: &str) {
        match list.iter_mut().find(|s| s.reason == reason) {
            Some(skipped) => skipped.rows += 1,
            None => list.push(Skipped { reason: reason.to_owned(), rows: 1, first_line: line }),
        }
    }
}

/// One file or generated set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SetReport {
    /// `train`, or the development set's name.
    pub name: String,
    /// Rows that could be read.
    pub rows: usize,
    /// Examples that a limit left of them.
    pub used: usize,
    /// Examples that were cut to fit.
    pub truncated: usize,
    /// Words of a tagging task that were cut off with them: they are neither learnt nor scored.
    pub lost_words: usize,
    /// Words of a tagging task of which the tokenizer makes nothing, such as a zero-width space: as if they were not
    /// there.
    pub unread_words: usize,
    /// Tokens of the longest example.
    pub longest: usize,
    /// Rows that were left out.
    pub skipped: Vec<Skipped>,
}

/// A task's files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Training set first.
    pub sets: Vec<SetReport>,
    /// What else the user should know.
    pub notes: Vec<String>,
}

impl fmt::Display for SetReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} examples", self.name, self.used)?;
        if self.used < self.rows {
            write!(f, " of {}", self.rows)?;
        }
        if self.truncated > 0 {
            write!(f, ", {} cut to {} tokens", self.truncated, self.longest)?;
        }
        if self.lost_words > 0 {
            write!(f, " ({} words lost)", self.lost_words)?;
        }
        if self.unread_words > 0 {
            write!(f, ", {} words without word pieces left out", self.unread_words)?;
        }
        for skipped in &self.skipped {
            let Skipped { reason, rows, first_line } = skipped;
            write!(f, ", {rows} rows skipped ({reason}; first at line {first_line})")?;
        }
        Ok(())
    }
}

impl SetReport {
    /// Whether all that was read is used as it is, or left out because it was asked for.
    fn is_whole(&self) -> bool {
        self.truncated == 0 && self.lost_words == 0 && self.unread_words == 0 && self.skipped.is_empty()
    }
}

impl Report {
    /// What the user should know: a sentence for each set of which something was cut or left out, then the notes.
    pub fn remarks(&self, task: &Task) -> Vec<String> {
        let sets = self.sets.iter().filter(|set| !set.is_whole()).map(SetReport::to_string);
        let title = task.title();
        sets.chain(self.notes.iter().cloned())
            .map(|text| format!("{title}, {}.", text.trim_end_matches('.')))
            .collect()
    }

    /// One sentence for each set, then the notes.
    pub fn lines(&self) -> Vec<String> {
        self.sets.iter().map(SetReport::to_string).chain(self.notes.iter().cloned()).collect()
    }
}
