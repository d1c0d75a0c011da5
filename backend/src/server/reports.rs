//! Reports that were made, kept for the next page that asks.

use crate::results::report;
use crate::results::table::table;
use sha2::{Digest, Sha256};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::UNIX_EPOCH;
use tunemask_shared::comparison::Comparison;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::experiment::FieldError;
use tunemask_shared::report::{Report, ReportKind, ReportRequest};
use tunemask_shared::state::LabState;

/// Most reports that are kept.
const MAX_REPORTS: usize = 64;
/// Most bytes of them together.
const MAX_BYTES: usize = 32 << 20;

/// A report, or why there is none.
pub(super) type Made = Result<Report, FieldError>;

/// Reports that were made, kept until what they depend on changes. Bounded: those go first that were asked for
/// longest ago.
#[derive(Debug, Default)]
pub(super) struct Reports(Mutex<Vec<CachedReport>>);

/// A report that is made or being made.
#[derive(Debug)]
struct CachedReport {
    key: Key,
    made: Arc<OnceLock<Weighed>>,
}

/// What was made, and how many bytes it takes as JSON, which is what a page gets of it.
#[derive(Debug)]
struct Weighed {
    made: Made,
    bytes: usize,
}

/// What a report is and what it was made of, as SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Key {
    asked: [u8; 32],
    content: [u8; 32],
}

impl Reports {
    /// The report on an experiment as it was made from the same content, else as `make` makes it. While one page
    /// waits for it others that ask for it wait, too, instead of making it again.
    ///
    /// # Errors
    /// Those of `make`. They are not kept: the user may mend what was wrong.
    pub(super) fn get(
        &self,
        state: &LabState,
        id: ExperimentId,
        asked: &ReportRequest,
        make: impl FnOnce() -> Made,
    ) -> Made {
        self.made(Key::from_state(state, id, asked), make)
    }

    /// The same of runs or experiments beside each other.
    pub(super) fn get_comparison(
        &self,
        state: &LabState,
        comparison: &Comparison,
        make: impl FnOnce() -> Made,
    ) -> Made {
        let content = report::compared(state, comparison);
        self.made(content.map(|content| Key::new(&format!("{comparison:?}"), &content)), make)
    }

    fn made(&self, key: Option<Key>, make: impl FnOnce() -> Made) -> Made {
        let Some(key) = key else { return make() };
        let made = self.slot(key).get_or_init(|| Weighed::new(make())).made.clone();
        self.evict();
        made
    }

    fn cached(&self) -> MutexGuard<'_, Vec<CachedReport>> {
        // Whole entries go in and out; a panic elsewhere cannot leave one half made.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The place of a report, which is now the one that was asked for last.
    fn slot(&self, key: Key) -> Arc<OnceLock<Weighed>> {
        let mut cached = self.cached();
        let same = cached.iter().position(|report| report.key == key).map(|at| cached.remove(at));
        // What it was made of is not so any more: nobody will ask for it.
        cached.retain(|report| report.key.asked != key.asked);
        let entry = same.unwrap_or_else(|| CachedReport { key, made: Arc::default() });
        let made = entry.made.clone();
        cached.push(entry);
        made
    }

    fn evict(&self) {
        let mut cached = self.cached();
        cached.retain(|report| report.made.get().is_none_or(|weighed| weighed.made.is_ok()));
        while cached.len() > MAX_REPORTS || cached.iter().map(CachedReport::bytes).sum::<usize>() > MAX_BYTES
        {
            cached.remove(0);
        }
    }
}

impl Weighed {
    fn new(made: Made) -> Self {
        let text = made.as_ref().ok().and_then(|report| serde_json::to_string(report).ok());
        Self { bytes: text.map_or(0, |text| text.len()), made }
    }
}

impl CachedReport {
    /// 0 while it is being made.
    fn bytes(&self) -> usize {
        self.made.get().map_or(0, |weighed| weighed.bytes)
    }
}

impl Key {
    /// `None` if there is no such experiment.
    fn from_state(state: &LabState, id: ExperimentId, asked: &ReportRequest) -> Option<Self> {
        // All that reports read of the log stands in the result table: who stands where, and with what scores. What
        // runs left beside the log is written before they have finished, and then stays.
        let results = table(state, id)?;
        let mut content = format!("{results:?}");
        if asked.kind == ReportKind::Weights {
            content += &stamps(Path::new(&results.model));
            let delta = state.experiments.get(&id).and_then(|e| e.experiment.delta_file());
            content += &delta.map_or_else(String::new, |file| stamp(Path::new(file)));
        }
        Some(Self::new(&format!("{id} {asked:?}"), &content))
    }

    fn new(asked: &str, content: &str) -> Self {
        let [asked, content] = [asked, content].map(|text| Sha256::digest(text).into());
        Self { asked, content }
    }
}

/// The files of a model's folder, with size and time of the last change; empty for a built-in model.
fn stamps(folder: &Path) -> String {
    let mut out = String::new();
    for file in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        out += &stamp(&file.path());
    }
    out
}

/// A file with its size and the time of its last change; empty if it is not there.
fn stamp(file: &Path) -> String {
    // Through links: a model's files are often links to where they were downloaded.
    let Ok(about) = std::fs::metadata(file) else { return String::new() };
    let changed = about.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    format!("\n{} {} {changed:?}", file.display(), about.len())
}

#[cfg(test)]
mod tests;
