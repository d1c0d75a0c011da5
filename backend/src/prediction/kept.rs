//! What is kept from question to question: a model, and the runs that are on it together.

use super::PredictionError;
use super::loaded::{AskedRun, Loaded, Source, load, read_model};
use super::read::Tokenised;
use super::score::{RunLogits, Scored, score};
use crate::model::Model;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;
use tunemask_shared::experiment::{Experiment, ReportedEpoch};
use tunemask_shared::keep_weights::KeepWeights;
use tunemask_shared::run::RunId;
use tunemask_shared::task::Task;

/// What is kept from question to question.
#[derive(Default)]
pub(super) struct Cached {
    model: Option<Arc<Model>>,
    together: Option<Together>,
    /// When it was used last.
    pub asked: Option<Instant>,
}

/// Runs that are on the model together.
struct Together {
    runs: Vec<LoadedRun>,
    epoch: ReportedEpoch,
    loaded: Loaded,
}

/// A run as it was loaded: one whose weights were dropped since, or that trained again, is to be read again.
#[derive(Clone, Debug, PartialEq)]
struct LoadedRun {
    run: RunId,
    dropped: Option<KeepWeights>,
    ended_ms: Option<u64>,
}

impl LoadedRun {
    fn of(asked: &AskedRun<'_>) -> Self {
        Self { run: asked.run.clone(), dropped: asked.dropped, ended_ms: asked.ended_ms }
    }
}

impl std::fmt::Debug for Cached {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let runs = self.together.as_ref().map(|together| &together.runs);
        f.debug_struct("Cached").field("runs", &runs).finish_non_exhaustive()
    }
}

/// What is asked of runs.
#[derive(Clone, Copy)]
pub(super) struct Asking<'a> {
    pub task: &'a Task,
    pub runs: &'a [AskedRun<'a>],
    pub texts: &'a [Tokenised],
    pub source: Source<'a>,
    /// Whether somebody still waits.
    pub go_on: &'a dyn Fn() -> bool,
}

impl Cached {
    /// The experiment's model: the one that is kept if it is that.
    ///
    /// # Errors
    /// It cannot be read, or is another one than its runs were trained on.
    pub fn model(
        &mut self,
        experiment: &Experiment,
        fingerprint: &str,
    ) -> Result<Arc<Model>, PredictionError> {
        if let Some(model) = self.model.as_ref().filter(|model| model.fingerprint == fingerprint) {
            return Ok(model.clone());
        }
        // Two large models need not be in memory at once.
        *self = Self { asked: self.asked, ..Self::default() };
        let model = read_model(experiment, fingerprint)?;
        self.model = Some(model.clone());
        Ok(model)
    }

    /// Scores all runs: those that may together at once, the others one after the other.
    ///
    /// # Errors
    /// Nobody waits any more; the device has no room, or fails.
    pub fn score(&mut self, model: &Model, asking: &Asking<'_>) -> Result<Scored, PredictionError> {
        let outputs = asking.task.kind().outputs();
        let mut all: HashMap<&RunId, Result<RunLogits, String>> = HashMap::new();
        let (alone, together): (Vec<AskedRun<'_>>, Vec<AskedRun<'_>>) =
            asking.runs.iter().copied().partition(|run| run.alone);
        let mut shared = 0.0;
        if !together.is_empty() {
            let loaded = self.together(model, &together, asking.source)?;
            let scored = score(loaded, asking.texts, outputs, asking.go_on)?;
            shared = scored.shared;
            all.extend(together.iter().map(|asked| asked.run).zip(scored.runs));
        }
        for asked in alone {
            if !(asking.go_on)() {
                return Err(PredictionError::Stopped);
            }
            let mut loaded = load(model, &[asked], asking.source)?;
            let scored = score(&mut loaded, asking.texts, outputs, asking.go_on)?;
            all.extend(scored.runs.into_iter().map(|run| (asked.run, run)));
        }
        let gone = || Err("it was not read".to_owned());
        let runs: Vec<_> =
            asking.runs.iter().map(|asked| all.remove(asked.run).unwrap_or_else(gone)).collect();
        let read = runs.iter().filter(|run| run.is_ok()).count();
        Ok(Scored { shared: if read > 0 { shared / read as f64 } else { 0.0 }, runs })
    }

    /// Runs on the model together: those that are there if they are these.
    fn together(
        &mut self,
        model: &Model,
        asked: &[AskedRun<'_>],
        source: Source<'_>,
    ) -> Result<&mut Loaded, PredictionError> {
        let runs: Vec<LoadedRun> = asked.iter().map(LoadedRun::of).collect();
        let same = |kept: &Together| kept.epoch == source.epoch && kept.runs == runs;
        let kept = match self.together.take().filter(same) {
            Some(kept) => kept,
            None => Together { loaded: load(model, asked, source)?, epoch: source.epoch, runs },
        };
        Ok(&mut self.together.insert(kept).loaded)
    }
}
