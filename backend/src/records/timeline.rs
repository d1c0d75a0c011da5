//! What was measured of a run, step by step: points and evaluations in one order, as boards show them.

use super::RecordsError;
use super::points::figures;
use crate::store::Reader;
use tunemask_shared::event::{Evaluation, Points};
use tunemask_shared::run::RunId;
use tunemask_shared::state::RunState;

/// All that was measured at a step.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Moment {
    pub(super) step: u64,
    /// Seconds of training since the run started.
    pub(super) elapsed_secs: f64,
    /// Each figure with its tag.
    pub(super) scalars: Vec<Scalar>,
}

/// A figure.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Scalar {
    /// `train/loss`, `eval/accuracy`; of a further development set `eval/mismatched/accuracy`.
    pub(super) tag: String,
    pub(super) value: f64,
}

/// Hands the moments of a run to `take`, in the order of their steps, a line of the log at a time. An evaluation belongs to
/// the step that it came after.
///
/// # Errors
/// The log cannot be read; what `take` says.
pub(super) fn each_moment(
    reader: &Reader,
    id: &RunId,
    run: &RunState,
    mut take: impl FnMut(Moment) -> Result<(), RecordsError>,
) -> Result<(), RecordsError> {
    let mut evaluations = run.evaluations.iter().peekable();
    let mut elapsed_secs = 0.0;
    reader.each_points(id, |points| {
        for moment in moments(&points) {
            while let Some(earlier) = evaluations.next_if(|evaluation| evaluation.step < moment.step) {
                take(alone(run, earlier, elapsed_secs))?;
            }
            elapsed_secs = moment.elapsed_secs;
            let mut moment = moment;
            while let Some(evaluation) = evaluations.next_if(|evaluation| evaluation.step == moment.step) {
                moment.scalars.extend(scores(run, evaluation));
            }
            take(moment)?;
        }
        Ok::<(), RecordsError>(())
    })?;
    evaluations.try_for_each(|evaluation| take(alone(run, evaluation, elapsed_secs)))
}

/// The tag of a metric on a development set.
pub(super) fn tag(run: &RunState, metric: tunemask_shared::metric::Metric, set: u8) -> String {
    match run.spec.task.development_sets().get(usize::from(set)) {
        Some(name) if set > 0 => format!("eval/{name}/{}", metric.name()),
        _ => format!("eval/{}", metric.name()),
    }
}

/// Every figure of each step but the time, which is where the step stands.
fn moments(points: &Points) -> impl Iterator<Item = Moment> {
    points.step.iter().enumerate().map(|(i, &step)| {
        let shown = figures(points).into_iter().filter(|figure| figure.name != "elapsed_secs");
        let scalars = shown
            .filter_map(|figure| {
                Some(Scalar { tag: format!("train/{}", figure.name), value: *figure.values.get(i)? })
            })
            .collect();
        Moment { step, elapsed_secs: points.elapsed_secs.get(i).copied().unwrap_or_default(), scalars }
    })
}

fn alone(run: &RunState, evaluation: &Evaluation, elapsed_secs: f64) -> Moment {
    Moment { step: evaluation.step, elapsed_secs, scalars: scores(run, evaluation).collect() }
}

fn scores<'a>(run: &'a RunState, evaluation: &'a Evaluation) -> impl Iterator<Item = Scalar> + 'a {
    let scalar = |score: &tunemask_shared::metric::Score| Scalar {
        tag: tag(run, score.metric, score.set),
        value: score.value,
    };
    evaluation.scores.iter().map(scalar)
}
