//! Gangs in the lab: runs that train together end as they would alone, leave when they are done, and go on after a
//! kill with the same bits and a curve without a seam.

use crate::support::{Listener, forget_checkpoints, open, points, small, statuses};
use std::path::Path;
use tunemask::artifacts::Artifacts;
use tunemask_shared::event::{Event, EventKind, Outcome};
use tunemask_shared::experiment::Experiment;
use tunemask_shared::head::HeadLayout;
use tunemask_shared::run::{RunId, RunStatus};
use tunemask_shared::task::Task;

const LORA: &str = "lora:4:8 in layers(*).mha.query + layers(*).mha.value";

fn outcomes(home: &Path, experiment: &Experiment) -> Vec<(RunId, Outcome)> {
    let lab = open(home);
    let id = lab.submit(experiment).unwrap();
    let mut listener = Listener::new(&lab);
    listener.until_over(id);
    let state = &listener.state;
    let runs = state.experiments[&id].runs.iter();
    runs.map(|run| (run.clone(), state.runs[run].outcome.clone().unwrap())).collect()
}

fn sweep() -> Experiment {
    Experiment {
        masks: ["layernorms", "frozen", "single_norm:4", "random", LORA, "mha"].map(String::from).to_vec(),
        learning_rates: vec![1e-3, 1e-2],
        seeds: vec![1, 2],
        ..small()
    }
}

#[test]
fn an_experiment_in_gangs_ends_as_its_runs_would_alone() {
    let home = tempfile::tempdir().unwrap();
    let together = outcomes(home.path(), &sweep());
    assert_eq!(together.len(), 24);
    for mask in sweep().masks {
        for seed in sweep().seeds {
            let home = tempfile::tempdir().unwrap();
            let one = Experiment {
                masks: vec![mask.clone()],
                seeds: vec![seed],
                learning_rates: vec![1e-2],
                ..sweep()
            };
            let alone = outcomes(home.path(), &one);
            let (run, outcome) = &alone[0];
            let (_, other) = together.iter().find(|(other, _)| other == run).unwrap();
            assert!(outcome.frozen_unchanged && other.frozen_unchanged);
            assert_eq!(outcome.trained_sha256, other.trained_sha256, "{mask}, seed {seed}");
            assert_eq!(outcome.metrics, other.metrics, "{mask}, seed {seed}");
        }
    }
}

#[test]
fn a_plan_says_what_trains_together_before_and_after_it_starts() {
    let home = tempfile::tempdir().unwrap();
    let lab = open(home.path());
    let before = lab.plan(&sweep()).unwrap();
    // Runs that train matrices go alone, all others of the task together.
    let sizes: Vec<usize> = before.gangs.iter().map(|gang| gang.runs.len()).collect();
    assert_eq!(sizes, [20, 1, 1, 1, 1]);
    // The pairs of LoRA share nothing, and their products count.
    assert!((0.19..0.21).contains(&before.gangs[0].shared) && before.gangs[1].shared == 0.0, "{before:?}");
    assert!(before.expected_secs() > 0.0 && before.memory_bytes() > 1 << 16);
    let one =
        Experiment { masks: vec!["frozen".into()], learning_rates: vec![1e-2], seeds: vec![1], ..small() };
    let id = lab.submit(&one).unwrap();
    let mut listener = Listener::new(&lab);
    listener.until_over(id);
    assert_eq!(listener.state.experiments[&id].plan.as_ref().map(tunemask_shared::plan::Plan::runs), Some(1));
    // What is done is planned no more.
    assert_eq!(lab.plan(&sweep()).unwrap().gangs[0].runs.len(), 19);
    assert!(lab.plan(&Experiment { masks: vec![], ..small() }).is_err());
}

#[test]
fn a_plan_counts_the_gradients_that_are_added_up() {
    let home = tempfile::tempdir().unwrap();
    let lab = open(home.path());
    let shape = tunemask::model::open("builtin:tiny").unwrap().config.shape;
    let head = HeadLayout::of(&shape, Task::known(&"sentiment".parse().unwrap()).unwrap().kind()).scalars();
    let memory = |gradient_accumulation| {
        let masks = vec!["full".into(), "frozen".into()];
        let plan = lab.plan(&Experiment { masks, gradient_accumulation, ..small() }).unwrap();
        plan.gangs.iter().map(|gang| gang.memory_bytes).collect::<Vec<_>>()
    };
    let (one, several) = (memory(1), memory(4));
    let more: Vec<u64> = several.iter().zip(&one).map(|(several, one)| several - one).collect();
    assert_eq!(more, [shape.scalars() + head, head].map(|scalars| 4 * scalars as u64));
}

#[test]
fn runs_of_different_length_leave_their_gang_when_they_are_done() {
    let home = tempfile::tempdir().unwrap();
    let lab = open(home.path());
    lab.pause().unwrap();
    let short = Experiment { masks: vec!["frozen".into()], epochs: Some(1), ..small() };
    let long = Experiment { masks: vec!["layernorms".into()], epochs: Some(3), ..small() };
    let ids = [lab.submit(&short).unwrap(), lab.submit(&long).unwrap()];
    let mut listener = Listener::new(&lab);
    lab.resume().unwrap();
    ids.into_iter().for_each(|id| listener.until_over(id));
    for (id, steps) in ids.into_iter().zip([8, 24]) {
        let run = &listener.state.experiments[&id].runs[0];
        assert_eq!(listener.state.runs[run].status, RunStatus::Finished);
        assert!(points(&listener.events, run).step.into_iter().eq(1..=steps));
    }
    // They trained together: the longer one started before the shorter one ended.
    let at =
        |wanted: &dyn Fn(&EventKind) -> bool| listener.events.iter().position(|e| wanted(&e.kind)).unwrap();
    let started = at(&|what| matches!(what, EventKind::Started { steps: 24, .. }));
    assert!(started < at(&|what| matches!(what, EventKind::Finished { .. })));
}

/// All that a run's log says, points joined, without times.
fn story(events: &[Event], run: &RunId) -> (Vec<u64>, Vec<u64>, Vec<String>) {
    let curve = points(events, run);
    let rest = events.iter().filter(|e| e.kind.run() == Some(run)).filter_map(|e| match &e.kind {
        EventKind::Evaluated { evaluation, .. } => {
            Some(format!("{:?}", (evaluation.epoch, &evaluation.scores)))
        }
        EventKind::Finished { outcome, .. } => {
            Some(format!("{:?}", (outcome.best_epoch, &outcome.trained_sha256)))
        }
        _ => None,
    });
    (curve.step, curve.loss.iter().map(|x| x.to_bits()).collect(), rest.collect())
}

#[test]
fn a_stopped_run_goes_on_with_the_same_bits_and_no_seam() {
    let experiment = Experiment {
        masks: ["layernorms", "frozen", LORA, "full"].map(String::from).to_vec(),
        epochs: Some(12),
        ..small()
    };
    let whole = tempfile::tempdir().unwrap();
    let wanted = {
        let lab = open(whole.path());
        let id = lab.submit(&experiment).unwrap();
        let mut listener = Listener::new(&lab);
        listener.until_over(id);
        drop(lab);
        tunemask::store::Reader::open(whole.path()).unwrap().events(0).unwrap()
    };
    let home = tempfile::tempdir().unwrap();
    let mut stops = 0;
    for stop_at in [5, 20, 41, u64::MAX] {
        let lab = open(home.path());
        // The same command again trains the rest.
        let id = lab.submit(&experiment).unwrap();
        let mut listener = Listener::new(&lab);
        listener.until("a step is reached, or all are over", |s| {
            let runs = s.experiments.get(&id).into_iter().flat_map(|e| e.runs.iter().map(|run| &s.runs[run]));
            let over = runs.clone().all(|r| r.status == RunStatus::Finished);
            (s.seq > 0 && over) || runs.clone().any(|r| r.status == RunStatus::Running && r.step >= stop_at)
        });
        stops += usize::from(statuses(&listener.state, id) != [RunStatus::Finished; 4]);
        drop(lab);
        if stop_at == 20 {
            // As after a kill before the first checkpoint: all steps are taken again, and none is written again.
            forget_checkpoints(home.path());
        }
    }
    assert!(stops > 0, "no run was stopped in its middle");
    let events = tunemask::store::Reader::open(home.path()).unwrap().events(0).unwrap();
    assert!(events.iter().any(|e| matches!(e.kind, EventKind::Continued { .. })));
    let saved = |e: &&Event| matches!(&e.kind, EventKind::Checkpointed { failure: None, .. });
    assert!(events.iter().filter(saved).count() >= stops);
    let runs: Vec<RunId> = wanted
        .iter()
        .filter_map(|e| if let EventKind::Finished { run, .. } = &e.kind { Some(run.clone()) } else { None })
        .collect();
    assert_eq!(runs.len(), 4);
    for run in runs {
        let (steps, losses, rest) = story(&wanted, &run);
        assert!(steps.iter().copied().eq(1..=96));
        assert_eq!((steps, losses, rest), story(&events, &run));
        // What is left of a finished run: its weights and predictions, no checkpoint.
        let files = Artifacts::new(home.path());
        let trained = files.finished(&run.0).unwrap().unwrap();
        assert_eq!(trained, Artifacts::new(whole.path()).finished(&run.0).unwrap().unwrap());
        assert_eq!((trained.last.epoch, trained.last.predictions[0].len()), (12, 2 * 40));
        assert!(files.load(&run.0).unwrap().is_none());
    }
}

/// A GLUE folder with an SST-2 of our own.
fn sst2(folder: &Path, word: &str) {
    let rows = |n: usize| -> String {
        let row = |i: usize| {
            format!("a {} film\t{}\n", if i.is_multiple_of(2) { word } else { "dull" }, (i + 1) % 2)
        };
        format!("sentence\tlabel\n{}", (0..n).map(row).collect::<String>())
    };
    std::fs::create_dir_all(folder.join("SST-2")).unwrap();
    for (file, n) in [("train.tsv", 200), ("dev.tsv", 6)] {
        std::fs::write(folder.join("SST-2").join(file), rows(n)).unwrap();
    }
}

#[test]
fn a_run_that_failed_starts_anew_though_it_has_a_checkpoint() {
    let (home, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    sst2(data.path(), "fine");
    let experiment = Experiment {
        tasks: vec!["sst2".into()],
        data: Some(data.path().to_string_lossy().into_owned()),
        masks: vec!["layernorms".into()],
        epochs: Some(40),
        train_limit: None,
        ..small()
    };
    let lab = open(home.path());
    let id = lab.submit(&experiment).unwrap();
    let mut listener = Listener::new(&lab);
    listener.until("it trains", |s| s.runs.values().any(|r| r.step >= 30));
    drop(lab);
    let run = listener.state.experiments[&id].runs[0].clone();
    assert!(Artifacts::new(home.path()).load(&run.0).unwrap().is_some());
    // Its data change while it waits: it fails, and the log forgets its curve when it is tried again.
    sst2(data.path(), "good");
    let lab = open(home.path());
    lab.retry(vec![run.clone()]).unwrap();
    let mut listener = Listener::new(&lab);
    listener.until("it fails", |s| s.runs.get(&run).is_some_and(|r| r.status == RunStatus::Failed));
    sst2(data.path(), "fine");
    lab.retry(vec![run.clone()]).unwrap();
    let mut listener = Listener::new(&lab);
    listener.until_over(id);
    assert_eq!(statuses(&listener.state, id), [RunStatus::Finished]);
    let (_, curve) = lab.series(&run).unwrap();
    assert!(curve.step.iter().copied().eq(1..=1000), "{:?}", &curve.step[..3]);
}
