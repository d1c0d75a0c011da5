//! A difference between masks: what varies, and how sure it is.

use super::fixtures::{LabelSetsCase, fixtures};
use super::{cell, contrast, near, study};
use tunemask::results::predictions::Predictions;
use tunemask::results::significance::{Cell, Estimate, Scope};
use tunemask_shared::mask::Mask;
use tunemask_shared::metric::Metric;
use tunemask_shared::task::Task;

#[test]
fn without_predictions_differences_of_seeds_are_tested_by_student() {
    for case in fixtures().student {
        let n = case.differences.len();
        let cells = vec![
            cell(Task::rte(), Mask::LayerNorms, case.differences.clone(), vec![]),
            cell(Task::rte(), Mask::Frozen, vec![0.0; n], vec![]),
        ];
        let study = study(n as u64, vec![Task::rte()], cells);
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
        cell(Task::rte(), Mask::LayerNorms, vec![0.7], vec![]),
        cell(Task::rte(), Mask::Frozen, vec![0.5], vec![]),
    ];
    let study = study(1, vec![Task::rte()], cells);
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
    let tagging = [Metric::EntityF1, Metric::EntityPrecision, Metric::EntityRecall];
    let judged: Vec<Metric> = found
        .influence
        .iter()
        .map(|case| case.metric)
        .chain(found.label_sets.influence.iter().map(|(metric, _)| *metric))
        .chain(tagging)
        .collect();
    // The loss is no metric of a task, and no mask is tested on it.
    let without =
        Metric::ALL.into_iter().filter(|metric| *metric != Metric::Loss && !judged.contains(metric));
    assert_eq!(without.collect::<Vec<_>>(), [], "metrics without a case in statistics.json");
    for case in found.influence {
        let labels = |of: &[f32]| of.iter().map(|&x| x as u16).collect::<Vec<u16>>();
        let (predicted, actual) = (&case.predicted, &case.actual);
        let predictions = match case.metric {
            Metric::Pearson | Metric::Spearman | Metric::Rmse => {
                Predictions::Scores { predicted: predicted.clone(), actual: actual.clone() }
            }
            _ => Predictions::Labels { predicted: labels(predicted), actual: labels(actual) },
        };
        let got = predictions.influence(case.metric).unwrap();
        assert!(near_all(&got, &case.influence), "{:?}: {got:?} is not {:?}", case.metric, case.influence);
    }
    let tagged = Predictions::Tagged { counts: found.tagged.counts };
    let want = [&found.tagged.influence, &found.tagged.precision, &found.tagged.recall];
    for (metric, want) in tagging.into_iter().zip(want) {
        let got = tagged.influence(metric).unwrap();
        assert!(near_all(&got, want), "{metric:?}: {got:?} is not {want:?}");
    }
    let LabelSetsCase { labels, predicted, actual, influence } = found.label_sets;
    let sets = Predictions::LabelSets { labels, predicted, actual };
    assert_eq!(influence.len(), 3);
    for (metric, want) in &influence {
        let got = sets.influence(*metric).unwrap();
        assert!(near_all(&got, want), "{metric:?}: {got:?} is not {want:?}");
    }
    assert_eq!(sets.influence(Metric::Accuracy), None);
    // Undefined, and 0 because the denominator is.
    let nothing = Predictions::LabelSets { labels: 2, predicted: vec![false; 6], actual: vec![false; 6] };
    for metric in [Metric::MicroF1, Metric::MacroF1, Metric::SubsetAccuracy] {
        assert_eq!(nothing.influence(metric), Some(vec![0.0; 3]));
    }
    let constant = Predictions::Scores { predicted: vec![1.0; 3], actual: vec![1.0, 2.0, 3.0] };
    assert_eq!(constant.influence(Metric::Spearman), None);
    let one_label = Predictions::Labels { predicted: vec![0; 3], actual: vec![0, 1, 0] };
    assert_eq!(one_label.influence(Metric::Matthews), Some(vec![0.0; 3]));
    assert_eq!(one_label.influence(Metric::Pearson), None);
}

#[test]
fn seeds_and_examples_are_told_apart_as_the_two_way_analysis_of_variance_does() {
    for case in fixtures().crossed {
        let mut tasks: Vec<Task> = case.cells.iter().map(|c| c.task.clone()).collect();
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
                cell(c.task.clone(), c.mask.clone(), scores, all)
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
    let cells = [Mask::LayerNorms, Mask::Frozen].map(|m| cell(Task::rte(), m, vec![1.0; 3], same()));
    let got = Estimate::of(&study(3, vec![Task::rte()], cells.into()), &contrast()).unwrap();
    let test = &got.on_method;
    assert_eq!((test.p_two_sided(), test.p_equivalent(0.02), test.p_above(0.0)), (1.0, 0.0, 1.0));
    assert_eq!((got.interval(0.95), got.on_models.interval(0.95)), ([0.0; 2], [0.0; 2]));
}

#[test]
fn the_seeds_that_would_decide_are_those_of_theory() {
    // Seeds alone vary: with d = 1 and s = 2 at power 0.8 and α = 0.05, t tables ask for 27 pairs.
    let scores: Vec<f64> = (0..9).map(|i| 1.0 + 2.0 * f64::from(i - 4) / 7.5f64.sqrt()).collect();
    let same = |n: usize| vec![Predictions::Labels { predicted: vec![1; 40], actual: vec![1; 40] }; n];
    let cells = vec![
        cell(Task::rte(), Mask::LayerNorms, scores, same(9)),
        cell(Task::rte(), Mask::Frozen, vec![0.0; 9], same(9)),
    ];
    let got = Estimate::of(&study(9, vec![Task::rte()], cells), &contrast()).unwrap();
    assert_eq!(got.seeds_to_decide(0.0, 0.05), Some(27));
}
