use super::*;
use tunemask_shared::event::Node;
use tunemask_shared::fixtures::{self, run_spec};
use tunemask_shared::run::Arithmetic;

fn run() -> RunId {
    RunId("a".into())
}

fn header(node: &str, arithmetic: &str) -> Header {
    Header {
        task: 0,
        attempt: 0,
        node: Node { name: node.into(), arithmetic: Arithmetic(arithmetic.into()), worker: None },
        pid: 1,
        job: None,
        device: "cpu".into(),
        program: "tunemask".into(),
        follows: Vec::new(),
    }
}

/// A worker, and what it says.
struct WorkerCopy {
    segment: SegmentName,
    header: Header,
}

impl WorkerCopy {
    fn new(node: &str, arithmetic: &str) -> Self {
        Self { segment: SegmentName::new(0, 0, node, 1), header: header(node, arithmetic) }
    }

    fn says(&self, fold: &mut Fold, line: EventKind) -> Taken {
        fold.take(&self.segment, &self.header, line)
    }
}

fn started() -> EventKind {
    fixtures::started(&run(), 9)
}

fn points(steps: std::ops::RangeInclusive<u64>) -> EventKind {
    fixtures::pointed(&run(), steps)
}

fn evaluated(epoch: u32) -> EventKind {
    fixtures::evaluated(&run(), epoch)
}

fn finished(sha256: &str) -> EventKind {
    fixtures::finished(&run(), sha256)
}

fn fold() -> Fold {
    Fold::new([(run(), Logged::default())])
}

#[test]
fn two_copies_of_a_run_make_one_curve_and_one_end() {
    let mut fold = fold();
    let (a, b) = (WorkerCopy::new("a", "v4"), WorkerCopy::new("b", "v4"));
    for line in [started(), points(1..=6), evaluated(1)] {
        assert_eq!(a.says(&mut fold, line.clone()), Taken::Line(line));
    }
    // The other began at a checkpoint behind step 2.
    assert_eq!(b.says(&mut fold, started()), Taken::Line(started()));
    assert_eq!(b.says(&mut fold, points(3..=5)), Taken::Known);
    assert_eq!(b.says(&mut fold, evaluated(1)), Taken::Known);
    assert_eq!(b.says(&mut fold, points(6..=8)), Taken::Line(points(7..=8)));
    // The first was thought dead, and lags now.
    assert_eq!(a.says(&mut fold, points(7..=7)), Taken::Known);
    assert_eq!(a.says(&mut fold, EventKind::Interrupted { run: run() }), Taken::Known);
    assert_eq!(a.says(&mut fold, points(8..=9)), Taken::Line(points(9..=9)));
    assert_eq!(b.says(&mut fold, evaluated(2)), Taken::Line(evaluated(2)));
    assert_eq!(b.says(&mut fold, finished("x")), Taken::Line(finished("x")));
    for line in [points(9..=9), evaluated(2), started(), EventKind::failed(run(), "why")] {
        assert_eq!(a.says(&mut fold, line), Taken::Known);
    }
    assert_eq!(a.says(&mut fold, finished("x")), Taken::Known);
    assert!(fold.is_over(&run()) && fold.has_finished(&run()));
}

#[test]
fn a_second_end_with_other_bits_names_both_nodes() {
    let mut fold = fold();
    let (a, b) = (WorkerCopy::new("first", "v4"), WorkerCopy::new("second", "v4"));
    a.says(&mut fold, finished("x"));
    let Taken::Odd(why) = b.says(&mut fold, finished("y")) else { panic!("it is odd") };
    assert!(why.contains("first") && why.contains("second"), "{why}");
}

#[test]
fn what_no_worker_of_the_plan_writes_is_left_out_and_said() {
    let mut fold = fold();
    let a = WorkerCopy::new("a", "v4");
    a.says(&mut fold, started());
    let foreign = EventKind::failed(RunId("other".into()), "why");
    let Taken::Odd(why) = a.says(&mut fold, foreign) else { panic!("an unknown run") };
    assert!(why.contains("other"), "{why}");
    assert!(matches!(a.says(&mut fold, EventKind::Paused), Taken::Odd(_)));
    assert!(matches!(a.says(&mut fold, EventKind::Continued { run: run() }), Taken::Odd(_)));
    // A hole in a curve would be a curve that nobody trained.
    assert!(matches!(a.says(&mut fold, points(3..=4)), Taken::Odd(_)));
    assert_eq!(fold.logged(&run()).unwrap().step, 0);
}

#[test]
fn a_curve_is_of_one_kind_of_machine() {
    let mut fold = fold();
    let (a, b) = (WorkerCopy::new("a", "v4"), WorkerCopy::new("b", "v3"));
    a.says(&mut fold, started());
    a.says(&mut fold, points(1..=6));
    // Without a word that it begins anew, nothing of another kind counts.
    assert_eq!(b.says(&mut fold, points(7..=8)), Taken::Known);
    let queued = EventKind::Queued { run: run(), spec: Box::new(run_spec()), trainable: 1, alone: false };
    assert_eq!(b.says(&mut fold, queued.clone()), Taken::Line(queued));
    b.says(&mut fold, started());
    assert_eq!(b.says(&mut fold, points(1..=2)), Taken::Line(points(1..=2)));
    // From here on the first is the copy that does not count.
    assert_eq!(a.says(&mut fold, points(7..=8)), Taken::Known);
    assert_eq!(a.says(&mut fold, finished("x")), Taken::Known);
    assert_eq!(b.says(&mut fold, finished("y")), Taken::Line(finished("y")));
}

#[test]
fn who_begins_last_before_a_step_says_whose_bits_follow() {
    let mut fold = fold();
    let (a, b) = (WorkerCopy::new("a", "v4"), WorkerCopy::new("b", "v3"));
    a.says(&mut fold, started());
    b.says(&mut fold, started());
    // Neither had taken a step when the other began: a curve of both would be nobody's.
    assert_eq!(a.says(&mut fold, points(1..=6)), Taken::Known);
    assert_eq!(a.says(&mut fold, evaluated(1)), Taken::Known);
    assert_eq!(b.says(&mut fold, points(1..=2)), Taken::Line(points(1..=2)));
    assert_eq!(a.says(&mut fold, finished("x")), Taken::Known);
    assert_eq!(b.says(&mut fold, finished("y")), Taken::Line(finished("y")));
}

#[test]
fn a_run_ends_where_another_kind_of_machine_cannot_begin_it() {
    let failed = || EventKind::failed(run(), "the model is not here");
    let cancelled = EventKind::Cancelled { run: run() };
    let begun = || {
        let mut fold = fold();
        let a = WorkerCopy::new("a", "v4");
        a.says(&mut fold, started());
        a.says(&mut fold, points(1..=6));
        fold
    };
    let b = WorkerCopy::new("b", "v3");
    // Whoever does not have it speaks of a copy of its own.
    assert_eq!(b.says(&mut begun(), failed()), Taken::Known);
    let mut fold = begun();
    b.says(&mut fold, EventKind::Preparing { runs: vec![run()] });
    assert_eq!(b.says(&mut fold, failed()), Taken::Line(failed()));
    let mut fold = begun();
    assert_eq!(b.says(&mut fold, cancelled.clone()), Taken::Line(cancelled));
    assert!(fold.is_over(&run()));
}
