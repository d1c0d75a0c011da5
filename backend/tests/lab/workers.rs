//! Worker processes beside each other: every run once, with the bits of a run in one process, whoever is killed on the way.

use crate::support::outside::SshServer;
use crate::support::{Listener, PATIENCE, long, open, points, small, statuses};
use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use tunemask::artifacts::Artifacts;
use tunemask::cluster::{Child, Machine, Machines};
use tunemask::lab::{Lab, LabOptions, OlderQueue, Workers};
use tunemask_engine::Device;
use tunemask_shared::event::{Event, EventKind, ExperimentId, Outcome};
use tunemask_shared::experiment::Experiment;
use tunemask_shared::run::{RunId, RunStatus};
use tunemask_shared::state::LabState;

fn worker() -> Child {
    let arguments = ["--from-stdin", "--device", "cpu", "--threads", "1"].map(OsString::from).to_vec();
    Child { program: vec![env!("CARGO_BIN_EXE_tunemask").into()], arguments, ..Child::default() }
}

/// A lab whose runs so many processes train.
pub fn open_with(home: &Path, workers: usize, older_queue: OlderQueue) -> Lab {
    let options = LabOptions { home: home.to_owned(), older_queue, device: Device::cpu() };
    Lab::open_with(&options, &Workers::Processes(vec![worker(); workers])).unwrap()
}

/// Two tasks with vectors, sparse matrices and whole ones: several gangs at once.
fn sweep() -> Experiment {
    Experiment {
        tasks: vec!["sentiment".into(), "entailment".into()],
        masks: ["layernorms", "frozen", "random", "mha"].map(String::from).to_vec(),
        learning_rates: vec![1e-3, 1e-2],
        seeds: vec![1, 2],
        ..small()
    }
}

fn outcomes(state: &LabState, id: ExperimentId) -> HashMap<RunId, Outcome> {
    let runs = state.experiments[&id].runs.iter();
    runs.map(|run| {
        (run.clone(), state.runs[run].outcome.clone().unwrap_or_else(|| panic!("{:?}", state.runs[run])))
    })
    .collect()
}

/// What one process comes to.
fn in_one_process(experiment: &Experiment) -> (HashMap<RunId, Outcome>, HashMap<RunId, Vec<u64>>) {
    let home = tempfile::tempdir().unwrap();
    let lab = open(home.path());
    let mut listener = Listener::new(&lab);
    let id = lab.submit(experiment).unwrap();
    listener.until_over(id);
    let outcomes = outcomes(&listener.state, id);
    let curves = outcomes.keys().map(|run| (run.clone(), curve(&lab, run))).collect();
    (outcomes, curves)
}

/// The bits of a run's losses and gradients, step by step.
fn curve(lab: &Lab, run: &RunId) -> Vec<u64> {
    let (_, points) = lab.series(run).unwrap();
    assert!(points.step.iter().copied().eq(1..=points.step.len() as u64), "{run}: {:?}", points.step);
    points.loss.iter().chain(&points.gradient_norm).map(|value| value.to_bits()).collect()
}

/// Everything that must hold however it was trained.
fn is_as_in_one_process(lab: &Lab, listener: &Listener, id: ExperimentId, experiment: &Experiment) {
    let (want, curves) = in_one_process(experiment);
    let got = outcomes(&listener.state, id);
    assert_eq!(got.len(), want.len());
    for (run, outcome) in &got {
        assert_eq!(outcome.trained_sha256, want[run].trained_sha256, "{run}");
        assert_eq!(
            (&outcome.metrics, outcome.best_epoch),
            (&want[run].metrics, want[run].best_epoch),
            "{run}"
        );
        assert!(outcome.frozen_unchanged);
        assert_eq!(curve(lab, run), curves[run], "{run}");
        let ends = listener
            .events
            .iter()
            .filter(|event| matches!(&event.kind, EventKind::Finished { run: own, .. } if own == run));
        assert_eq!(ends.count(), 1, "{run}");
        assert!(Artifacts::new(lab.home()).finished(&run.0).unwrap().is_some(), "{run}");
        let epochs = listener.state.runs[run].evaluations.iter().map(|own| own.epoch);
        assert!(epochs.eq(1..=experiment.epochs.unwrap()), "{run}");
    }
}

/// The segments of all plans of a home folder.
pub fn segments(home: &Path) -> Vec<PathBuf> {
    let list = |path: &Path| {
        let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect::<Vec<_>>()
    };
    list(&home.join("plans")).iter().flat_map(|plan| list(&plan.join("segments"))).collect()
}

/// The process that writes a segment.
pub fn pid(segment: &Path) -> Option<u32> {
    segment.file_stem()?.to_str()?.rsplit('.').next()?.parse().ok()
}

/// Processes that have written to a plan of a home folder.
fn writers(home: &Path) -> Vec<u32> {
    segments(home).iter().filter_map(|path| pid(path)).collect()
}

/// The segments of processes that have taken a step of their gangs.
fn stepping(home: &Path) -> Vec<PathBuf> {
    let has_points = |path: &PathBuf| std::fs::read_to_string(path).is_ok_and(|text| text.contains("points"));
    segments(home).into_iter().filter(has_points).collect()
}

/// The runs of a segment's plan.
fn runs_of(segment: &Path) -> Vec<String> {
    let plan = segment.ancestors().nth(2).unwrap().join("plan.json");
    let text = std::fs::read_to_string(plan).unwrap_or_default();
    text.split("\"run\":\"").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())).collect()
}

pub fn signal(pid: u32, name: &str) {
    // One that is gone meanwhile is as good.
    _ = Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).output();
}

#[test]
fn runs_spread_over_two_processes_and_end_as_in_one() {
    let home = tempfile::tempdir().unwrap();
    let lab = open_with(home.path(), 2, OlderQueue::Continue);
    let mut listener = Listener::new(&lab);
    let id = lab.submit(&sweep()).unwrap();
    // A plan's folder goes with its gang.
    let mut seen = HashSet::new();
    let begin = Instant::now();
    while seen.len() < 2 {
        assert!(begin.elapsed() < PATIENCE, "{seen:?}");
        seen.extend(writers(home.path()));
        std::thread::sleep(Duration::from_millis(1));
    }
    listener.until_over(id);
    is_as_in_one_process(&lab, &listener, id, &sweep());
    let node = listener.state.runs.values().next().unwrap().node.clone().unwrap();
    assert!(!node.name.is_empty() && node.arithmetic == Device::cpu().arithmetic());
    lab.shut_down();
    assert_eq!(std::fs::read_dir(home.path().join("plans")).unwrap().count(), 0);
}

#[test]
fn whoever_is_killed_at_whatever_moment_no_run_is_lost_or_trained_twice() {
    let home = tempfile::tempdir().unwrap();
    let lab = open_with(home.path(), 2, OlderQueue::Continue);
    let mut listener = Listener::new(&lab);
    let experiment = Experiment { epochs: Some(8), ..sweep() };
    let id = lab.submit(&experiment).unwrap();
    // A run whose workers end three times before they take a step has failed, so none loses more than two.
    let mut kills: HashMap<String, u32> = HashMap::new();
    let (mut killed, mut pause) = (Vec::new(), 37);
    let over = |lab: &Lab| lab.read(|state| state.runs.values().all(|run| run.status.is_over()));
    while !over(&lab) && killed.len() < 12 {
        // At any moment, and then when a step was taken.
        let moments = [segments(home.path()), stepping(home.path())];
        let alive = |path: &&PathBuf| pid(path).is_some_and(|pid| !killed.contains(&pid));
        let may = |path: &&PathBuf| {
            alive(path) && runs_of(path).iter().all(|run| kills.get(run).is_none_or(|kills| *kills < 2))
        };
        let chosen = moments[killed.len() % 2].iter().find(may);
        if let Some((runs, pid)) = chosen.and_then(|path| Some((runs_of(path), pid(path)?))) {
            std::thread::sleep(Duration::from_millis(pause));
            pause = pause * 73 % 701;
            signal(pid, "KILL");
            runs.into_iter().for_each(|run| *kills.entry(run).or_default() += 1);
            killed.push(pid);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    listener.until_over(id);
    assert!(killed.len() >= 3, "{killed:?}");
    is_as_in_one_process(&lab, &listener, id, &experiment);
}

#[test]
fn a_worker_that_is_asked_to_end_saves_and_another_goes_on() {
    let home = tempfile::tempdir().unwrap();
    let lab = open_with(home.path(), 1, OlderQueue::Continue);
    let mut listener = Listener::new(&lab);
    let experiment = Experiment { masks: vec!["layernorms".into(), "frozen".into()], ..long() };
    let id = lab.submit(&experiment).unwrap();
    let runs = lab.runs(id).unwrap();
    let all_beyond = |state: &LabState, step: u64| {
        runs.iter().all(|run| state.runs.get(run).is_some_and(|known| known.step > step))
    };
    listener.until("it trains", |state| all_beyond(state, 20));
    let before = writers(home.path())[0];
    signal(before, "TERM");
    // Each says that it goes on, behind what it had become.
    let of = |event: &Event, name: &str| event.kind.run().filter(|_| event.kind.name() == name).cloned();
    let begin = Instant::now();
    while runs.iter().any(|run| !listener.events.iter().any(|e| of(e, "continued").as_ref() == Some(run))) {
        assert!(begin.elapsed() < PATIENCE, "{:?}", listener.state.runs);
        let seq = listener.state.seq;
        listener.until("more is written", |state| state.seq > seq);
    }
    let left = listener.events.iter().position(|event| of(event, "continued").is_some()).unwrap();
    let saved: HashSet<RunId> =
        listener.events[..left].iter().filter_map(|event| of(event, "checkpointed")).collect();
    assert_eq!(saved.len(), 2);
    let reached = runs.iter().map(|run| listener.state.runs[run].step).max().unwrap();
    listener.until("another goes on", |state| all_beyond(state, reached + 100));
    assert!(!writers(home.path()).contains(&before));
    for run in &runs {
        let whole = points(&listener.events, run);
        assert!(whole.step.iter().copied().eq(1..=whole.step.len() as u64));
    }
    assert_eq!(listener.events.iter().filter(|event| of(event, "continued").is_some()).count(), 2);
}

#[test]
fn pause_cancel_and_the_end_reach_a_process() {
    let home = tempfile::tempdir().unwrap();
    let lab = open_with(home.path(), 1, OlderQueue::Continue);
    let mut listener = Listener::new(&lab);
    let masks = ["layernorms", "frozen", "bitfit", "layernorm_a"].map(String::from).to_vec();
    let id = lab.submit(&Experiment { masks, ..long() }).unwrap();
    let runs = lab.runs(id).unwrap();
    listener
        .until("all train", |state| runs.iter().all(|run| state.runs.get(run).is_some_and(|r| r.step > 0)));
    lab.pause().unwrap();
    // The process has seen the pause when it ends the second of these, at the step to which all came; the third is there, too.
    for run in &runs[1..] {
        lab.cancel(vec![run.clone()]).unwrap();
        listener.until("one is cancelled", |state| state.runs[run].status == RunStatus::Cancelled);
    }
    let [paused, later] = [2, 3].map(|i| listener.state.runs[&runs[i]].checkpoint.unwrap());
    assert_eq!(paused, later);
    lab.resume().unwrap();
    listener.until("the other goes on", |state| state.runs[&runs[0]].step > paused);
    let pid = writers(home.path())[0];
    lab.shut_down();
    assert_eq!(lab.state().runs[&runs[0]].status, RunStatus::Interrupted);
    assert!(
        !Path::new(&format!("/proc/{pid}/cmdline")).exists()
            || std::fs::read(format!("/proc/{pid}/cmdline")).unwrap().is_empty()
    );
    // What it saved is home, and goes on in this process.
    let saved = lab.state().runs[&runs[0]].checkpoint.unwrap();
    assert!(saved >= paused);
    drop(lab);
    let lab = open(home.path());
    let mut listener = Listener::new(&lab);
    lab.retry(vec![runs[0].clone()]).unwrap();
    listener.until("it goes on", |state| state.runs.get(&runs[0]).is_some_and(|run| run.step > saved));
    assert!(lab.state().runs[&runs[0]].notes.is_empty());
}

#[test]
fn a_process_that_cannot_be_started_leaves_the_queue_waiting_and_says_why() {
    let home = tempfile::tempdir().unwrap();
    let options =
        LabOptions { home: home.path().to_owned(), older_queue: OlderQueue::Continue, device: Device::cpu() };
    let program = home.path().join("no-such-program");
    let absent = Child { program: vec![program.clone().into()], ..worker() };
    let lab = Lab::open_with(&options, &Workers::Processes(vec![absent])).unwrap();
    let mut listener = Listener::new(&lab);
    let id = lab.submit(&small()).unwrap();
    listener.until("the queue waits", |state| state.paused);
    assert_eq!(statuses(&lab.state(), id), [RunStatus::Queued; 2]);
    let why = lab.trouble().unwrap().to_string();
    assert!(why.contains("no-such-program"), "{why}");
    // Once it is there the queue goes on where it was.
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_tunemask"), &program).unwrap();
    lab.resume().unwrap();
    listener.until_over(id);
    assert_eq!(statuses(&listener.state, id), [RunStatus::Finished; 2]);
    assert!(lab.trouble().is_none());
}

#[test]
fn a_worker_that_ends_before_its_first_step_each_time_fails_its_runs() {
    let home = tempfile::tempdir().unwrap();
    let options =
        LabOptions { home: home.path().to_owned(), older_queue: OlderQueue::Continue, device: Device::cpu() };
    let short = Child { program: vec!["/bin/false".into()], ..Child::default() };
    let lab = Lab::open_with(&options, &Workers::Processes(vec![short])).unwrap();
    let mut listener = Listener::new(&lab);
    let id = lab.submit(&small()).unwrap();
    listener.until_over(id);
    let run = &listener.state.runs[&lab.runs(id).unwrap()[0]];
    let why = run.failure.as_deref().unwrap();
    assert!(
        run.status == RunStatus::Failed && why.contains("3 times") && why.contains("exit status: 1"),
        "{why}"
    );
}

/// It says that it is done, and of no run how it ended: as where a line of its segment cannot be read.
const IDLER: &str = r#"#!/bin/sh
while read -r order; do
  plan=$(echo "$order" | sed 's/.*"plan":"\([^"]*\)".*/\1/')
  attempt=$(echo "$order" | sed 's/.*"attempt":\([0-9]*\).*/\1/')
  node='{"name":"odd","arithmetic":"odd"}'
  more='"pid":1,"job":null,"device":"cpu","program":"odd","follows":[]'
  printf '{"header":{"task":0,"attempt":%s,"node":%s,%s}}\n{"left":"done"}\n' "$attempt" "$node" "$more" \
    > "$plan/segments/00000.$attempt.odd.1.jsonl"
done
"#;

#[test]
fn a_worker_that_is_done_and_says_nothing_of_its_runs_leaves_none_without_an_end() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().unwrap();
    let program = home.path().join("idler");
    std::fs::write(&program, IDLER).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let options =
        LabOptions { home: home.path().to_owned(), older_queue: OlderQueue::Continue, device: Device::cpu() };
    let idler = Child { program: vec![program.into()], ..Child::default() };
    let lab = Lab::open_with(&options, &Workers::Processes(vec![idler])).unwrap();
    let mut listener = Listener::new(&lab);
    let id = lab.submit(&small()).unwrap();
    listener.until_over(id);
    assert_eq!(statuses(&listener.state, id), [RunStatus::Failed; 2]);
}

/// Two machines that ssh reaches, both of them this one.
#[test]
fn runs_spread_over_machines_that_ssh_reaches_and_end_as_in_one_process() {
    let Some(server) = SshServer::start() else { return };
    let home = tempfile::tempdir().unwrap();
    let options: Vec<String> = server.options().iter().map(|option| format!("{option:?}")).collect();
    let machine = format!(
        "[[machine]]\nhost = \"127.0.0.1\"\nprogram = {:?}\noptions = [{}]\n",
        env!("CARGO_BIN_EXE_tunemask"),
        options.join(", ")
    );
    let file = home.path().join("machines.toml");
    std::fs::write(&file, machine.repeat(2)).unwrap();
    let over_ssh = |machine: &Machine| Child { program: machine.program(), ..worker() };
    let workers: Vec<Child> = Machines::read(&file).unwrap().machine.iter().map(over_ssh).collect();
    let options = LabOptions {
        home: home.path().join("home"),
        older_queue: OlderQueue::Continue,
        device: Device::cpu(),
    };
    let lab = Lab::open_with(&options, &Workers::Processes(workers)).unwrap();
    let mut listener = Listener::new(&lab);
    let experiment = sweep();
    let id = lab.submit(&experiment).unwrap();
    listener.until_over(id);
    is_as_in_one_process(&lab, &listener, id, &experiment);
}
