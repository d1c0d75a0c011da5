//! The training of a gang: load, then round after round of steps, scores and checkpoints until its runs are over.
//!
//! All that comes out of it is lines of the log. A gang for which the device has no room goes on in halves, one after
//! the other. In reading order:

/// Where it trains, and what its members have in common.
mod context;
/// What it needs before its first step.
mod prepare;
/// Its members with their slots.
mod active;
/// Why it steps no further.
mod outcome;
/// A round.
mod step;
/// Learning rates that are retired.
mod halving;
/// The end of an epoch.
mod epoch;
/// How checkpoints are saved.
mod saving;

pub(super) use context::TrainContext;

use super::LabError;
use super::gone::GoneRun;
use super::job::Job;
use super::member::Member;
use super::saves::Saves;
use super::trainers::Trainers;
use active::ActiveGang;
use context::Training;
use outcome::Stop;
use prepare::{Parted, Prepared, parted, prepare};
use tunemask_engine::{DeviceError, Effect, EngineError};
use tunemask_shared::event::EventKind;
use tunemask_shared::experiment::EngineKind;
use tunemask_shared::failure::FailureCause;
use tunemask_shared::run::RunId;

/// How a gang ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// Each of its runs is over, or the program ends.
    Over,
    /// The device fails whatever it is asked for.
    Lost {
        /// Those that are interrupted by it.
        runs: Vec<RunId>,
        /// What the device reported.
        why: String,
    },
    /// Who trained it is gone: another may go on.
    Gone {
        /// Those that were not over.
        runs: Vec<GoneRun>,
        /// How it ended.
        why: String,
    },
}

/// Trains a gang until each of its runs is over, the device is lost, or the program ends.
///
/// # Errors
/// The log cannot be written. What is wrong with a run is a line of the log.
pub(super) fn train(jobs: &[Job], context: &TrainContext) -> Result<Ended, LabError> {
    if jobs.is_empty() {
        return Ok(Ended::Over);
    }
    // Before anything is read: should that end the program, its next start must not begin with it again.
    let runs = jobs.iter().map(|job| job.run.clone()).collect();
    context.journal.append(vec![EventKind::Preparing { runs }])?;
    // Its queue was another device's: they end, and those that it can train go on without them.
    let Parted { able, unable } = parted(jobs, Trainers::of(&context.device));
    if !unable.is_empty() {
        context.journal.append(failures(&unable, &DeviceError::ProcessorOnly.to_string()))?;
    }
    let Some(first) = able.first() else { return Ok(Ended::Over) };
    match prepare(first, &able, context) {
        Ok((training, members)) => {
            context.journal.append(members.iter().filter_map(Prepared::again).collect())?;
            training.run(members.into_iter().map(|prepared| prepared.member).collect())
        }
        Err(error) => context.journal.append(failures(&able, &error.to_string())).map(|()| Ended::Over),
    }
}

/// The last lines of runs that all failed for one reason.
pub(super) fn failures(jobs: &[Job], reason: &str) -> Vec<EventKind> {
    jobs.iter().map(|job| EventKind::failed(job.run.clone(), reason)).collect()
}

/// Why members stop stepping together.
enum Stopped {
    /// All are over.
    Done,
    /// The program ends before they are over.
    Shutdown(Vec<Member>),
    /// The device has no room for so many.
    TooLarge(Vec<Member>),
    /// The device fails whatever it is asked for.
    Lost { members: Vec<Member>, why: String },
}

impl Training<'_> {
    fn run(&self, members: Vec<Member>) -> Result<Ended, LabError> {
        self.write_started(&members)?;
        let mut waiting = vec![members];
        while let Some(members) = waiting.pop() {
            match self.train_until_done(members)? {
                Stopped::Done => {}
                Stopped::TooLarge(mut members) => {
                    let count = members.len();
                    tracing::warn!("the device has no room for {count} runs at once; they go on in halves");
                    let half = members.split_off(count.div_ceil(2));
                    waiting.extend([half, members]);
                }
                // Those that wait end with them.
                Stopped::Shutdown(members) => {
                    self.interrupt(waiting.into_iter().flatten().chain(members))?;
                    return Ok(Ended::Over);
                }
                Stopped::Lost { members, why } => {
                    let why = self.reopen(&why);
                    let runs = self.interrupt(waiting.into_iter().flatten().chain(members))?;
                    return Ok(Ended::Lost { runs, why });
                }
            }
        }
        Ok(Ended::Over)
    }

    fn write_started(&self, members: &[Member]) -> Result<(), LabError> {
        let label = match self.first.spec.engine_kind {
            EngineKind::Tunemask => self.context.device.label(),
            EngineKind::Candle => "cpu, candle".into(),
        };
        // One of them says it for all.
        let mut notes = self.model.notes.clone();
        notes.extend(self.data.report.remarks(&self.first.spec.task));
        let lines = members.iter().map(|member| {
            member.started(
                &label,
                self.context.node.clone(),
                &self.data,
                std::mem::take(&mut notes),
                members.len(),
            )
        });
        self.context.journal.append(lines.collect())
    }

    /// Steps members together until all are over.
    fn train_until_done(&self, members: Vec<Member>) -> Result<Stopped, LabError> {
        let mut gang = match self.gang(&members) {
            Ok(gang) => ActiveGang::new(gang, members),
            Err(error) => return self.gang_failed(members, &error),
        };
        let mut saves = Saves::new();
        loop {
            match self.round(&mut gang, &mut saves) {
                Ok(()) if gang.is_empty() => {
                    // The last lines may still be on their way, and the foreman is about to read the state.
                    self.context.journal.append(Vec::new())?;
                    return Ok(Stopped::Done);
                }
                Ok(()) => {}
                Err(Stop::Log(error)) => return Err(error),
                Err(Stop::Shutdown) => return Ok(Stopped::Shutdown(gang.into_members())),
                Err(Stop::Failed(error)) => {
                    let error = gang.keep_states().err().unwrap_or(error);
                    return self.gang_failed(gang.into_members(), &error);
                }
            }
        }
    }

    /// What becomes of members whose gang cannot go on. The gang has been dropped: a driver opens a device anew only then.
    fn gang_failed(&self, mut members: Vec<Member>, error: &EngineError) -> Result<Stopped, LabError> {
        let reason = error.to_string();
        let cause = match error.effect() {
            Effect::DeviceLost => return Ok(Stopped::Lost { members, why: reason }),
            Effect::TooManyRuns if members.len() > 1 => return Ok(Stopped::TooLarge(members)),
            Effect::TooManyRuns | Effect::NoRoom => FailureCause::OutOfMemory,
            Effect::Failure => FailureCause::Other,
        };
        let lines = members.iter_mut().flat_map(|m| {
            let (run, reason) = (m.run().clone(), reason.clone());
            m.end(EventKind::Failed { run, reason, cause })
        });
        self.context.journal.append(lines.collect())?;
        Ok(Stopped::Done)
    }

    /// Opens a lost device anew; says what became of it.
    fn reopen(&self, why: &str) -> String {
        match self.context.device.reopen() {
            Ok(()) => format!("{why}; it was opened again; resume the queue to try again"),
            Err(error) => format!("{why}; start tunemask again, because it cannot be reopened: {error}"),
        }
    }

    /// Ends what can go on later.
    fn interrupt(&self, members: impl Iterator<Item = Member>) -> Result<Vec<RunId>, LabError> {
        let (mut runs, mut lines) = (Vec::new(), Vec::new());
        for mut member in members.filter(|member| !member.is_over()) {
            lines.extend(member.end(EventKind::Interrupted { run: member.run().clone() }));
            runs.push(member.run().clone());
        }
        self.context.journal.append(lines)?;
        Ok(runs)
    }
}
