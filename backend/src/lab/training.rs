use super::LabError;
use super::control::{Control, Turn};
use super::evaluation::evaluate;
use super::job::Job;
use super::journal::Journal;
use super::member::Member;
use super::resources::Resources;
use crate::data::TaskData;
use crate::engine::{EncoderConfig, Gang, MemberStep, Objective};
use std::sync::Arc;
use std::time::Instant;
use tunemask_shared::event::What;
use tunemask_shared::task::Kind;

/// Where a gang trains.
#[derive(Clone, Debug)]
pub(super) struct Workplace {
    /// The device: `cpu`.
    pub(super) device: String,
    /// Where its lines go.
    pub(super) journal: Journal,
    /// What it is told between two steps.
    pub(super) control: Arc<Control>,
    /// Its models and data.
    pub(super) resources: Arc<Resources>,
}

/// Trains a gang until each of its runs is over, or the program ends.
///
/// # Errors
/// The log cannot be written. What is wrong with a run is a line of the log.
pub(super) fn train(jobs: &[Job], place: &Workplace) -> Result<(), LabError> {
    match Training::prepare(jobs, place) {
        Ok((mut training, gang)) => training.go(gang),
        Err(reason) => place.journal.append(failures(jobs, &reason)),
    }
}

/// The last lines of runs that all failed for one reason.
pub(super) fn failures(jobs: &[Job], reason: &str) -> Vec<What> {
    jobs.iter().map(|job| What::Failed { run: job.run.clone(), reason: reason.to_owned() }).collect()
}

struct Training<'a> {
    place: &'a Workplace,
    first: &'a Job,
    data: Arc<TaskData>,
    members: Vec<Member>,
}

impl<'a> Training<'a> {
    fn prepare(jobs: &'a [Job], place: &'a Workplace) -> Result<(Self, Gang), String> {
        let first = jobs.first().ok_or("no run to train")?;
        let model = place.resources.model(first)?;
        let data = place.resources.data(first, &model)?;
        let mut members = Vec::with_capacity(jobs.len());
        let mut join = Vec::with_capacity(jobs.len());
        for job in jobs {
            let (member, joins) = Member::new(job, &model, data.train.len())?;
            members.push(member);
            join.push(joins);
        }
        let mut config: EncoderConfig = model.config;
        if let Some(dropout) = first.spec.dropout {
            config.hidden_dropout = dropout as f32;
            config.attention_dropout = dropout as f32;
        }
        let objective = match first.spec.task.kind() {
            Kind::Classification(labels) => Objective::Classification(labels.len()),
            Kind::Regression(..) => Objective::Regression,
            Kind::Tagging(_) => {
                return Err("token classification is not trained in this version".to_owned());
            }
        };
        let gang = Gang::new(config, model.weights.clone(), objective, join).map_err(|e| e.to_string())?;
        Ok((Self { place, first, data, members }, gang))
    }

    fn go(&mut self, mut gang: Gang) -> Result<(), LabError> {
        let data = self.data.clone();
        let started = self.members.iter().map(|m| m.started(&self.place.device, &data)).collect();
        self.place.journal.append(started)?;
        let spec = &self.first.spec;
        let steps_per_epoch = data.train.len().div_ceil(spec.batch_size as usize);
        for epoch in 0..spec.epochs as usize {
            for step in epoch * steps_per_epoch..(epoch + 1) * steps_per_epoch {
                if !self.turn()? {
                    return Ok(());
                }
                if let Err(reason) = self.step(&mut gang, step, &data)? {
                    return self.end_all(&reason);
                }
            }
            let clock = Instant::now();
            let mut told = Ok(true);
            let scores = evaluate(&mut gang, self.members.len(), spec.task, &data, || {
                told = self.turn();
                matches!(told, Ok(true))
            });
            let secs = clock.elapsed().as_secs_f64();
            told?;
            match scores {
                Ok(Some(scores)) => {
                    let members = self.members.iter_mut().zip(scores);
                    let lines = members.flat_map(|(m, s)| m.evaluated(epoch as u32 + 1, s, secs)).collect();
                    self.place.journal.push(lines)?;
                }
                Ok(None) => return Ok(()),
                Err(error) => return self.end_all(&error.to_string()),
            }
        }
        let members = self.members.iter_mut().enumerate();
        self.place.journal.append(members.flat_map(|(i, m)| m.finished(&gang, i)).collect())
    }

    /// Takes one step; the inner error is the reason why the gang cannot go on.
    fn step(
        &mut self,
        gang: &mut Gang,
        step: usize,
        data: &TaskData,
    ) -> Result<Result<(), String>, LabError> {
        let batches: Vec<_> = self.members.iter_mut().map(|m| m.batch(step, data)).collect();
        let steps: Vec<MemberStep<'_>> = self
            .members
            .iter()
            .zip(&batches)
            .map(|(m, batch)| MemberStep { batch, learning_rate: m.learning_rate(step) })
            .collect();
        let clock = Instant::now();
        let reports = match gang.step(&steps) {
            Ok(reports) => reports,
            Err(error) => return Ok(Err(error.to_string())),
        };
        let secs = clock.elapsed().as_secs_f64();
        let mut lines = Vec::new();
        for ((member, batch), report) in self.members.iter_mut().zip(&batches).zip(reports) {
            let tokens = batch.iter().map(|sequence| sequence.ids.len() as u64).sum();
            lines.extend(member.stepped(step, report, tokens, secs));
        }
        if !lines.is_empty() {
            self.place.journal.push(lines)?;
        }
        Ok(Ok(()))
    }

    /// Does what was asked since the last step. Says whether a run is left to train.
    fn turn(&mut self) -> Result<bool, LabError> {
        let Workplace { journal, control, .. } = self.place;
        if control.is_paused() {
            // What was trained is shown before the wait.
            journal.push(self.members.iter_mut().flat_map(Member::flush).collect())?;
        }
        if self.members.iter().all(Member::is_over) {
            // The last lines may still be on their way, and the foreman is about to read the state.
            journal.append(Vec::new())?;
            return Ok(false);
        }
        let left = self.members.iter().filter(|m| !m.is_over()).map(Member::run);
        let (over, stop) = match control.turn(left.clone()) {
            Turn::Go(cancelled) => (cancelled, false),
            Turn::Stop => (left.cloned().collect(), true),
        };
        let mut lines = Vec::new();
        for run in over {
            let last = if stop {
                What::Interrupted { run: run.clone() }
            } else {
                What::Cancelled { run: run.clone() }
            };
            let member = self.members.iter_mut().find(|m| *m.run() == run);
            lines.extend(member.map(|m| m.end(last)).unwrap_or_default());
        }
        if !lines.is_empty() {
            journal.append(lines)?;
        }
        Ok(self.members.iter().any(|m| !m.is_over()))
    }

    fn end_all(&mut self, reason: &str) -> Result<(), LabError> {
        let end = |m: &mut Member| m.end(What::Failed { run: m.run().clone(), reason: reason.to_owned() });
        self.place.journal.append(self.members.iter_mut().flat_map(end).collect())
    }
}
