//! Distributions against NumPy and SciPy; `tests/fixtures/distributions/make.py` writes the figures. Groups of weights
//! against their tensors.

use crate::results::weights::{WeightGroup, weight_rows};
use crate::results::{Distribution, quantile};
use serde::Deserialize;
use tunemask_shared::fixtures::SMALL_SHAPE;
use tunemask_shared::shape::Kind;

#[derive(Deserialize)]
struct Fixtures {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    values: Vec<f64>,
    mean: f64,
    std: f64,
    #[serde(with = "tunemask_shared::number")]
    skewness: f64,
    #[serde(with = "tunemask_shared::number")]
    excess_kurtosis: f64,
    quantiles: Vec<(f64, f64)>,
    low: f64,
    high: f64,
    counts: Vec<u64>,
}

#[test]
fn distributions_are_those_of_numpy_and_scipy() {
    let fixtures: Fixtures =
        serde_json::from_str(include_str!("../../../tests/fixtures/distributions/distributions.json"))
            .unwrap();
    assert_eq!(fixtures.cases.len(), 5);
    for case in fixtures.cases {
        let got = Distribution::of(&case.values, case.counts.len());
        let near = |a: f64, b: f64| a.is_nan() && b.is_nan() || (a - b).abs() <= 1e-10 * b.abs().max(1.0);
        assert!(near(got.mean, case.mean) && near(got.std, case.std), "{got:?}");
        assert!(near(got.skewness, case.skewness), "{} is not {}", got.skewness, case.skewness);
        assert!(near(got.excess_kurtosis, case.excess_kurtosis), "{}", got.excess_kurtosis);
        assert_eq!(got.quantiles.len(), case.quantiles.len());
        for (got, want) in got.quantiles.iter().zip(&case.quantiles) {
            assert!(got.0 == want.0 && near(got.1, want.1), "{got:?} is not {want:?}");
        }
        assert!(near(got.bins.low, case.low) && near(got.bins.high, case.high));
        assert_eq!(got.bins.counts, case.counts);
    }
}

#[test]
fn nothing_has_no_distribution() {
    let none = Distribution::of(&[], 4);
    assert!(none.mean.is_nan() && none.min.is_nan() && none.quantiles.is_empty());
    assert_eq!(none.bins.counts, [0; 4]);
    assert!(quantile(&[1.0], 1.1).is_nan() && quantile(&[], 0.5).is_nan());
    let text = serde_json::to_string(&none).unwrap();
    assert!(serde_json::from_str::<Distribution>(&text).unwrap().mean.is_nan());
}

#[test]
fn groups_hold_their_tensors() {
    let shape = SMALL_SHAPE;
    let before: Vec<f32> = (0..shape.scalars()).map(|i| i as f32).collect();
    let after: Vec<f32> = before.iter().map(|w| w + 0.5).collect();
    let rows = weight_rows(&shape, &before, Some(&after), 10);
    assert_eq!(rows.len(), 3 * WeightGroup::ALL.len());
    let find = |group, block| rows.iter().find(|r| r.group == group && r.block == block).unwrap();
    let gamma = shape.parameter(Kind::AttentionGamma, Some(1)).unwrap();
    let row = find(WeightGroup::LayerNormAGamma, Some(2));
    assert_eq!(
        (row.pretrained.n, row.pretrained.min, row.pretrained.max),
        (4, gamma.offset as f64, gamma.offset as f64 + 3.0)
    );
    assert_eq!(find(WeightGroup::LayerNormA, Some(2)).pretrained.max, gamma.offset as f64 + 7.0);
    assert_eq!(find(WeightGroup::LayerNormFBeta, None).pretrained.n, 8);
    assert_eq!(find(WeightGroup::Mha, Some(1)).pretrained.n, 4 * (16 + 4));
    assert_eq!(find(WeightGroup::Ffn, None).pretrained.n, 2 * (24 + 6 + 24 + 4));
    for row in &rows {
        let change = row.difference.as_ref().unwrap();
        assert_eq!((change.mean, change.std, change.n), (0.5, 0.0, row.pretrained.n));
    }
    assert!(
        weight_rows(&shape, &before, None, 10).iter().all(|r| r.tuned.is_none() && r.difference.is_none())
    );
}
