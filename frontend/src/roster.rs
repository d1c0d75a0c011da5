//! An experiment's runs: which are shown, how far they are, how long they still take.

use crate::route::View;
use tunemask_shared::event::Evaluation;
use tunemask_shared::metric::Metric;
use tunemask_shared::run::{RunId, RunStatus};
use tunemask_shared::state::{ExperimentState, LabState, RunState};

/// How many runs stand where, and how much of the work is done.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    /// All runs.
    pub runs: usize,
    /// Waiting.
    pub queued: usize,
    /// Training.
    pub running: usize,
    /// Trained to the end.
    pub finished: usize,
    /// Ended by an error.
    pub failed: usize,
    /// Ended by the user or with the program.
    pub stopped: usize,
    /// Share of the work done, 0 to 1; a run that is over counts whole.
    pub done: f64,
    /// Seconds until the last run ends, the gangs one after the other; `None` while nothing is known or to do.
    pub seconds_left: Option<f64>,
}

impl Progress {
    /// Of an experiment.
    pub fn of(lab: &LabState, experiment: &ExperimentState) -> Progress {
        let runs: Vec<&RunState> = experiment.runs.iter().filter_map(|id| lab.runs.get(id)).collect();
        let with = |status: RunStatus| runs.iter().filter(|r| r.status == status).count();
        let stopped = with(RunStatus::Cancelled) + with(RunStatus::Interrupted);
        let work: f64 = runs.iter().map(|r| done(r)).sum();
        Progress {
            runs: experiment.runs.len(),
            queued: with(RunStatus::Queued),
            running: with(RunStatus::Running),
            finished: with(RunStatus::Finished),
            failed: with(RunStatus::Failed),
            stopped,
            done: if runs.is_empty() { 0.0 } else { work / experiment.runs.len() as f64 },
            seconds_left: seconds_left(lab, experiment, &runs),
        }
    }

    /// Whether a run waits or trains.
    pub fn is_active(&self) -> bool {
        self.queued + self.running > 0
    }
    /// Runs that can be tried again.
    pub fn to_retry(&self) -> usize {
        self.failed + self.stopped
    }
}

/// Share of a run that is done.
pub fn done(run: &RunState) -> f64 {
    match run.status.is_over() {
        true => 1.0,
        false if run.steps == 0 => 0.0,
        false => (run.step as f64 / run.steps as f64).min(1.0),
    }
}

/// What trains has its own pace; what waits takes as long as the finished or training runs of its mask and task,
/// or as any. The runs of a gang train at once: it takes as long as the longest of them.
fn seconds_left(lab: &LabState, experiment: &ExperimentState, runs: &[&RunState]) -> Option<f64> {
    let whole = |r: &RunState| match r.status {
        RunStatus::Finished => Some(r.elapsed_secs),
        RunStatus::Running => r.seconds_left().map(|left| r.elapsed_secs + left),
        _ => None,
    };
    let mean = |like: &dyn Fn(&RunState) -> bool| {
        let (mut sum, mut count) = (0.0, 0u32);
        for secs in runs.iter().filter(|r| like(r)).filter_map(|r| whole(r)) {
            sum += secs;
            count += 1;
        }
        (count > 0).then(|| sum / f64::from(count))
    };
    let any = mean(&|_| true)?;
    let left = |r: &RunState| match r.status {
        RunStatus::Running => r.seconds_left().unwrap_or(any),
        RunStatus::Queued => {
            let alike = |o: &RunState| o.spec.mask == r.spec.mask && o.spec.task == r.spec.task;
            mean(&alike).unwrap_or(any)
        }
        _ => 0.0,
    };
    let at = |place: &u32| experiment.runs.get(*place as usize).and_then(|id| lab.runs.get(id));
    let secs = match &experiment.plan {
        Some(plan) => {
            plan.gangs.iter().map(|gang| gang.runs.iter().filter_map(at).map(left).fold(0.0, f64::max)).sum()
        }
        None => runs.iter().map(|r| left(r)).sum(),
    };
    (secs > 0.0).then_some(secs)
}

/// The experiment's runs that the view shows, in their order.
pub fn shown<'a>(
    lab: &'a LabState,
    experiment: &'a ExperimentState,
    view: &View,
) -> Vec<(&'a RunId, &'a RunState)> {
    fn passes(list: &[String], word: &dyn ToString) -> bool {
        list.is_empty() || list.contains(&word.to_string())
    }
    let runs = experiment.runs.iter().filter_map(|id| Some((id, lab.runs.get(id)?)));
    runs.filter(|(_, run)| {
        passes(&view.tasks, &run.spec.task)
            && passes(&view.masks, &run.spec.mask)
            && (view.status.is_empty() || view.status.contains(&run.status))
    })
    .collect()
}

/// The value of the task's first metric at the run's best epoch so far, with that epoch.
pub fn best(run: &RunState) -> Option<(Metric, f64, u32)> {
    let metric = run.spec.task.primary_metric();
    let value = |e: &Evaluation| e.scores.iter().find(|s| s.metric == metric && s.set == 0).map(|s| s.value);
    let mut best: Option<(f64, u32)> = None;
    for evaluation in &run.evaluations {
        let Some(new) = value(evaluation) else { continue };
        if best.is_none_or(|(old, _)| metric.improves(new, old)) {
            best = Some((new, evaluation.epoch));
        }
    }
    best.map(|(value, epoch)| (metric, value, epoch))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use tunemask_shared::experiment::Experiment;
    use tunemask_shared::plan::{Plan, PlannedGang};

    fn lab() -> (LabState, ExperimentState) {
        let mut lab = LabState::default();
        let status = [
            RunStatus::Running,
            RunStatus::Queued,
            RunStatus::Finished,
            RunStatus::Failed,
            RunStatus::Cancelled,
        ];
        let mut runs = Vec::new();
        for (seed, status) in (1..).zip(status) {
            let run = RunState { status, ..sample::run(seed, 10) };
            runs.push(run.spec.id());
            lab.runs.insert(run.spec.id(), run);
        }
        let experiment = Experiment { name: "x".into(), ..Experiment::default() };
        (lab, ExperimentState { experiment, runs, plan: None, created_ms: 0 })
    }

    #[test]
    fn progress_counts_and_estimates() {
        let (lab, experiment) = lab();
        let p = Progress::of(&lab, &experiment);
        assert_eq!((p.queued, p.running, p.finished, p.failed, p.stopped), (1, 1, 1, 1, 1));
        // The running one is half done, the waiting one has 10 of its 20 steps still on record.
        assert!((p.done - (0.5 + 0.5 + 3.0) / 5.0).abs() < 1e-12, "{}", p.done);
        // 5 s left of the running one; the waiting one takes as long as the mean of 10 s and 5 s.
        assert_eq!(p.seconds_left, Some(5.0 + 7.5));
        assert!(p.is_active() && p.to_retry() == 2);
        // Of a gang they end together.
        let gang =
            PlannedGang { runs: vec![0, 1], shared: 0.5, expected_secs: 9.0, memory_bytes: 1, disk_bytes: 1 };
        let together = ExperimentState { plan: Some(Plan { gangs: vec![gang] }), ..experiment.clone() };
        assert_eq!(Progress::of(&lab, &together).seconds_left, Some(7.5));
        let empty = ExperimentState { runs: vec![], ..experiment };
        assert_eq!(Progress::of(&lab, &empty).seconds_left, None);
    }

    #[test]
    fn views_filter() {
        let (lab, experiment) = lab();
        let count = |view: &View| shown(&lab, &experiment, view).len();
        assert_eq!(count(&View::default()), 5);
        assert_eq!(count(&View { status: vec![RunStatus::Failed], ..View::default() }), 1);
        assert_eq!(count(&View { masks: vec!["full".into()], ..View::default() }), 0);
        let both =
            View { masks: vec!["layernorms".into()], tasks: vec!["sentiment".into()], ..View::default() };
        assert_eq!(count(&both), 5);
    }

    #[test]
    fn the_earlier_of_two_best_epochs_wins() {
        let mut run = sample::run(1, 10);
        assert_eq!(best(&run), Some((Metric::Accuracy, 0.75, 2)));
        run.evaluations[0].scores[0].value = 0.75;
        assert_eq!(best(&run).map(|b| b.2), Some(1));
        run.evaluations[0].scores[0].value = f64::NAN;
        assert_eq!(best(&run).map(|b| b.2), Some(2));
        run.evaluations.clear();
        assert_eq!(best(&run), None);
    }
}
