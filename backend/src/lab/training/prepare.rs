//! What a gang needs before its first step.

use super::context::{TrainContext, Training};
use crate::data::Example;
use crate::lab::error::PrepareError;
use crate::lab::job::{Job, Logged};
use crate::lab::member::Member;
use crate::lab::trainers::Trainers;
use crate::model::Model;
use std::num::NonZeroUsize;
use tunemask_engine::{Averaging, Objective};
use tunemask_shared::event::EventKind;
use tunemask_shared::experiment::EngineKind;
use tunemask_shared::run::{Arithmetic, ENGINE_VERSION, RunSpec};

/// Jobs by whether a device can train them.
#[derive(Debug)]
pub(super) struct Parted {
    pub(super) able: Vec<Job>,
    pub(super) unable: Vec<Job>,
}

/// Parts those that none of `trainers` can train from the others of their gang: an engine takes all of them or none.
pub(super) fn parted(jobs: &[Job], trainers: Trainers) -> Parted {
    let (able, unable) = jobs.iter().cloned().partition(|job| trainers.can_train(&job.spec));
    Parted { able, unable }
}

/// Reads model, data and checkpoints. `first` is one of the runs.
///
/// # Errors
/// Why none of them can begin.
pub(super) fn prepare<'a>(
    first: &'a Job,
    jobs: &[Job],
    context: &'a TrainContext,
) -> Result<(Training<'a>, Vec<Prepared>), PrepareError> {
    check_arithmetic(&first.spec, context)?;
    let model = context.resources.model(first)?;
    let data = context.resources.data(first, &model)?;
    let members = jobs.iter().map(|job| member(job, &model, data.train.len(), context));
    let members = members.collect::<Result<_, _>>()?;
    let config = match first.spec.dropout {
        Some(dropout) => model.config.with_dropout(dropout as f32),
        None => model.config,
    };
    let objective = Objective::from(first.spec.task.kind());
    let averaging = averaging(&first.spec, &data.train);
    Ok((Training { context, first, model, data, config, objective, averaging }, members))
}

/// What the losses of runs like this one are the mean of, on these training examples.
fn averaging(spec: &RunSpec, train: &[Example]) -> Averaging {
    let batch = NonZeroUsize::new(spec.batch_size as usize);
    let class_weights = spec.class_weights.as_ref().map(|weights| {
        let mut counts = vec![0; spec.task.kind().outputs()];
        for target in train.iter().flat_map(|example| &example.targets) {
            if let Some(count) = counts.get_mut(*target as usize) {
                *count += 1;
            }
        }
        weights.of(&counts).into_iter().map(|weight| weight as f32).collect()
    });
    Averaging { sequences_at_once: batch.filter(|_| spec.gradient_accumulation > 1), class_weights }
}

/// Whether this program would compute a run as it began.
fn check_arithmetic(spec: &RunSpec, context: &TrainContext) -> Result<(), PrepareError> {
    if spec.engine != ENGINE_VERSION {
        // Its name says that it was computed otherwise than it would be now.
        return Err(PrepareError::OtherVersion);
    }
    let (wanted, own) = (spec.precision.unwrap_or_default(), context.device.precision());
    // The reference engine leaves the device alone.
    if wanted == own || spec.engine_kind == EngineKind::Candle {
        Ok(())
    } else {
        Err(PrepareError::OtherPrecision { wanted, own })
    }
}

/// A run that is about to train.
pub(super) struct Prepared {
    pub(super) member: Member,
    /// The line that says that it starts anew, though the log has a part of its curve.
    again: Option<EventKind>,
}

impl Prepared {
    /// The line that says that it starts anew, if it does.
    pub(super) fn again(&self) -> Option<EventKind> {
        self.again.clone()
    }
}

/// A run that goes on from its checkpoint, if it has one that can be used.
fn member(
    job: &Job,
    model: &Model,
    examples: usize,
    context: &TrainContext,
) -> Result<Prepared, PrepareError> {
    let own = context.node.arithmetic.clone();
    if !job.logged.goes_on_with(&own) {
        return anew(job, model, examples, &own);
    }
    let (checkpoint, refused) = match context.artifacts.load(&job.run.0) {
        Ok(checkpoint) => (checkpoint, None),
        Err(error) => {
            let run = &job.run;
            (
                None,
                Some(format!(
                    "Run {run} started again from the beginning, because its checkpoint could \
                                 not be used: {error}."
                )),
            )
        }
    };
    // A checkpoint ahead of the log belongs to an earlier attempt; ignore it.
    let checkpoint = checkpoint.filter(|c| u64::from(c.state.steps) <= job.logged.step);
    // One of another kind of machine is of a copy that does not count.
    let checkpoint = checkpoint.filter(|c| c.arithmetic.as_ref().is_none_or(|saved| *saved == own));
    let mut member = Member::new(job, model, examples, checkpoint)?.with_repeats(context.repeats);
    if let Some(note) = refused {
        tracing::warn!("{note}");
        member.note(note);
    }
    Ok(Prepared { member, again: None })
}

/// A run that was begun where other bits are computed: a curve is of one kind of machine.
fn anew(job: &Job, model: &Model, examples: usize, own: &Arithmetic) -> Result<Prepared, PrepareError> {
    let Job { run, spec, trainable, alone, .. } = job.clone();
    let before = job.logged.arithmetic.as_ref().map_or("another", |before| before.0.as_str());
    let note = format!(
        "Run {run} started again from the beginning, because it was begun on another kind of machine ({before}, now \
         {own}), whose bits differ."
    );
    let again = EventKind::Queued { run, spec: Box::new(spec), trainable, alone };
    let mut member = Member::new(&Job { logged: Logged::default(), ..job.clone() }, model, examples, None)?;
    member.note(note);
    Ok(Prepared { member, again: Some(again) })
}
