//! Workers on their way, line by line.

use super::*;
use crate::fixtures;
use crate::run::Arithmetic;

fn node(worker: &str) -> Node {
    let arithmetic = Arithmetic("x86-64-v4".into());
    Node { name: "desk".into(), arithmetic, worker: Some(worker.into()) }
}

fn run(id: &str) -> RunId {
    RunId(id.into())
}

fn tell(nodes: &mut Nodes, at_ms: u64, kind: EventKind) {
    nodes.apply(&Event { seq: 1, at_ms, kind });
}

fn started(id: &str, worker: &str) -> EventKind {
    let mut line = fixtures::started(&run(id), 100);
    if let EventKind::Started { node: own, .. } = &mut line {
        *own = Some(node(worker));
    }
    line
}

fn queued(id: &str) -> EventKind {
    let spec = Box::new(fixtures::run_spec());
    EventKind::Queued { run: run(id), spec, trainable: 1, alone: false }
}

/// Steps of half a second each, up to the one that ends after so many seconds of training.
fn points(id: &str, steps: usize, elapsed_secs: f64) -> EventKind {
    let end = |left: usize| elapsed_secs - 0.5 * left as f64;
    let points = Points {
        tokens_per_s: vec![200.0; steps],
        elapsed_secs: (0..steps).rev().map(end).collect(),
        ..fixtures::points(1..=steps as u64)
    };
    EventKind::Points { run: run(id), points }
}

fn words(nodes: &mut Nodes, now_ms: u64) -> Vec<String> {
    let words = |own: &NodeActivity| {
        let NodeActivity { node, runs, since_secs, heard_secs, steps_per_s, tokens_per_s, .. } = own;
        format!("{} {runs} {since_secs:?} {heard_secs:?} {steps_per_s:.1} {tokens_per_s:.0}", node.place())
    };
    nodes.report(&LabState::default(), now_ms).iter().map(words).collect()
}

#[test]
fn each_worker_says_what_it_trains_and_how_fast() {
    let mut nodes = Nodes::default();
    tell(&mut nodes, 1_000, started("a", "cpu-1"));
    tell(&mut nodes, 1_000, started("b", "cpu-1"));
    tell(&mut nodes, 2_000, started("c", "cpu-2"));
    // Two runs share the time of each step: 8 steps, 100 tokens each.
    tell(&mut nodes, 3_000, points("a", 4, 2.0));
    tell(&mut nodes, 3_000, points("b", 4, 2.0));
    let want = ["desk/cpu-1 2 Some(4.0) Some(2.0) 2.0 200", "desk/cpu-2 1 Some(3.0) Some(3.0) 0.0 0"];
    assert_eq!(words(&mut nodes, 5_000), want);
    // One whose worker is gone goes on elsewhere; who finished has nothing to train.
    tell(&mut nodes, 6_000, EventKind::Continued { run: run("c") });
    tell(&mut nodes, 7_000, started("c", "cpu-1"));
    let now = words(&mut nodes, 8_000);
    assert!(now[0].starts_with("desk/cpu-1 3 Some(7.0)"), "{now:?}");
    assert_eq!(now[1], "desk/cpu-2 0 None Some(6.0) 0.0 0");
    // What is long ago says nothing of now, and who was idle for long is not told of.
    assert!(words(&mut nodes, 90_000)[0].ends_with(" 0.0 0"));
    assert_eq!(words(&mut nodes, 2_000 + IDLE_MS).len(), 2);
    assert_eq!(words(&mut nodes, 2_001 + IDLE_MS).len(), 1);
}

/// The seconds before it went on are of no step that is told of now.
#[test]
fn a_run_that_goes_on_elsewhere_is_as_fast_as_before() {
    let speed = |nodes: &mut Nodes, now_ms: u64| {
        let now = nodes.report(&LabState::default(), now_ms);
        now.into_iter().map(|own| own.tokens_per_s.round()).collect::<Vec<_>>()
    };
    for left in [EventKind::Continued { run: run("a") }, EventKind::Interrupted { run: run("a") }] {
        let mut nodes = Nodes::default();
        tell(&mut nodes, 1_000, started("a", "cpu-1"));
        tell(&mut nodes, 2_000, points("a", 400, 200.0));
        tell(&mut nodes, 100_000, left);
        tell(&mut nodes, 101_000, started("a", "cpu-2"));
        tell(&mut nodes, 103_000, points("a", 4, 202.0));
        assert_eq!(speed(&mut nodes, 103_000), [0.0, 200.0]);
        // One that starts anew begins with nothing.
        tell(&mut nodes, 104_000, queued("a"));
        tell(&mut nodes, 204_000, started("a", "cpu-2"));
        tell(&mut nodes, 206_000, points("a", 4, 2.0));
        assert_eq!(speed(&mut nodes, 206_000), [0.0, 400.0 / 30.0].map(f64::round));
    }
}

#[test]
fn a_fold_that_begins_with_a_state_says_what_one_from_the_start_says() {
    let mut lab = LabState::default();
    let mut live = Nodes::default();
    let mut told = |kinds: Vec<EventKind>| {
        for kind in kinds {
            let event = Event { seq: lab.seq + 1, at_ms: 1_000 * (lab.seq + 1), kind };
            lab.apply(&event).unwrap();
            live.apply(&event);
        }
    };
    told(vec![queued("a"), started("a", "cpu-1"), points("a", 4, 2.0)]);
    told(vec![EventKind::Continued { run: run("a") }]);
    let mut between = Nodes::of(&lab);
    let mut told = |kind: EventKind| {
        let event = Event { seq: lab.seq + 1, at_ms: 1_000 * (lab.seq + 1), kind };
        lab.apply(&event).unwrap();
        live.apply(&event);
        between.apply(&event);
    };
    told(started("a", "cpu-2"));
    told(points("a", 4, 4.0));
    let now = 10_000;
    let of = |nodes: &mut Nodes| {
        let report = nodes.report(&lab, now).into_iter();
        report.filter(|own| own.runs > 0).map(|own| (own.since_secs, own.tokens_per_s)).collect::<Vec<_>>()
    };
    let from_start = of(&mut live);
    assert_eq!(from_start[0].0, Some(5.0));
    assert_eq!(of(&mut between), from_start);
    assert_eq!(of(&mut Nodes::of(&lab))[0].0, Some(5.0));
}

#[test]
fn a_clock_that_jumps_makes_no_odd_figures() {
    let mut nodes = Nodes::default();
    tell(&mut nodes, 9_000_000, started("a", "cpu-1"));
    tell(&mut nodes, 9_001_000, points("a", 4, 2.0));
    assert_eq!(words(&mut nodes, 1_000), ["desk/cpu-1 1 Some(0.0) Some(0.0) 0.0 0"]);
    tell(&mut nodes, 2_000, points("a", 4, 4.0));
    let speed = nodes.report(&LabState::default(), 3_000)[0].steps_per_s;
    assert!(speed.is_finite() && speed <= 4.0, "{speed}");
}

#[test]
fn a_state_says_where_its_runs_train() {
    let mut lab = LabState::default();
    fixtures::story()[..7].iter().for_each(|event| lab.apply(event).unwrap());
    let (experiment, held) = lab.experiments.iter().next().unwrap();
    let (experiment, id) = (*experiment, held.runs[0].clone());
    let known = lab.runs.get_mut(&id).unwrap();
    known.status = RunStatus::Running;
    (known.node, known.device, known.started_ms) = (Some(node("cpu-1")), Some("cpu".into()), Some(7));
    let report = Nodes::of(&lab).report(&lab, 507);
    let [desk] = &report[..] else { panic!("{report:?}") };
    assert!(desk.experiments.contains(&experiment), "{desk:?}");
    assert_eq!((desk.runs, desk.since_secs, desk.heard_secs), (1, Some(0.5), None));
}
