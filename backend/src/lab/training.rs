use super::LabError;
use super::control::{Control, Turn};
use super::curve::shares;
use super::evaluation::{evaluate, truth};
use super::job::Job;
use super::journal::Journal;
use super::member::Member;
use super::resources::Resources;
use super::saves::Saves;
use crate::artifacts::{ArtifactError, Artifacts, Product};
use crate::data::TaskData;
use crate::model::Model;
use std::sync::Arc;
use std::time::Instant;
use tunemask_engine::{Device, EncoderConfig, EngineError, Gang, MemberStep, Objective, Sequence};
use tunemask_shared::event::What;
use tunemask_shared::run::{ENGINE_VERSION, RunId};

/// Where a gang trains.
#[derive(Clone, Debug)]
pub(super) struct Workplace {
    /// What trains.
    pub(super) device: Device,
    /// Where its lines go.
    pub(super) journal: Journal,
    /// What it is told between two steps.
    pub(super) control: Arc<Control>,
    /// Its models and data.
    pub(super) resources: Arc<Resources>,
    /// What its runs have become.
    pub(super) artifacts: Artifacts,
}

/// How a gang ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// Each of its runs is over, or the program ends.
    Over,
    /// The device fails whatever it is asked for.
    Lost {
        /// Those that are interrupted by it.
        runs: Vec<RunId>,
        /// What it said.
        why: String,
    },
}

/// Trains a gang until each of its runs is over, the device is lost, or the program ends.
///
/// # Errors
/// The log cannot be written. What is wrong with a run is a line of the log.
pub(super) fn train(jobs: &[Job], place: &Workplace) -> Result<Ended, LabError> {
    // Before anything is read: should that end the program, its next start must not begin with it again.
    let runs = jobs.iter().map(|job| job.run.clone()).collect();
    place.journal.append(vec![What::Preparing { runs }])?;
    match prepare(jobs, place) {
        Ok((gang, members)) => gang.go(members),
        Err(reason) => place.journal.append(failures(jobs, &reason)).map(|()| Ended::Over),
    }
}

/// The last lines of runs that all failed for one reason.
pub(super) fn failures(jobs: &[Job], reason: &str) -> Vec<What> {
    jobs.iter().map(|job| What::Failed { run: job.run.clone(), reason: reason.to_owned() }).collect()
}

fn prepare<'a>(jobs: &'a [Job], place: &'a Workplace) -> Result<(Training<'a>, Vec<Member>), String> {
    let first = jobs.first().ok_or("no run to train")?;
    if first.spec.engine != ENGINE_VERSION {
        // Its name says that it was computed otherwise than it would be now.
        return Err("another version of tunemask began it, and this one's results are others; \
                    start its experiment again, and it becomes a run of its own"
            .into());
    }
    let (wanted, own) = (first.spec.numbers.unwrap_or_default(), place.device.numbers());
    if wanted != own {
        let (wanted, own) = (wanted.name(), own.name());
        return Err(format!(
            "it began with {wanted} and this program computes with {own}; start it with {} to go on",
            first.spec.numbers.unwrap_or_default().asked()
        ));
    }
    let model = place.resources.model(first)?;
    let data = place.resources.data(first, &model)?;
    let mut members = Vec::with_capacity(jobs.len());
    for job in jobs {
        // One that is ahead of the log is of an earlier try: this one starts anew.
        let (checkpoint, refused) = match place.artifacts.load(&job.run.0) {
            Ok(checkpoint) => (checkpoint, None),
            Err(error) => (
                None,
                Some(format!("Run {} started anew, its checkpoint could not be used: {error}.", job.run)),
            ),
        };
        let checkpoint = checkpoint.filter(|c| u64::from(c.state.steps) <= job.logged.step);
        let mut member = Member::new(job, &model, data.train.len(), checkpoint)?;
        if let Some(note) = refused {
            tracing::warn!("{note}");
            member.note(note);
        }
        members.push(member);
    }
    let mut config: EncoderConfig = model.config;
    if let Some(dropout) = first.spec.dropout {
        config = config.with_dropout(dropout as f32);
    }
    let objective = Objective::from(first.spec.task.kind());
    Ok((Training { place, first, model, data, config, objective }, members))
}

/// What all members of a gang have in common.
struct Training<'a> {
    place: &'a Workplace,
    first: &'a Job,
    model: Arc<Model>,
    data: Arc<TaskData>,
    config: EncoderConfig,
    objective: Objective,
}

/// Why members stop stepping together.
enum Stopped {
    /// They are over, or the program ends.
    Done,
    /// The device has no room for so many.
    TooLarge,
    /// The device fails whatever it is asked for.
    Lost(String),
}

impl Training<'_> {
    fn go(&self, members: Vec<Member>) -> Result<Ended, LabError> {
        let label = self.place.device.label();
        // One of them says it for all.
        let mut notes = self.model.notes.clone();
        notes.extend(self.data.report.remarks(self.first.spec.task));
        let started = |m: &Member| m.started(&label, &self.data, std::mem::take(&mut notes), members.len());
        let started = members.iter().map(started).collect();
        self.place.journal.append(started)?;
        // A gang for which the device has no room goes on in halves, one after the other.
        let mut waiting = vec![members];
        while let Some(mut members) = waiting.pop() {
            match self.together(&mut members)? {
                Stopped::TooLarge => {
                    let half = members.split_off(members.len().div_ceil(2));
                    tracing::warn!(
                        "the device has no room for {} runs at once; they go on in halves",
                        members.len() + half.len()
                    );
                    waiting.extend([half, members]);
                }
                // Those that wait end with them.
                Stopped::Lost(why) => {
                    // The gang that was on it has been dropped: a driver gives a new context only then.
                    let why = match self.place.device.reopen() {
                        Ok(()) => format!("{why}; it was opened anew, let the queue go on to try again"),
                        Err(error) => {
                            format!("{why}; start tunemask again, it cannot be opened anew: {error}")
                        }
                    };
                    let runs = self.interrupt(waiting.into_iter().flatten().chain(members))?;
                    return Ok(Ended::Lost { runs, why });
                }
                Stopped::Done if members.iter().any(|m| !m.is_over()) => {
                    self.interrupt(waiting.into_iter().flatten().chain(members))?;
                    return Ok(Ended::Over);
                }
                Stopped::Done => {}
            }
        }
        Ok(Ended::Over)
    }

    /// Ends what can go on later.
    fn interrupt(&self, members: impl Iterator<Item = Member>) -> Result<Vec<RunId>, LabError> {
        let (mut runs, mut lines) = (Vec::new(), Vec::new());
        for mut member in members.filter(|m| !m.is_over()) {
            lines.extend(member.end(What::Interrupted { run: member.run().clone() }));
            runs.push(member.run().clone());
        }
        self.place.journal.append(lines)?;
        Ok(runs)
    }

    fn gang(&self, members: &mut [Member]) -> Result<Gang, EngineError> {
        let joins = members.iter().map(|m| m.joins().clone()).collect();
        let mut gang =
            Gang::on(&self.place.device, self.config, self.model.weights.clone(), self.objective, joins)?;
        for (i, member) in members.iter().enumerate() {
            if let Some(state) = member.state() {
                gang.restore(i, state.clone())?;
            }
        }
        // Only now: a device that has no room leaves them to smaller gangs.
        members.iter_mut().for_each(Member::forget_state);
        Ok(gang)
    }

    /// Steps members together until all are over; those that end leave the gang.
    fn together(&self, members: &mut Vec<Member>) -> Result<Stopped, LabError> {
        let mut gang = match self.gang(members) {
            Ok(gang) => gang,
            Err(error) => return self.stopped_by(members, &error),
        };
        let mut saves = Saves::new();
        loop {
            if self.turn(&mut gang, members)? {
                return Ok(Stopped::Done);
            }
            let mut done = self.evaluate(&mut gang, members)?;
            self.drop_ended(&mut gang, members);
            if members.is_empty() {
                // The last lines may still be on their way, and the foreman is about to read the state.
                self.place.journal.append(Vec::new())?;
                return Ok(Stopped::Done);
            }
            self.save(&gang, members, &mut saves)?;
            if done.is_ok() && !self.place.control.is_stopped() {
                done = self.step(&mut gang, members)?;
            }
            if let Err(error) = done {
                for (i, member) in members.iter_mut().enumerate() {
                    match gang.state(i) {
                        Ok(state) => member.leave(state),
                        Err(error) => return self.stopped_by(members, &error),
                    }
                }
                return self.stopped_by(members, &error);
            }
            self.drop_ended(&mut gang, members);
        }
    }

    fn stopped_by(&self, members: &mut Vec<Member>, error: &EngineError) -> Result<Stopped, LabError> {
        if let EngineError::Lost(_) = error {
            return Ok(Stopped::Lost(error.to_string()));
        }
        if matches!(error, EngineError::Memory { .. }) && members.len() > 1 {
            return Ok(Stopped::TooLarge);
        }
        let reason = error.to_string();
        let end = |m: &mut Member| m.end(What::Failed { run: m.run().clone(), reason: reason.clone() });
        self.place.journal.append(members.iter_mut().flat_map(end).collect())?;
        members.clear();
        Ok(Stopped::Done)
    }

    fn drop_ended(&self, gang: &mut Gang, members: &mut Vec<Member>) {
        for i in (0..members.len()).rev() {
            if members[i].is_over() {
                gang.retire(i);
                members.remove(i);
            }
        }
    }

    /// Takes one step; the inner error is the reason why the gang cannot go on.
    fn step(&self, gang: &mut Gang, members: &mut [Member]) -> Result<Result<(), EngineError>, LabError> {
        let batches: Vec<_> = members.iter_mut().map(|m| m.batch(&self.data)).collect();
        let steps: Vec<MemberStep<'_>> = members
            .iter()
            .zip(&batches)
            .map(|(m, batch)| MemberStep { batch, learning_rate: m.learning_rate() })
            .collect();
        let clock = Instant::now();
        let reports = match gang.step(&steps) {
            Ok(reports) => reports,
            Err(error) => return Ok(Err(error)),
        };
        let secs = clock.elapsed().as_secs_f64();
        let mut lines = Vec::new();
        let tokens_of = |batch: &Vec<Sequence<'_>>| batch.iter().map(|s| s.ids.len() as u64).sum();
        let tokens: Vec<u64> = batches.iter().map(tokens_of).collect();
        let products: Vec<f64> = members.iter().zip(&tokens).map(|(m, &tokens)| m.products(tokens)).collect();
        let shares = shares(&products, secs);
        for (((member, tokens), report), secs) in members.iter_mut().zip(tokens).zip(reports).zip(shares) {
            lines.extend(member.stepped(report, tokens, secs));
        }
        if !lines.is_empty() {
            self.place.journal.push(lines)?;
        }
        Ok(Ok(()))
    }

    /// Scores the members whose epoch has ended, and ends those for which it was the last.
    fn evaluate(&self, gang: &mut Gang, members: &mut [Member]) -> Result<Result<(), EngineError>, LabError> {
        let ended = members.iter().enumerate().filter_map(|(i, m)| Some((i, m.epoch_ended()?)));
        let ended: Vec<(usize, u32)> = ended.collect();
        if ended.is_empty() {
            return Ok(Ok(()));
        }
        let clock = Instant::now();
        let places: Vec<usize> = ended.iter().map(|(i, _)| *i).collect();
        // A pause may wait; whoever is cancelled is so after the scores, and the program's end does not wait for them.
        let go_on = || !self.place.control.is_stopped();
        let scored = match evaluate(gang, &places, &self.first.spec, &self.data, go_on) {
            Ok(Some(scored)) => scored,
            Ok(None) => return Ok(Ok(())),
            Err(error) => return Ok(Err(error)),
        };
        let secs = clock.elapsed().as_secs_f64() / ended.len() as f64;
        let trained: Result<Vec<&[f32]>, _> = places.iter().map(|&i| gang.trained(i)).collect();
        let done: Vec<usize> = places.iter().copied().filter(|&i| members[i].is_trained()).collect();
        let unchanged = if done.is_empty() { Ok(Vec::new()) } else { gang.frozen_unchanged(&done) };
        let (trained, unchanged) = match (trained, unchanged) {
            (Ok(trained), Ok(unchanged)) => (trained, unchanged),
            (Err(error), _) | (_, Err(error)) => return Ok(Err(error)),
        };
        let mut lines = Vec::new();
        for (((i, epoch), (scores, predictions)), values) in ended.into_iter().zip(scored).zip(trained) {
            let member = &mut members[i];
            lines.extend(member.evaluated(epoch, scores, secs, values, &predictions));
            if let Some(place) = done.iter().position(|&own| own == i) {
                let truth = self.data.development.iter().map(|set| truth(set)).collect();
                let last = Product { epoch, trained: values.to_vec(), predictions };
                let left = member.trained(last, truth);
                // A run has finished when what it leaves is on the disk.
                let end = match self.place.artifacts.finish(&member.run().0, &left, member.keep()) {
                    Ok(()) => member.finished(values, unchanged[place]),
                    Err(error) => lost(member, &error),
                };
                lines.extend(end);
            }
        }
        let finished = |line: &What| matches!(line, What::Finished { .. });
        let saved: Vec<RunId> =
            lines.iter().filter(|line| finished(line)).filter_map(|line| line.run().cloned()).collect();
        self.place.journal.append(lines)?;
        // Only now: what is written down as finished needs its checkpoint no more.
        saved.iter().for_each(|run| self.place.artifacts.remove(&run.0));
        Ok(Ok(()))
    }

    /// Writes checkpoints of those for which it is time.
    fn save(&self, gang: &Gang, members: &mut [Member], saves: &mut Saves) -> Result<(), LabError> {
        if saves.are_due() {
            members.iter_mut().for_each(Member::is_due);
        }
        for (i, member) in members.iter_mut().enumerate() {
            if member.wants_checkpoint() {
                let clock = Instant::now();
                self.save_one(gang, i, member)?;
                saves.took(clock.elapsed());
            }
        }
        Ok(())
    }

    fn save_one(&self, gang: &Gang, i: usize, member: &mut Member) -> Result<(), LabError> {
        // First the curve, then what goes on from its end: a run never resumes ahead of its log.
        self.place.journal.append(member.flush())?;
        let line = match gang.state(i) {
            Ok(state) => {
                let checkpoint = member.checkpoint(state);
                match self.place.artifacts.save(&member.run().0, &checkpoint) {
                    Ok(()) => What::Checkpointed {
                        run: member.run().clone(),
                        step: member.step() as u64,
                        failure: None,
                    },
                    Err(error) => not_saved(member, &error),
                }
            }
            Err(error) => not_saved(member, &error),
        };
        self.place.journal.push(vec![line])
    }

    /// Does what was asked since the last step; those that end leave. Says whether the program ends.
    fn turn(&self, gang: &mut Gang, members: &mut Vec<Member>) -> Result<bool, LabError> {
        let Workplace { journal, control, .. } = self.place;
        if control.is_paused() {
            // What was trained is shown before the wait.
            journal.push(members.iter_mut().flat_map(Member::flush).collect())?;
        }
        // Again after a cancel: if the queue is paused, the others go on waiting.
        while !members.is_empty() {
            let cancelled = match control.turn(members.iter().map(Member::run)) {
                Turn::Go(cancelled) if cancelled.is_empty() => break,
                Turn::Go(cancelled) => cancelled,
                Turn::Stop => {
                    for (i, member) in members.iter_mut().enumerate() {
                        self.save_one(gang, i, member)?;
                    }
                    return Ok(true);
                }
            };
            let mut lines = Vec::new();
            for run in cancelled {
                if let Some(i) = members.iter().position(|m| *m.run() == run) {
                    self.save_one(gang, i, &mut members[i])?;
                    lines.extend(members[i].end(What::Cancelled { run }));
                }
            }
            journal.append(lines)?;
            self.drop_ended(gang, members);
        }
        Ok(false)
    }
}

/// The end of a run of which nothing could be kept: it goes on from its last checkpoint when it is tried again.
fn lost(member: &mut Member, error: &ArtifactError) -> Vec<What> {
    let saved = not_saved(member, error);
    let reason = format!("trained to its end, but what it became is not saved: {error}; then try it again");
    let mut lines = member.end(What::Failed { run: member.run().clone(), reason });
    lines.insert(0, saved);
    lines
}

fn not_saved(member: &Member, error: &impl std::fmt::Display) -> What {
    tracing::error!("{error}");
    let (run, step) = (member.run().clone(), member.step() as u64);
    What::Checkpointed { run, step, failure: Some(error.to_string()) }
}
