//! Every pair of masks, by the data that it has.

use super::{cell, study};
use tunemask::results::claims::front;
use tunemask::results::predictions::Predictions;
use tunemask::results::significance::{PerExample, Scope, Study, pair_tests};
use tunemask_shared::mask::Mask;
use tunemask_shared::task::Task;

#[test]
fn pairs_are_tested_by_the_data_they_have() {
    let labels = |predicted: Vec<u16>| Predictions::Labels { actual: vec![1; predicted.len()], predicted };
    let right = |n: usize| labels((0..40).map(|i| u16::from(i < n)).collect());
    let of = |seeds: u64, left: Vec<Predictions>, other: Vec<Predictions>| {
        let score = |p: &Predictions| p.score(Task::rte().primary_metric(), &(0..40).collect::<Vec<u32>>());
        let cells = vec![
            cell(Task::rte(), Mask::LayerNorms, left.iter().map(score).collect(), left),
            cell(Task::rte(), Mask::Frozen, other.iter().map(score).collect(), other),
        ];
        let study = study(seeds, vec![Task::rte()], cells);
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
            cell(Task::rte(), mask.clone(), scores, predictions)
        })
    };
    let of = |stored: bool, seeds: usize| {
        let cells = cells(stored, seeds).collect();
        pair_tests(&Study { masks: masks.to_vec(), ..study(seeds as u64, vec![Task::rte()], cells) }, None)
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
        cell(Task::ner(), Mask::LayerNorms, vec![0.6; 3], left),
        cell(Task::ner(), Mask::Frozen, vec![0.5; 3], right),
    ];
    let found = pair_tests(&study(3, vec![Task::ner()], cells), None);
    assert!(matches!(found[0].per_example, Some(PerExample::Wilcoxon(w)) if w.n == 1), "{found:?}");
}

#[test]
fn of_an_error_less_is_better_and_claims_in_points_leave_it_out() {
    let own: Task = serde_json::from_str(
        r#"{"source":"own","name":"own:grades","kind":{"regression":{"low":0.0,"high":10.0}},"pairs":false,
            "metrics":["rmse"],"development_sets":["dev"],"size":"small"}"#,
    )
    .unwrap();
    let actual: Vec<f32> = (0..40).map(|i| (i % 8) as f32).collect();
    let run = |off: f32| Predictions::Scores {
        predicted: actual.iter().zip(0..).map(|(a, i)| a + off + 0.01 * (i % 5) as f32).collect(),
        actual: actual.clone(),
    };
    let every: Vec<u32> = (0..40).collect();
    let of = |mask: Mask, offs: [f32; 3]| {
        let runs = offs.map(run).to_vec();
        let scores = runs.iter().map(|p| p.score(own.primary_metric(), &every)).collect();
        cell(own.clone(), mask, scores, runs)
    };
    let cells = vec![of(Mask::LayerNorms, [0.1, 0.12, 0.14]), of(Mask::Frozen, [0.5, 0.54, 0.52])];
    let study = study(3, vec![own.clone()], cells);
    let pair = pair_tests(&study, None).remove(0);
    assert!(pair.difference < -0.35 && pair.p < 0.05, "{} {}", pair.difference, pair.p);
    let order = pair.stochastic_order.unwrap();
    assert_eq!(order.violation_ratio, 0.0);
    assert!(serde_json::to_string(&pair).unwrap().contains(r#""task":"own:grades""#));
    assert!(study.common_tasks([&Mask::LayerNorms]).is_empty() && front(&study).is_empty());
}
