//! What reads texts: keeps a model and the runs on it from question to question.

use super::answers::answers;
use super::choose::{self, Group};
use super::examples::KeptExamples;
use super::kept::{Asking, Cached};
use super::loaded::{AskedRun, Source};
use super::read::{Text, Tokenised, input, tokenise};
use super::{PredictionError, notes};
use crate::artifacts::Artifacts;
use crate::results::table::table;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, TryLockError};
use std::time::{Duration, Instant};
use tunemask_engine::Device;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::experiment::Experiment;
use tunemask_shared::prediction::{Prediction, PredictionQuestion, TextExample};
use tunemask_shared::state::LabState;
use tunemask_shared::task::TaskName;

/// How long a text waits for another one to be read.
const WAIT_TIMEOUT: Duration = Duration::from_secs(20);
/// How often it looks whether that is done.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// Reads texts with the runs of experiments, one question at a time.
#[derive(Debug)]
pub struct Predictor {
    device: Device,
    kept: Mutex<Cached>,
    examples: KeptExamples,
}

/// An experiment of a home folder.
#[derive(Clone, Copy, Debug)]
pub struct ExperimentRef<'a> {
    /// What the log says.
    pub state: &'a LabState,
    /// Where runs left their files.
    pub home: &'a Path,
    /// Which experiment.
    pub id: ExperimentId,
}

impl<'a> ExperimentRef<'a> {
    fn experiment(&self) -> Result<&'a Experiment, PredictionError> {
        let held = self.state.experiments.get(&self.id);
        held.map(|held| &held.experiment).ok_or(PredictionError::Experiment(self.id))
    }

    /// The runs of groups, one after the other.
    fn runs<'g>(&self, groups: &'g [Group]) -> Vec<AskedRun<'g>>
    where
        'a: 'g,
    {
        let known = groups.iter().flat_map(|group| &group.runs).filter_map(|run| {
            let state = self.state.runs.get(run)?;
            Some(AskedRun {
                run,
                spec: &state.spec,
                alone: state.alone,
                dropped: state.weights_dropped,
                ended_ms: state.ended_ms,
            })
        });
        known.collect()
    }
}

impl Predictor {
    /// Has read nothing yet; computes on a device.
    pub fn new(device: Device) -> Self {
        Self { device, kept: Mutex::default(), examples: KeptExamples::default() }
    }

    /// What the finished runs of an experiment say of the text of a question. `go_on` is asked now and then.
    ///
    /// # Errors
    /// A question that the experiment cannot answer; nothing that finished, or nothing left of it; a model that is gone or
    /// another one; a device that fails; nobody waits any more.
    pub fn predict(
        &self,
        of: ExperimentRef<'_>,
        question: &PredictionQuestion,
        go_on: &dyn Fn() -> bool,
    ) -> Result<Prediction, PredictionError> {
        let mut all = self.predict_all(of, question, &[Text::from(question)], go_on)?;
        all.pop().ok_or(PredictionError::Nothing)
    }

    /// The same for several texts in the place of the question's.
    ///
    /// # Errors
    /// As [`Predictor::predict`], for the first text of which something is wrong.
    pub fn predict_all(
        &self,
        of: ExperimentRef<'_>,
        question: &PredictionQuestion,
        texts: &[Text],
        go_on: &dyn Fn() -> bool,
    ) -> Result<Vec<Prediction>, PredictionError> {
        let (experiment, table) = (of.experiment()?, table(of.state, of.id));
        let table = table.ok_or(PredictionError::Experiment(of.id))?;
        let task = choose::task(&table, question)?;
        let inputs = texts.iter().map(|text| input(task, text)).collect::<Result<Vec<_>, _>>()?;
        let groups = choose::groups(&table, task, question)?;
        let runs = of.runs(&groups);
        let Some(first) = runs.first() else {
            return Err(PredictionError::Unfinished { task: task.title().to_owned() });
        };
        let mut kept = self.kept(go_on)?;
        kept.asked = Some(Instant::now());
        let model = kept.model(experiment, &first.spec.model)?;
        let length = first.spec.max_length;
        let read = inputs.iter().map(|input| tokenise(task, input, &model.tokenizer, length as usize));
        let read = read.collect::<Result<Vec<_>, _>>()?;
        let files = Artifacts::new(of.home);
        let source = Source { files: &files, device: &self.device, epoch: experiment.reported_epoch };
        let asking = Asking { task, runs: &runs, texts: &read, source, go_on };
        let scored = kept.score(&model, &asking)?;
        drop(kept);
        let left: Vec<&String> = scored.runs.iter().filter_map(|run| run.as_ref().err()).collect();
        if let (Some(&first), true) = (left.first(), left.len() == runs.len()) {
            return Err(PredictionError::Left { runs: runs.len(), first: first.clone() });
        }
        let arithmetic = notes::of_arithmetic(&runs, &self.device);
        let said = |(place, text): (usize, &Tokenised)| Prediction {
            task: task.clone(),
            read: text.read.clone(),
            notes: notes::of_text(&text.read, length).into_iter().chain(arithmetic.clone()).collect(),
            ..answers(&asking, &groups, &scored, place)
        };
        Ok(read.iter().enumerate().map(said).collect())
    }

    /// Development examples of one of an experiment's tasks, its first if none is named; read once.
    ///
    /// # Errors
    /// The experiment has no such task, or no run of it; the data are gone or others now.
    pub fn examples(
        &self,
        of: ExperimentRef<'_>,
        task: Option<TaskName>,
    ) -> Result<Vec<TextExample>, PredictionError> {
        let experiment = of.experiment()?;
        let table = table(of.state, of.id).ok_or(PredictionError::Experiment(of.id))?;
        let task = choose::task(&table, &PredictionQuestion { task, ..PredictionQuestion::default() })?;
        let runs = of.state.experiments.get(&of.id).map(|held| &held.runs[..]).unwrap_or_default();
        let specs = runs.iter().filter_map(|run| of.state.runs.get(run)).map(|run| &run.spec);
        let unfinished = || PredictionError::Unfinished { task: task.title().to_owned() };
        let spec = specs.into_iter().find(|spec| spec.task == *task).ok_or_else(unfinished)?;
        let data = experiment.data.as_deref().map(str::trim).filter(|folder| !folder.is_empty());
        self.examples.get(spec, data.map(Path::new))
    }

    /// Gives the memory back if nothing was asked for this long.
    pub fn rest(&self, unused: Duration) {
        if let Ok(mut kept) = self.kept.try_lock()
            && kept.asked.is_some_and(|asked| asked.elapsed() >= unused)
        {
            *kept = Cached::default();
        }
    }

    /// What is kept, once nobody else uses it.
    fn kept(&self, go_on: &dyn Fn() -> bool) -> Result<MutexGuard<'_, Cached>, PredictionError> {
        let begin = Instant::now();
        loop {
            match self.kept.try_lock() {
                Ok(kept) => return Ok(kept),
                // What a panic left half made is not used.
                Err(TryLockError::Poisoned(left)) => {
                    let mut kept = left.into_inner();
                    *kept = Cached::default();
                    self.kept.clear_poison();
                    return Ok(kept);
                }
                Err(TryLockError::WouldBlock) if !go_on() => return Err(PredictionError::Stopped),
                Err(TryLockError::WouldBlock) if begin.elapsed() > WAIT_TIMEOUT => {
                    return Err(PredictionError::Busy);
                }
                Err(TryLockError::WouldBlock) => std::thread::sleep(POLL_INTERVAL),
            }
        }
    }
}
