//! Every test against SciPy, statsmodels and scikit-learn; `fixtures/statistics/make.py` writes the figures.
#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

use serde::Deserialize;
use tunemask::results::Summary;
use tunemask::results::predictions::Predictions;
use tunemask::results::significance::{
    Cell, Estimate, PerExample, Scope, Study, holm, mcnemar, pair_tests, stochastic_order, wilcoxon,
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
    influence: Vec<InfluenceCase>,
    tagged: TaggedCase,
    crossed: Vec<CrossedCase>,
    orders: Vec<OrderCase>,
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
struct InfluenceCase {
    metric: Metric,
    predicted: Vec<f32>,
    actual: Vec<f32>,
    influence: Vec<f64>,
}

#[derive(Deserialize)]
struct TaggedCase {
    counts: Vec<[u32; 3]>,
    influence: Vec<f64>,
}

#[derive(Deserialize)]
struct CrossedCase {
    seeds: u64,
    cells: Vec<CellCase>,
    difference: f64,
    p_models: f64,
    p: Option<f64>,
    p_above: Option<f64>,
    interval: Option<[f64; 2]>,
}

#[derive(Deserialize)]
struct CellCase {
    task: Task,
    mask: Mask,
    right: Vec<Vec<u16>>,
}

#[derive(Deserialize)]
struct OrderCase {
    left: Vec<f64>,
    right: Vec<f64>,
    violation_ratio: f64,
    epsilon_min: f64,
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
    let cell = Cell {
        task,
        mask,
        trainable: 1,
        runs,
        scores,
        predictions,
        influences: vec![],
        choosing: None,
        flattered: false,
    };
    cell.with_influences()
}

fn contrast() -> [(Mask, f64); 2] {
    [(Mask::LayerNorms, 1.0), (Mask::Frozen, -1.0)]
}

#[test]
fn without_predictions_differences_of_seeds_are_tested_by_student() {
    for case in fixtures().student {
        let n = case.differences.len();
        let cells = vec![
            cell(Task::Rte, Mask::LayerNorms, case.differences.clone(), vec![]),
            cell(Task::Rte, Mask::Frozen, vec![0.0; n], vec![]),
        ];
        let study = study(n as u64, vec![Task::Rte], cells);
        let got = Estimate::of(&study, &contrast()).unwrap();
        let (above, below) = (got.on_method.p_above(case.bound), got.on_method.p_below(case.bound));
        if n < 3 {
            assert_eq!(got.method.speaks_for, Scope::Measured);
            assert!(above.is_nan() && below.is_nan() && got.interval(0.95)[0].is_nan());
            continue;
        }
        assert_eq!(got.method.speaks_for, Scope::DevelopmentSet);
        assert!(near(above, case.p_above), "{above} is not {}", case.p_above);
        assert!(near(below, case.p_below), "{below} is not {}", case.p_below);
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
    let got = Estimate::of(&study, &contrast()).unwrap();
    assert!((got.value - 0.2).abs() < 1e-12 && got.on_method.p_above(0.0).is_nan());
    assert!(got.interval(0.95)[0].is_nan() && !got.on_models.is_known());
}

fn near_all(got: &[f64], want: &[f64]) -> bool {
    got.len() == want.len() && got.iter().zip(want).all(|(g, w)| (g - w).abs() <= 1e-5 * (1.0 + w.abs()))
}

#[test]
fn influences_are_scikit_learns_derivatives_by_sample_weight() {
    let found = fixtures();
    assert!(found.influence.len() > 5);
    for case in found.influence {
        let labels = |of: &[f32]| of.iter().map(|&x| x as u16).collect::<Vec<u16>>();
        let (predicted, actual) = (&case.predicted, &case.actual);
        let predictions = match case.metric {
            Metric::Pearson | Metric::Spearman => {
                Predictions::Scores { predicted: predicted.clone(), actual: actual.clone() }
            }
            _ => Predictions::Labels { predicted: labels(predicted), actual: labels(actual) },
        };
        let got = predictions.influence(case.metric).unwrap();
        assert!(near_all(&got, &case.influence), "{:?}: {got:?} is not {:?}", case.metric, case.influence);
    }
    let got = Predictions::Tagged { counts: found.tagged.counts }.influence(Metric::EntityF1).unwrap();
    assert!(near_all(&got, &found.tagged.influence), "{got:?} is not {:?}", found.tagged.influence);
    // Undefined, and 0 because the denominator is.
    let constant = Predictions::Scores { predicted: vec![1.0; 3], actual: vec![1.0, 2.0, 3.0] };
    assert_eq!(constant.influence(Metric::Spearman), None);
    let one_label = Predictions::Labels { predicted: vec![0; 3], actual: vec![0, 1, 0] };
    assert_eq!(one_label.influence(Metric::Matthews), Some(vec![0.0; 3]));
    assert_eq!(one_label.influence(Metric::Pearson), None);
}

#[test]
fn seeds_and_examples_are_told_apart_as_the_two_way_analysis_of_variance_does() {
    for case in fixtures().crossed {
        let mut tasks: Vec<Task> = case.cells.iter().map(|c| c.task).collect();
        tasks.dedup();
        let cells: Vec<Cell> = case
            .cells
            .iter()
            .map(|c| {
                let labels = |right: &Vec<u16>| Predictions::Labels {
                    predicted: right.clone(),
                    actual: vec![1; right.len()],
                };
                let all: Vec<Predictions> = c.right.iter().map(labels).collect();
                let every: Vec<u32> = (0..c.right[0].len() as u32).collect();
                let scores = all.iter().map(|p| p.score(c.task.primary_metric(), &every)).collect();
                cell(c.task, c.mask.clone(), scores, all)
            })
            .collect();
        let study = study(case.seeds, tasks, cells);
        let got = Estimate::of(&study, &contrast()).unwrap();
        assert!(near(got.value, case.difference), "{} is not {}", got.value, case.difference);
        let models = got.on_models.p_two_sided();
        assert!(near(models, case.p_models), "{models} is not {}", case.p_models);
        let (Some(p), Some(p_above), Some(want)) = (case.p, case.p_above, case.interval) else {
            assert!(case.seeds < 3 && got.method.speaks_for == Scope::TrainedModels);
            assert!(got.on_method.p_two_sided().is_nan() && got.interval(0.95)[0].is_finite());
            continue;
        };
        assert_eq!(got.method.speaks_for, Scope::Method);
        let interval = got.interval(0.95);
        assert!(near(got.on_method.p_two_sided(), p), "{} is not {p}", got.on_method.p_two_sided());
        assert!(near(got.on_method.p_above(0.01), p_above));
        assert!(interval.iter().zip(want).all(|(g, w)| near(*g, w)), "{interval:?} is not {want:?}");
        // An interval without 0 and a p-value below 5 % are one thing, and so are the two one-sided tests and 90 %.
        assert_eq!(p < 0.05, interval[0] > 0.0 || interval[1] < 0.0);
        let [low, high] = got.interval(0.9);
        let edge = low.abs().max(high.abs());
        let equivalent = |margin: f64| got.on_method.p_equivalent(margin);
        assert!(equivalent(edge * 1.001) < 0.05 && equivalent(edge * 0.999) > 0.05);
    }
}

#[test]
fn masks_that_predict_the_same_are_equal_beyond_doubt() {
    let same = || vec![Predictions::Labels { predicted: vec![1; 40], actual: vec![1; 40] }; 3];
    let cells = [Mask::LayerNorms, Mask::Frozen].map(|m| cell(Task::Rte, m, vec![1.0; 3], same()));
    let got = Estimate::of(&study(3, vec![Task::Rte], cells.into()), &contrast()).unwrap();
    let test = &got.on_method;
    assert_eq!((test.p_two_sided(), test.p_equivalent(0.02), test.p_above(0.0)), (1.0, 0.0, 1.0));
}

#[test]
fn the_seeds_that_would_decide_are_those_of_theory() {
    // Seeds alone vary: with d = 1 and s = 2 at power 0.8 and α = 0.05, t tables ask for 27 pairs.
    let scores: Vec<f64> = (0..9).map(|i| 1.0 + 2.0 * f64::from(i - 4) / 7.5f64.sqrt()).collect();
    let same = |n: usize| vec![Predictions::Labels { predicted: vec![1; 40], actual: vec![1; 40] }; n];
    let cells = vec![
        cell(Task::Rte, Mask::LayerNorms, scores, same(9)),
        cell(Task::Rte, Mask::Frozen, vec![0.0; 9], same(9)),
    ];
    let got = Estimate::of(&study(9, vec![Task::Rte], cells), &contrast()).unwrap();
    assert_eq!(got.seeds_to_decide(0.0, 0.05), Some(27));
}

#[test]
fn almost_stochastic_order_is_that_of_deepsig() {
    for case in fixtures().orders {
        let got = stochastic_order(&case.left, &case.right);
        assert!(near(got.violation_ratio, case.violation_ratio), "{got:?} is not {}", case.violation_ratio);
        // Both draw scores again, each in its own way.
        assert!((got.epsilon_min - case.epsilon_min).abs() < 0.04, "{got:?} is not {}", case.epsilon_min);
    }
    assert_eq!(stochastic_order(&[0.5; 3], &[0.5; 3]).violation_ratio, 0.5);
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
        let found = pair_tests(&study, None);
        let against = pair_tests(&study, Some(&Mask::Frozen));
        let lines = |tests: &[_]| serde_json::to_string(tests).unwrap();
        assert_eq!((found.len(), lines(&found)), (1, lines(&against)));
        found.into_iter().next().unwrap()
    };
    let one = of(1, vec![right(36)], vec![right(20)]);
    // One seed says nothing of the method, whatever the examples say of the model.
    assert!((one.difference - 0.4).abs() < 1e-12 && one.p.is_nan() && one.p_holm.is_nan());
    assert!(one.interval[0].is_nan() && one.stochastic_order.is_none());
    assert!(one.trained_models.unwrap().p < 0.05 && one.method.speaks_for == Scope::TrainedModels);
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
    let cells = |stored: bool, seeds: usize| {
        masks.iter().enumerate().map(move |(i, mask)| {
            let n = |seed: usize| 195 - 30 * i - (i + 1) * seed % 3;
            let predictions = if stored { (0..seeds).map(|s| right(n(s))).collect() } else { Vec::new() };
            let scores = (0..seeds).map(|s| n(s) as f64 / 200.0).collect();
            cell(Task::Rte, mask.clone(), scores, predictions)
        })
    };
    let of = |stored: bool, seeds: usize| {
        let cells = cells(stored, seeds).collect();
        pair_tests(&Study { masks: masks.to_vec(), ..study(seeds as u64, vec![Task::Rte], cells) }, None)
    };
    let found = of(true, 5);
    assert_eq!(found.len(), 21);
    assert!(found.iter().all(|t| t.p_holm < 0.05 && t.p_holm >= t.p), "{found:?}");
    let untested = of(false, 1);
    assert!(untested.iter().all(|t| t.p.is_nan() && t.p_holm.is_nan() && t.difference > 0.1));
    let line = serde_json::to_value(&untested[0]).unwrap();
    assert_eq!((&line["p"], &line["interval"][0]), (&"NaN".into(), &"NaN".into()));
    assert_eq!((&line["speaks_for"], &line["seeds"]), (&"measured".into(), &1.into()));
}

#[test]
fn equal_sums_of_fractions_are_equal_to_the_signed_rank_test() {
    // 1/3 + 2/3 and 2/3 + 1/3 of a sentence, in the two orders of three seeds, and one real difference.
    let tagged = |counts: Vec<[u32; 3]>| Predictions::Tagged { counts };
    let left = vec![
        tagged(vec![[1, 3, 3], [3, 3, 3]]),
        tagged(vec![[2, 3, 3], [1, 1, 1]]),
        tagged(vec![[1, 5, 5], [1, 1, 1]]),
    ];
    let right = vec![
        tagged(vec![[1, 5, 5], [1, 1, 1]]),
        tagged(vec![[2, 3, 3], [0, 1, 1]]),
        tagged(vec![[1, 3, 3], [1, 1, 1]]),
    ];
    let cells = vec![
        cell(Task::Ner, Mask::LayerNorms, vec![0.6; 3], left),
        cell(Task::Ner, Mask::Frozen, vec![0.5; 3], right),
    ];
    let found = pair_tests(&study(3, vec![Task::Ner], cells), None);
    assert!(matches!(found[0].per_example, Some(PerExample::Wilcoxon(w)) if w.n == 1), "{found:?}");
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
