//! Every test against SciPy, statsmodels and scikit-learn; `fixtures/statistics/make.py` writes the figures.
#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

use serde::Deserialize;
use tunemask::results::Summary;
use tunemask::results::predictions::Predictions;
use tunemask::results::significance::{
    Cell, Estimate, Method, PerExample, Resamples, Study, holm, mcnemar, pair_draws, pair_tests, wilcoxon,
};
use tunemask::results::table::{MetricSummary, RateResult, ResultCell, ResultRow, ResultTable, SeedResult};
use tunemask_shared::event::ExperimentId;
use tunemask_shared::experiment::{RatePick, ReportedEpoch};
use tunemask_shared::mask::Mask;
use tunemask_shared::metric::{Metric, Score};
use tunemask_shared::run::{RunId, RunStatus};
use tunemask_shared::task::Task;

#[derive(Deserialize)]
struct Fixtures {
    mcnemar: Vec<McNemarCase>,
    wilcoxon: Vec<WilcoxonCase>,
    holm: Vec<HolmCase>,
    student: Vec<StudentCase>,
    bootstrap: Vec<BootstrapCase>,
}

#[derive(Deserialize)]
struct McNemarCase {
    left_only: u64,
    right_only: u64,
    exact: f64,
    mid_p: f64,
    chi_square: f64,
}

#[derive(Deserialize)]
struct WilcoxonCase {
    differences: Vec<f64>,
    exact: bool,
    n: usize,
    statistic: f64,
    p: f64,
}

#[derive(Deserialize)]
struct HolmCase {
    p: Vec<f64>,
    holm: Vec<f64>,
}

#[derive(Deserialize)]
struct StudentCase {
    differences: Vec<f64>,
    bound: f64,
    p_above: f64,
    p_below: f64,
    interval: [f64; 2],
}

#[derive(Deserialize)]
struct BootstrapCase {
    seeds: u64,
    count: u32,
    seed: u64,
    margin: f64,
    cells: Vec<CellCase>,
    difference: f64,
    interval: [f64; 2],
    p_above: f64,
    p_equivalent: f64,
}

#[derive(Deserialize)]
struct CellCase {
    task: Task,
    mask: Mask,
    predicted: Vec<Vec<f32>>,
    actual: Vec<f32>,
}

fn fixtures() -> Fixtures {
    serde_json::from_str(include_str!("fixtures/statistics/statistics.json")).unwrap()
}

fn near(got: f64, want: f64) -> bool {
    (got - want).abs() <= 1e-10
}

#[test]
fn mcnemar_is_that_of_statsmodels() {
    let cases = fixtures().mcnemar;
    assert!(cases.len() > 8);
    for case in cases {
        let got = mcnemar(case.left_only, case.right_only);
        assert!(near(got.exact, case.exact), "{got:?} is not {}", case.exact);
        assert!(near(got.mid_p, case.mid_p), "{got:?} is not {}", case.mid_p);
        assert!(near(got.chi_square, case.chi_square), "{got:?} is not {}", case.chi_square);
        let few = case.left_only + case.right_only < 25;
        assert_eq!(got.p, if few { got.mid_p } else { got.chi_square });
    }
}

#[test]
fn wilcoxon_is_that_of_scipy() {
    let cases = fixtures().wilcoxon;
    assert!(cases.iter().any(|c| c.exact) && cases.iter().any(|c| !c.exact));
    for case in cases {
        let got = wilcoxon(&case.differences);
        assert_eq!((got.n, got.exact, got.statistic), (case.n, case.exact, case.statistic));
        assert!(near(got.p, case.p), "{got:?} is not {}", case.p);
    }
    assert_eq!(wilcoxon(&[0.0, 0.0]).p, 1.0);
    assert!(wilcoxon(&[1.0, f64::NAN]).p.is_nan());
}

#[test]
fn holm_is_that_of_statsmodels() {
    for case in fixtures().holm {
        let got = holm(&case.p);
        assert!(got.iter().zip(&case.holm).all(|(g, w)| near(*g, *w)), "{got:?} is not {:?}", case.holm);
    }
    let with_hole = holm(&[0.01, f64::NAN, 0.02]);
    assert!(with_hole[1].is_nan() && with_hole[0] == 0.02 && with_hole[2] == 0.02);
}

fn study(seeds: u64, tasks: Vec<Task>, cells: Vec<Cell>) -> Study {
    let masks = vec![Mask::LayerNorms, Mask::Frozen];
    Study { seeds: (1..=seeds).collect(), tasks, masks, cells, left_out: vec![] }
}

fn cell(task: Task, mask: Mask, scores: Vec<f64>, predictions: Vec<Predictions>) -> Cell {
    let runs = (0..scores.len()).map(|s| RunId(format!("{mask}-{task}-{s}"))).collect();
    Cell { task, mask, trainable: 1, runs, scores, predictions }
}

fn contrast() -> [(Mask, f64); 2] {
    [(Mask::LayerNorms, 1.0), (Mask::Frozen, -1.0)]
}

#[test]
fn differences_of_seeds_are_tested_by_student() {
    for case in fixtures().student {
        let n = case.differences.len();
        let cells = vec![
            cell(Task::Rte, Mask::LayerNorms, case.differences.clone(), vec![]),
            cell(Task::Rte, Mask::Frozen, vec![0.0; n], vec![]),
        ];
        let study = study(n as u64, vec![Task::Rte], cells);
        let resamples = Resamples::draw(&study, 10, 1);
        let got = Estimate::of(&study, &resamples, &contrast()).unwrap();
        assert_eq!(got.method(), Method::PairedT { seeds: n as u32 });
        assert!(
            near(got.p_above(case.bound), case.p_above),
            "{} is not {}",
            got.p_above(case.bound),
            case.p_above
        );
        assert!(near(got.p_below(case.bound), case.p_below));
        let interval = got.interval(0.95);
        assert!(
            interval.iter().zip(case.interval).all(|(g, w)| near(*g, w)),
            "{interval:?} is not {:?}",
            case.interval
        );
    }
}

#[test]
fn one_seed_without_predictions_decides_nothing() {
    let cells = vec![
        cell(Task::Rte, Mask::LayerNorms, vec![0.7], vec![]),
        cell(Task::Rte, Mask::Frozen, vec![0.5], vec![]),
    ];
    let study = study(1, vec![Task::Rte], cells);
    let got = Estimate::of(&study, &Resamples::draw(&study, 10, 1), &contrast()).unwrap();
    assert!((got.value - 0.2).abs() < 1e-12 && got.p_above(0.0).is_nan() && got.interval(0.95)[0].is_nan());
}

fn predictions(task: Task, predicted: &[f32], actual: &[f32]) -> Predictions {
    let labels = |of: &[f32]| of.iter().map(|&x| x as u16).collect();
    if task == Task::Stsb {
        Predictions::Scores { predicted: predicted.to_vec(), actual: actual.to_vec() }
    } else {
        Predictions::Labels { predicted: labels(predicted), actual: labels(actual) }
    }
}

#[test]
fn the_bootstrap_is_that_of_numpy_on_the_same_draws() {
    for case in fixtures().bootstrap {
        let mut tasks: Vec<Task> = case.cells.iter().map(|c| c.task).collect();
        tasks.truncate(case.cells.len() / 2);
        let cells: Vec<Cell> = case
            .cells
            .iter()
            .map(|c| {
                let all: Vec<Predictions> =
                    c.predicted.iter().map(|p| predictions(c.task, p, &c.actual)).collect();
                let every: Vec<u32> = (0..c.actual.len() as u32).collect();
                let scores = all.iter().map(|p| p.score(c.task.primary_metric(), &every)).collect();
                cell(c.task, c.mask.clone(), scores, all)
            })
            .collect();
        let study = study(case.seeds, tasks, cells);
        let resamples = Resamples::draw(&study, case.count, case.seed);
        let got = Estimate::of(&study, &resamples, &contrast()).unwrap();
        assert_eq!(got.method(), Method::Bootstrap { resamples: case.count });
        assert!(near(got.value, case.difference), "{} is not {}", got.value, case.difference);
        let interval = got.interval(0.95);
        assert!(
            interval.iter().zip(case.interval).all(|(g, w)| near(*g, w)),
            "{interval:?} is not {:?}",
            case.interval
        );
        assert!(near(got.p_above(0.0), case.p_above));
        assert!(near(got.p_equivalent(case.margin), case.p_equivalent));
    }
}

#[test]
fn pairs_are_tested_by_the_data_they_have() {
    let labels = |predicted: Vec<u16>| Predictions::Labels { actual: vec![1; predicted.len()], predicted };
    let right = |n: usize| labels((0..40).map(|i| u16::from(i < n)).collect());
    let of = |seeds: u64, left: Vec<Predictions>, other: Vec<Predictions>| {
        let score = |p: &Predictions| p.score(Task::Rte.primary_metric(), &(0..40).collect::<Vec<u32>>());
        let cells = vec![
            cell(Task::Rte, Mask::LayerNorms, left.iter().map(score).collect(), left),
            cell(Task::Rte, Mask::Frozen, other.iter().map(score).collect(), other),
        ];
        let study = study(seeds, vec![Task::Rte], cells);
        let found = pair_tests(&study, &Resamples::draw(&study, 200, 1), None);
        let against = pair_tests(&study, &Resamples::draw(&study, 200, 1), Some(&Mask::Frozen));
        assert_eq!((found.len(), &found), (1, &against));
        found.into_iter().next().unwrap()
    };
    let one = of(1, vec![right(36)], vec![right(20)]);
    assert!((one.difference - 0.4).abs() < 1e-12 && one.p < 0.05 && one.p_holm == one.p);
    match one.per_example {
        Some(PerExample::McNemar(test)) => assert_eq!((test.left_only, test.right_only), (16, 0)),
        other => panic!("{other:?}"),
    }
    let two = of(2, vec![right(36), right(34)], vec![right(20), right(22)]);
    assert!(
        matches!(two.per_example, Some(PerExample::Wilcoxon(test)) if test.n == 16),
        "{:?}",
        two.per_example
    );
}

#[test]
fn many_pairs_can_be_told_apart_and_pairs_without_spread_are_not_tested() {
    let masks =
        [Mask::Full, Mask::Mha, Mask::Ffn, Mask::BitFit, Mask::LayerNorms, Mask::LayerNormA, Mask::Frozen];
    let right = |n: usize| Predictions::Labels {
        actual: vec![1; 200],
        predicted: (0..200).map(|i| u16::from(i < n)).collect(),
    };
    let cells = |stored: bool| {
        masks.iter().enumerate().map(move |(i, mask)| {
            let n = 195 - 30 * i;
            let predictions = if stored { vec![right(n)] } else { Vec::new() };
            cell(Task::Rte, mask.clone(), vec![n as f64 / 200.0], predictions)
        })
    };
    let of = |stored: bool| {
        let study = Study { masks: masks.to_vec(), ..study(1, vec![Task::Rte], cells(stored).collect()) };
        let draws = pair_draws(&study, None);
        assert_eq!((draws, pair_draws(&study, Some(&Mask::Full))), (200 * 21, 200 * 6));
        pair_tests(&study, &Resamples::draw(&study, draws, 1), None)
    };
    let found = of(true);
    assert_eq!(found.len(), 21);
    assert!(found.iter().all(|t| t.p_holm < 0.05 && t.p_holm > t.p / 2.0), "{found:?}");
    let untested = of(false);
    assert!(untested.iter().all(|t| t.p.is_nan() && t.p_holm.is_nan() && t.difference > 0.1));
    let line = serde_json::to_value(&untested[0]).unwrap();
    assert_eq!((&line["p"], &line["interval"][0]), (&"NaN".into(), &"NaN".into()));
}

#[test]
fn tagged_sentences_are_scored_by_their_sums() {
    let tagged = Predictions::Tagged { counts: vec![[1, 2, 1], [0, 0, 0], [2, 2, 4]] };
    let metric = Task::Rte.primary_metric();
    assert_eq!(tagged.score(metric, &[0, 1, 2]), 2.0 * 3.0 / 9.0);
    assert_eq!(tagged.score(metric, &[0, 0]), 2.0 * 2.0 / 6.0);
    assert_eq!(tagged.per_example(), [2.0 / 3.0, 1.0, 2.0 * 2.0 / 6.0]);
}

/// A table of two masks on RTE, two rates and two seeds, of which the second rate wins.
fn table(settled: bool) -> ResultTable {
    let row = |mask: Mask| {
        let rate = |learning_rate: f64, value: f64| {
            let seeds = [1u64, 2].map(|seed| SeedResult {
                seed,
                run: Some(RunId(format!("{mask}/{learning_rate:e}/{seed}"))),
                status: RunStatus::Finished,
                scores: vec![Score { metric: Metric::Accuracy, set: 0, value }],
                failure: None,
            });
            RateResult { learning_rate, seeds: seeds.into(), primary: Summary::of(&[value; 2]) }
        };
        let figure =
            MetricSummary { metric: Metric::Accuracy, set: 0, summary: Summary::of(&[0.75; 2]), gap: None };
        let cell = ResultCell {
            task: Task::Rte,
            rates: vec![rate(1e-4, 0.5), rate(1e-3, 0.75)],
            picked: vec![1e-3],
            figures: vec![figure],
            edge: None,
            settled: settled || mask == Mask::LayerNorms,
        };
        ResultRow { mask, trainable: Some(7), cells: vec![cell], average: None }
    };
    ResultTable {
        experiment_id: ExperimentId(1),
        name: "t".into(),
        model: "m".into(),
        seeds: vec![1, 2],
        reported_epoch: ReportedEpoch::Best,
        rate_pick: RatePick::BestMean,
        clip_predictions: false,
        tasks: vec![Task::Rte],
        rows: [Mask::LayerNorms, Mask::Frozen].map(row).into(),
        remarks: Vec::new(),
    }
}

#[test]
fn a_study_takes_the_reported_runs_of_settled_cells() {
    let labels = |n: usize| Predictions::Labels { predicted: vec![1; n], actual: vec![1; n] };
    let study = Study::of(&table(true), |_| Some(labels(4)));
    assert_eq!((study.cells.len(), study.trainable(&Mask::Frozen)), (2, Some(7)));
    let cell = study.cell(&Mask::Frozen, Task::Rte).unwrap();
    assert_eq!(cell.runs, ["frozen/1e-3/1", "frozen/1e-3/2"].map(|r| RunId(r.into())));
    assert_eq!((&cell.scores[..], cell.predictions.len()), (&[0.75, 0.75][..], 2));
    let one = Study::of(&table(false), |_| None);
    assert_eq!(one.cells.len(), 1);
    assert!(one.cells[0].predictions.is_empty() && one.common_tasks([&Mask::Frozen]).is_empty());
    assert_eq!(
        one.without([&Mask::Frozen, &Mask::LayerNorms]),
        " Without frozen on RTE: runs at other learning rates are still to come."
    );
    // What was cut otherwise cannot be paired.
    let cut = Study::of(&table(true), |run| Some(labels(if run.0.starts_with("frozen") { 3 } else { 4 })));
    assert_eq!(cut.cells.iter().map(|c| c.predictions.len()).collect::<Vec<_>>(), [2, 0]);
    // A run without predictions leaves its whole cell without.
    let some = Study::of(&table(true), |run| (run.0 != "layernorms/1e-3/2").then(|| labels(4)));
    assert!(some.cells[0].predictions.is_empty());
}
