//! Workers that may still write when their coordinator is gone.

use super::*;
use crate::cluster::{Side, Told};
use std::process::{Child, Command, Stdio};

/// A process that the system calls a worker, until it is dropped.
struct Works(Child);

impl Works {
    fn new() -> Self {
        let mut command = Command::new("sh");
        Self(command.args(["-c", "read x", "worker"]).stdin(Stdio::piped()).spawn().unwrap())
    }
}

impl Drop for Works {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        self.0.wait().unwrap();
    }
}

#[test]
fn a_worker_that_has_not_ended_in_time_keeps_its_folder() {
    let home = Home::new();
    let (plan, works) = (home.plan(), Works::new());
    let mut segment = home.segment(&plan, Writer::of(&host(), works.0.id()));
    segment.says([started(&home.run, 9), pointed(&home.run, 1..=3)]);
    home.begin();
    assert_eq!(home.known().step, 3);
    segment.says([pointed(&home.run, 4..=6)]);
    segment.leaves();
    drop(works);
    home.begin();
    assert_eq!((home.known().step, home.count("started")), (6, 1));
    assert!(!plan.path().exists());
}

#[test]
fn a_worker_that_ends_in_time_is_waited_for() {
    let home = Home::new();
    let (plan, works) = (home.plan(), Works::new());
    let mut segment = home.segment(&plan, Writer::of(&host(), works.0.id()));
    segment.says([started(&home.run, 9)]);
    let run = home.run.clone();
    home.with(|with, reader| {
        let feed = with.journal.feed().clone();
        let saves = std::thread::spawn(move || {
            // What it wrote before is read: it is waited for.
            let begun = || feed.read(|state| state.runs[&run].status == RunStatus::Running);
            while !begun() {
                std::thread::yield_now();
            }
            segment.says([pointed(&run, 1..=3), EventKind::Interrupted { run: run.clone() }]);
            drop(works);
        });
        let end = Instant::now() + Duration::from_secs(60);
        fold_until(end, home.path(), with, reader).unwrap();
        saves.join().unwrap();
    });
    assert_eq!((home.known().step, home.known().status), (3, RunStatus::Interrupted));
    assert!(!plan.path().exists());
}

#[test]
fn a_worker_elsewhere_keeps_its_folder_until_it_says_that_it_left() {
    let home = Home::new();
    let plan = home.plan();
    let mut segment = home.segment(&plan, Writer::of("elsewhere", GONE));
    segment.says([started(&home.run, 9), pointed(&home.run, 1..=3)]);
    home.begin();
    // Its coordinator's machine is gone, and it does not know yet.
    segment.says([pointed(&home.run, 4..=6)]);
    home.begin();
    assert_eq!(home.known().step, 6);
    segment.says([EventKind::Interrupted { run: home.run.clone() }]);
    segment.leaves();
    // Read by a program that is killed before it removes the folder.
    home.with(|with, reader| {
        let folded = reader.folded(&plan.name()).unwrap();
        let homing = home.homing(&plan);
        let runs = HashSet::from([home.run.clone()]);
        let mut folding = Folding::new(plan.name(), plan.clone(), &runs, folded, with.clone(), homing);
        assert!(folding.poll().unwrap());
        folding.leave();
    });
    home.begin();
    assert_eq!((home.count("started"), home.count("points")), (1, 2));
    assert!(!plan.path().exists());
}

#[test]
fn a_worker_that_was_told_elsewhere_and_is_not_to_be_seen_keeps_its_folder() {
    let home = Home::new();
    let plan = home.plan();
    plan.note_told(&Told { by: host(), pid: GONE, trains: Side::Elsewhere }).unwrap();
    home.begin();
    let mut segment = home.segment(&plan, Writer::of("elsewhere", 1));
    segment.says([started(&home.run, 9), pointed(&home.run, 1..=3)]);
    segment.leaves();
    home.begin();
    assert_eq!(home.known().step, 3);
    assert!(!plan.path().exists());
    // One of this machine that is gone before it wrote a word writes none.
    let plan = home.plan();
    plan.note_told(&Told { by: host(), pid: GONE, trains: Side::Here }).unwrap();
    home.begin();
    assert!(!plan.path().exists());
}

#[test]
fn a_plan_whose_runs_are_all_over_waits_for_nobody() {
    let home = Home::new();
    let plan = home.plan();
    let mut segment = home.segment(&plan, Writer::of("elsewhere", GONE));
    segment.says([started(&home.run, 9), pointed(&home.run, 1..=3)]);
    home.begin();
    assert!(plan.path().is_dir());
    // Others have trained it since.
    home.with(|with, _| with.journal.append(vec![finished(&home.run, "x")]).unwrap());
    segment.says([pointed(&home.run, 4..=6)]);
    home.begin();
    assert_eq!((home.known().status, home.count("points")), (RunStatus::Finished, 1));
    assert!(!plan.path().exists());
}
