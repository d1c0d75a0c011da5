//! How long an experiment still takes: what its plan expects of the work that is left, times what the work done so far
//! took beside what the plan expected of it.
//!
//! All work counts in that ratio, not only the gang that trains now, so that the estimate does not jump where one gang
//! follows another. Evaluation counts; pauses, and the runs of other experiments in the queue, do not. What successive halving is
//! yet to save is not left to do, and workers share what is; but a gang has one worker, however many there are.

use crate::plan::Plan;
use crate::run::RunStatus;
use crate::state::{ExperimentState, LabState, RunState};

/// Share of the plan that counts as done just as expected before anything was: the first steps alone say little.
const PRIOR: f64 = 0.02;

/// Least share of the remaining steps that must be taken, however many of them halving may still save.
const LEAST_LEFT: f64 = 0.1;

/// A gang's work.
#[derive(Clone, Copy, Debug, Default)]
struct Work {
    /// Seconds that the plan expects of all of it.
    expected: f64,
    /// Share of it that is done, by runs that say what they took.
    measured: f64,
    /// Seconds that this took.
    spent: f64,
    /// Share of it that is to do.
    left: f64,
}

impl Work {
    /// The work of runs of which halving saves the share `saved`, if it is as planned.
    fn of(runs: &[&RunState], expected: f64, saved: f64) -> Work {
        let mut work = Work { expected, ..Work::default() };
        let share = 1.0 / runs.len().max(1) as f64;
        let mut still_saved = saved;
        for run in runs {
            let done = run.done();
            // Older programs gave each run the time of its whole gang.
            if run.together.is_some() || run.alone {
                work.measured += share * done;
                work.spent += run.elapsed_secs;
                work.spent += run.evaluations.iter().map(|e| e.elapsed_secs).sum::<f64>();
            }
            match run.status {
                RunStatus::Queued | RunStatus::Running => work.left += share * (1.0 - done),
                // What is not trained of a run that ended early is not to be saved a second time.
                RunStatus::Retired | RunStatus::Failed | RunStatus::Cancelled | RunStatus::Interrupted => {
                    still_saved -= share * (1.0 - done);
                }
                RunStatus::Finished => {}
            }
        }
        // Where fewer are retired than planned there is something to do all the same, until the last run ends.
        work.left = (work.left - still_saved.max(0.0)).max(LEAST_LEFT * work.left);
        work
    }

    /// Seconds that the plan expects of what is to do.
    fn expected_left(&self) -> f64 {
        self.expected * self.left
    }
}

/// Seconds until the last run of an experiment ends. `None` if nothing is left to do, or if there is neither a plan nor
/// a step to tell by.
pub fn seconds_left(lab: &LabState, experiment: &ExperimentState) -> Option<f64> {
    let at = |place: usize| experiment.runs.get(place).and_then(|id| lab.runs.get(id));
    let (works, prior): (Vec<Work>, f64) = match &experiment.plan {
        Some(plan) => {
            let gangs = plan.gangs.iter().map(|gang| {
                let runs: Vec<&RunState> = gang.runs.iter().filter_map(|&place| at(place as usize)).collect();
                Work::of(&runs, gang.expected_secs, gang.saved)
            });
            (gangs.collect(), PRIOR * plan.work_secs())
        }
        // Without a plan every run is expected to take as long as any other.
        None => {
            ((0..experiment.runs.len()).filter_map(at).map(|run| Work::of(&[run], 1.0, 0.0)).collect(), 0.0)
        }
    };
    let sum = |of: fn(&Work) -> f64| works.iter().map(of).sum::<f64>();
    let ratio = (prior + sum(|w| w.spent)) / (prior + sum(|w| w.expected * w.measured));
    // Those who train at once share it.
    let workers = f64::from(experiment.plan.as_ref().map_or(1, Plan::workers));
    let longest = works.iter().map(Work::expected_left).fold(0.0, f64::max);
    let left = longest.max(sum(Work::expected_left) / workers);
    (left > 0.0 && ratio.is_finite()).then_some(left * ratio).filter(|secs| *secs > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Event, EventKind, ExperimentId, Points};
    use crate::experiment::Experiment;
    use crate::fixtures;
    use crate::plan::PlannedGang;
    use crate::run::{RunId, RunSpec};
    use serde_json::json;

    const STEPS: u64 = 100;

    fn id(i: u64) -> RunId {
        RunId(format!("{i:016x}"))
    }

    fn spec() -> RunSpec {
        let file = include_str!("../tests/golden/event.queued.json");
        let event: Event = serde_json::from_str(file).unwrap();
        match event.kind {
            EventKind::Queued { spec, .. } => *spec,
            other => panic!("{other:?}"),
        }
    }

    fn tell(lab: &mut LabState, kind: EventKind) {
        let seq = lab.seq + 1;
        lab.apply(&Event { seq, at_ms: seq, kind }).unwrap();
    }

    /// An experiment of gangs: how many runs each has, and seconds expected.
    fn lab(gangs: &[(u64, f64)], planned: bool) -> LabState {
        let mut lab = LabState::default();
        let (mut next, mut plan) = (0, Plan::default());
        for &(runs, expected_secs) in gangs {
            let places = (next..next + runs).map(|i| i as u32).collect();
            plan.gangs.push(PlannedGang {
                saved: 0.0,
                runs: places,
                shared: 0.0,
                expected_secs,
                memory_bytes: 1,
                disk_bytes: 1,
            });
            next += runs;
        }
        let (runs, plan) = ((0..next).map(id).collect(), planned.then_some(plan));
        let (experiment_id, experiment) = (ExperimentId(1), Experiment::default());
        tell(&mut lab, EventKind::Created { experiment_id, experiment, runs, plan });
        for i in 0..next {
            tell(
                &mut lab,
                EventKind::Queued { run: id(i), spec: Box::new(spec()), trainable: 1, alone: false },
            );
        }
        lab
    }

    fn start(lab: &mut LabState, run: u64, together: Option<u32>) {
        let mut line = fixtures::started(&id(run), STEPS);
        if let EventKind::Started { together: own, .. } = &mut line {
            *own = together;
        }
        tell(lab, line);
    }

    fn step(lab: &mut LabState, run: u64, step: u64, elapsed_secs: f64) {
        let points = Points { elapsed_secs: vec![elapsed_secs], ..fixtures::points([step]) };
        tell(lab, EventKind::Points { run: id(run), points });
    }

    fn left(lab: &LabState) -> Option<f64> {
        seconds_left(lab, &lab.experiments[&ExperimentId(1)])
    }

    #[test]
    fn a_change_of_gang_makes_no_jump_and_the_end_comes_when_it_was_said() {
        // Seven times slower than expected, then twice as fast, then as expected: the worst that a plan is off by.
        let gangs = [(1, 10.0), (6, 20.0), (2, 30.0)];
        let slower = [7.0, 0.5, 1.0];
        let mut lab = lab(&gangs, true);
        let mut estimates = vec![left(&lab).unwrap()];
        assert!(
            (estimates[0] - 60.0).abs() < 1e-9,
            "before anything is done it is the plan's: {estimates:?}"
        );
        let mut first = 0;
        for ((runs, expected), slower) in gangs.into_iter().zip(slower) {
            (first..first + runs).for_each(|run| start(&mut lab, run, Some(runs as u32)));
            for at in 1..=STEPS {
                let run_secs = expected * slower * at as f64 / STEPS as f64 / runs as f64;
                (first..first + runs).for_each(|run| step(&mut lab, run, at, run_secs));
                estimates.extend(left(&lab));
            }
            first += runs;
        }
        // While the first steps are learnt from, it may rise; behind them it never moves by a tenth at once, until a step
        // is that much of what is left.
        for pair in estimates.windows(2).skip(20).filter(|pair| pair[1] > 10.0) {
            assert!((pair[1] / pair[0] - 1.0).abs() < 0.1, "{pair:?}");
        }
        let whole: f64 = gangs.iter().zip(slower).map(|((_, expected), slower)| expected * slower).sum();
        assert!(
            estimates.iter().all(|secs| *secs < 7.0 * 60.0) && estimates[20] > whole / 2.0,
            "{estimates:?}"
        );
        assert_eq!((left(&lab), estimates.last().is_some_and(|secs| *secs < 1.0)), (None, true));
    }

    #[test]
    fn what_waits_is_told_by_all_that_was_done() {
        let mut lab = lab(&[(2, 10.0), (2, 30.0)], true);
        start(&mut lab, 0, Some(2));
        start(&mut lab, 1, Some(2));
        // Half of the first gang took 20 s instead of 5.
        step(&mut lab, 0, STEPS / 2, 5.0);
        step(&mut lab, 1, STEPS / 2, 15.0);
        let ratio = (20.0 + 0.8) / (5.0 + 0.8);
        assert!((left(&lab).unwrap() - 35.0 * ratio).abs() < 1e-9, "{:?}", left(&lab));
        // Whoever is cancelled leaves nothing to do; what fails does not either.
        tell(&mut lab, EventKind::Cancelled { run: id(0) });
        tell(&mut lab, EventKind::failed(id(2), "why"));
        assert!((left(&lab).unwrap() - 17.5 * ratio).abs() < 1e-9, "{:?}", left(&lab));
    }

    /// With other figures in the plan of its only experiment.
    fn planned(mut lab: LabState, change: impl FnOnce(&mut Plan)) -> LabState {
        change(lab.experiments.get_mut(&ExperimentId(1)).and_then(|e| e.plan.as_mut()).unwrap());
        lab
    }

    #[test]
    fn workers_share_what_is_left_but_no_gang() {
        let at_once =
            |workers| planned(lab(&[(1, 10.0), (1, 20.0), (1, 30.0)], true), |p| p.workers = workers);
        assert_eq!(
            [None, Some(2), Some(8)].map(|workers| left(&at_once(workers))),
            [60.0, 30.0, 30.0].map(Some)
        );
        let mut one = at_once(Some(8));
        for run in [0, 1] {
            tell(&mut one, EventKind::Cancelled { run: id(run) });
        }
        start(&mut one, 2, Some(1));
        step(&mut one, 2, STEPS / 2, 15.0);
        assert_eq!(left(&one), Some(15.0));
    }

    #[test]
    fn what_halving_saves_is_not_left_to_do() {
        // Of four runs two go on after half of their steps.
        let mut lab = planned(lab(&[(4, 80.0)], true), |plan| plan.gangs[0].saved = 0.25);
        let plan = lab.experiments[&ExperimentId(1)].plan.as_ref().unwrap();
        assert_eq!((left(&lab), plan.expected_secs()), (Some(60.0), 60.0));
        (0..4).for_each(|run| start(&mut lab, run, Some(4)));
        (0..4).for_each(|run| step(&mut lab, run, STEPS / 2, 10.0));
        assert_eq!(left(&lab), Some(20.0));
        for run in [0, 1] {
            tell(&mut lab, EventKind::Retired { run: id(run), epoch: 1, better: 2 });
        }
        assert_eq!(left(&lab), Some(20.0));
        // All that could be saved is: what goes on has all of its steps to do.
        [2, 3].into_iter().for_each(|run| step(&mut lab, run, 3 * STEPS / 4, 15.0));
        assert_eq!(left(&lab), Some(10.0));
    }

    #[test]
    fn what_diverges_under_halving_is_not_saved_again() {
        // Of four runs two are to go on after half of their steps; two diverge before.
        let mut lab = planned(lab(&[(4, 80.0)], true), |plan| plan.gangs[0].saved = 0.25);
        (0..4).for_each(|run| start(&mut lab, run, Some(4)));
        (0..4).for_each(|run| step(&mut lab, run, STEPS / 4, 5.0));
        tell(&mut lab, EventKind::failed(id(0), "diverged"));
        tell(&mut lab, EventKind::Cancelled { run: id(1) });
        // The others have three quarters of their 20 s to do each.
        assert_eq!(left(&lab), Some(30.0));
    }

    #[test]
    fn logs_of_older_programs_are_told_by_their_plan_or_by_each_other() {
        // A gang's runs that each have the whole gang's time say nothing.
        let mut old = lab(&[(2, 10.0)], true);
        let kind = json!({"event": "started", "run": id(0), "device": "cpu", "steps": STEPS, "train_examples": 1,
            "eval_examples": [1]});
        let line = json!({"seq": old.seq + 1, "at_ms": 1, "kind": kind});
        old.apply(&serde_json::from_value(line).unwrap()).unwrap();
        step(&mut old, 0, STEPS / 2, 500.0);
        assert_eq!((old.runs[&id(0)].together, left(&old)), (None, Some(7.5)));
        let mut alone = lab(&[(1, 1.0), (1, 1.0)], false);
        assert_eq!(left(&alone), None);
        start(&mut alone, 0, Some(1));
        step(&mut alone, 0, STEPS / 2, 5.0);
        assert_eq!(left(&alone), Some(15.0));
    }
}
