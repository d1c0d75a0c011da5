//! Every metric against scikit-learn, SciPy, seqeval and PyTorch; `tests/fixtures/metrics/make.py` writes the figures.

use super::{Clipping, score};
use serde::Deserialize;
use tunemask_shared::metric::Metric;
use tunemask_shared::task::Task;

#[derive(Deserialize)]
struct Fixtures {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    task: Task,
    #[serde(default)]
    clip: bool,
    logits: Vec<f32>,
    targets: Vec<f32>,
    reads: Vec<usize>,
    values: Vec<(Metric, Value)>,
}

#[derive(Deserialize)]
struct Value(#[serde(with = "tunemask_shared::number")] f64);

#[test]
fn metrics_are_those_of_scikit_learn_scipy_and_seqeval() {
    let fixtures: Fixtures =
        serde_json::from_str(include_str!("../../tests/fixtures/metrics/metrics.json")).unwrap();
    assert!(fixtures.cases.len() > 30);
    let judged: Vec<Metric> = fixtures.cases.iter().flat_map(|case| &case.values).map(|v| v.0).collect();
    let without = Metric::ALL.into_iter().filter(|metric| !judged.contains(metric));
    assert_eq!(without.collect::<Vec<_>>(), [], "metrics without a case in metrics.json");
    for case in fixtures.cases {
        let got = score(&case.task, case.clip.into(), &case.logits, &case.targets, &case.reads);
        let names = |m: &mut dyn Iterator<Item = Metric>| m.map(Metric::name).collect::<Vec<_>>();
        let at = format!("{} ({})", case.name, case.task);
        assert_eq!(names(&mut got.iter().map(|s| s.0)), names(&mut case.values.iter().map(|v| v.0)), "{at}");
        for ((metric, got), (_, Value(want))) in got.into_iter().zip(case.values) {
            let near = (got - want).abs() <= 1e-12 * want.abs().max(1.0);
            assert!(near || got.is_nan() && want.is_nan(), "{at}, {}: {got} is not {want}", metric.name());
        }
    }
}

#[test]
fn what_cannot_be_scored_is_not_a_number() {
    let all_nan = |task: Task, logits: &[f32], targets: &[f32]| {
        score(&task, Clipping::Off, logits, targets, &vec![1; targets.len()]).iter().all(|(_, v)| v.is_nan())
    };
    assert!(all_nan(Task::cola(), &[], &[]));
    assert!(all_nan(Task::mrpc(), &[], &[]));
    assert!(all_nan(Task::stsb(), &[], &[]));
    assert!(all_nan(Task::rte(), &[0.0, f32::NAN], &[0.0]));
    assert!(all_nan(Task::stsb(), &[1.0, f32::INFINITY, 2.0], &[0.0, 1.0, 2.0]));
    assert!(all_nan(Task::rte(), &[0.0, 1.0, 2.0], &[0.0]));
    assert!(!all_nan(Task::rte(), &[0.0, 1.0], &[0.0]));
    assert!(all_nan(Task::ner(), &[], &[]));
    assert!(score(&Task::ner(), Clipping::Off, &[0.0; 18], &[0.0; 2], &[1]).iter().all(|(_, v)| v.is_nan()));
    assert!(score(&Task::ner(), Clipping::Off, &[0.0; 18], &[0.0; 2], &[2]).iter().all(|(_, v)| !v.is_nan()));
}
