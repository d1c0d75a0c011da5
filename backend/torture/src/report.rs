//! What a campaign is told, and what it found.

use crate::program::Binary;
use std::fmt;
use std::time::{Duration, Instant};

/// Most violations that are printed in full.
const SHOWN: usize = 20;

/// What a campaign is told.
#[derive(Clone, Debug)]
pub struct Order {
    /// The program that it tries to break.
    pub binary: Binary,
    /// Where its chance comes from.
    pub seed: u64,
    /// How often it does harm.
    pub rounds: u64,
    /// When it does no more, whatever the rounds.
    pub until: Option<Instant>,
}

impl Order {
    /// Whether one more round is to be done.
    pub fn goes_on(&self, done: u64) -> bool {
        done < self.rounds && self.until.is_none_or(|until| Instant::now() < until)
    }
}

/// What a campaign did and found.
#[derive(Debug)]
pub struct Report {
    campaign: String,
    seed: u64,
    begin: Instant,
    took: Duration,
    figures: Vec<(u64, String)>,
    notes: Vec<String>,
    skipped: Vec<String>,
    violations: Vec<String>,
}

impl Report {
    /// The report of a campaign that begins now.
    pub fn new(campaign: impl Into<String>, seed: u64) -> Self {
        let none = Duration::ZERO;
        let (figures, notes, skipped, violations) = Default::default();
        Self {
            campaign: campaign.into(),
            seed,
            begin: Instant::now(),
            took: none,
            figures,
            notes,
            skipped,
            violations,
        }
    }

    /// Counts something that was done.
    pub fn count(&mut self, number: u64, what: &str) {
        match self.figures.iter_mut().find(|(_, known)| known == what) {
            Some((so_far, _)) => *so_far += number,
            None => self.figures.push((number, what.to_owned())),
        }
    }

    /// Keeps the highest of a figure.
    pub fn highest(&mut self, number: u64, what: &str) {
        match self.figures.iter_mut().find(|(_, known)| known == what) {
            Some((so_far, _)) => *so_far = number.max(*so_far),
            None => self.figures.push((number, what.to_owned())),
        }
    }

    /// How much of something was counted.
    pub fn counted(&self, what: &str) -> u64 {
        self.figures.iter().find(|(_, known)| known == what).map_or(0, |(number, _)| *number)
    }

    /// Says more than a figure, on a line of its own.
    pub fn note(&mut self, what: impl Into<String>) {
        self.notes.push(what.into());
    }

    /// Says what could not be tried here, once.
    pub fn skip(&mut self, what: impl Into<String>) {
        let what = what.into();
        if !self.skipped.contains(&what) {
            self.skipped.push(what);
        }
    }

    /// Takes note of what must not be.
    pub fn violation(&mut self, what: impl Into<String>) {
        let what = what.into();
        eprintln!("{}: VIOLATION: {what}", self.campaign);
        self.violations.push(what);
    }

    /// Takes note of several of them.
    pub fn violations(&mut self, all: impl IntoIterator<Item = String>) {
        all.into_iter().for_each(|what| self.violation(what));
    }

    /// Takes note of what must be there and is not.
    pub fn must(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.violation(what());
        }
    }

    /// The same, of a campaign that is over.
    pub fn ended(mut self) -> Self {
        self.took = self.begin.elapsed();
        self
    }

    /// Whether nothing was wrong.
    pub fn is_clean(&self) -> bool {
        self.violations.is_empty()
    }

    /// What was wrong.
    pub fn found(&self) -> &[String] {
        &self.violations
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: seed {}", self.campaign, self.seed)?;
        for (number, what) in &self.figures {
            write!(f, ", {number} {what}")?;
        }
        write!(f, ", {} violations, {} s", self.violations.len(), self.took.as_secs())?;
        for what in &self.notes {
            write!(f, "\n{}: {what}", self.campaign)?;
        }
        for what in &self.skipped {
            write!(f, "\n{}: skipped: {what}", self.campaign)?;
        }
        for what in self.violations.iter().take(SHOWN) {
            write!(f, "\n{}: violation: {what}", self.campaign)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_has_every_figure_and_what_is_wrong() {
        let mut report = Report::new("kill", 7);
        report.count(2, "kills");
        report.count(3, "kills");
        report.highest(4, "ms at most");
        report.highest(2, "ms at most");
        assert!(report.is_clean());
        report.must(true, || unreachable!());
        report.must(false, || "a line is missing".into());
        report.skip("no root");
        report.note("at first: 2");
        report.skip("no root");
        let text = report.ended().to_string();
        assert_eq!(
            text,
            "kill: seed 7, 5 kills, 4 ms at most, 1 violations, 0 s\nkill: at first: 2\nkill: skipped: no root\nkill: violation: a line is \
             missing"
        );
    }
}
