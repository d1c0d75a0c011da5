//! Switches, counts, listing and overlap.

use super::super::*;
use crate::fixtures::SMALL_SHAPE;
use crate::philox::{Purpose, Stream};
use crate::shape::{Kind, ModelShape};

const SHAPE: ModelShape =
    ModelShape { vocabulary: 9, layers: 1, heads: 1, intermediate: 4, positions: 4, ..SMALL_SHAPE };

/// Weights with these γ and β of the LayerNorm after attention, and where γ starts.
fn with_norm(gamma: [f32; 4], beta: [f32; 4]) -> (Vec<f32>, usize) {
    let mut stream = Stream::new(1, Purpose::Weights, 0);
    let mut weights: Vec<f32> = (0..SHAPE.scalars()).map(|_| stream.unit() as f32).collect();
    let start = SHAPE.parameter(Kind::AttentionGamma, Some(0)).unwrap().offset;
    weights[start..start + 4].copy_from_slice(&gamma);
    weights[start + 4..start + 8].copy_from_slice(&beta);
    (weights, start)
}

#[test]
fn the_switches_pick_pool_and_statistic() {
    // Around the mean 1.125 of all eight; |w| is another order.
    let (weights, start) = with_norm([3.0, 3.0, 0.0, 3.0], [0.5, -1.5, 0.5, 0.5]);
    let picked = |n, outlier_pool, outlier_statistic| {
        let switches = MaskSwitches { outlier_pool, outlier_statistic, ..Default::default() };
        let mask = Mask::Outliers(n);
        let all = mask.resolve(&SHAPE, switches, 0, Some(&weights)).unwrap();
        assert_eq!(mask.count(&SHAPE, switches), Ok(all.len()));
        all.within(start..start + 8).iter().map(|i| i - start).collect::<Vec<_>>()
    };
    use OutlierPool::*;
    use OutlierStatistic::*;
    assert_eq!(picked(1, Both, Distance), [5]);
    assert_eq!(picked(1, Both, Magnitude), [0]);
    assert_eq!(picked(1, Gamma, Distance), [2]);
    assert_eq!(picked(2, Gamma, Magnitude), [0, 1]);
    assert_eq!(picked(1, Each, Distance), [2, 5]);
    let gamma = MaskSwitches { outlier_pool: Gamma, ..Default::default() };
    assert!(matches!(Mask::Outliers(5).check(&SHAPE, gamma), Err(MaskError::Count { available: 4, .. })));
    let control = Mask::OutliersRandom { count: 3, seed: Some(1) };
    let all = control.resolve(&SHAPE, gamma, 0, None).unwrap();
    assert_eq!((all.len(), all.within(start..start + 4).len()), (6, 3));
}

#[test]
fn switches_that_are_left_alone_are_not_written() {
    let plain = serde_json::to_string(&MaskSwitches::default()).unwrap();
    assert_eq!(plain, r#"{"pooler_trains":false,"embedding_norm_counts":false}"#);
    assert_eq!(serde_json::from_str::<MaskSwitches>(&plain).unwrap(), MaskSwitches::default());
    let all = MaskSwitches {
        outlier_pool: OutlierPool::Each,
        outlier_statistic: OutlierStatistic::Magnitude,
        ..Default::default()
    };
    let text = serde_json::to_string(&all).unwrap();
    assert!(text.ends_with(r#""outlier_pool":"each","outlier_statistic":"magnitude"}"#), "{text}");
    assert_eq!(serde_json::from_str::<MaskSwitches>(&text).unwrap(), all);
}

#[test]
fn the_embeddings_norm_follows_those_of_the_blocks() {
    let norm = MaskSwitches { embedding_norm_counts: true, ..Default::default() };
    let extra = |text: &str| {
        let mask: Mask = text.parse().unwrap();
        mask.count(&SHAPE, norm).unwrap() - mask.count(&SHAPE, Default::default()).unwrap()
    };
    let got =
        ["layernorms", "layers(*).ln_a + layers(*).ln_f", "mha + layernorms", "bitfit", "layers(*).weight"];
    assert_eq!(got.map(extra), [8, 8, 8, 4, 4]);
    assert_eq!(["layernorm_a", "mha", "layers(1).ln", "full", "frozen"].map(extra), [0; 5]);
}

#[test]
fn a_pooler_that_trains_is_not_counted_twice() {
    let pooler = MaskSwitches { pooler_trains: true, ..Default::default() };
    let mask = Mask::Random { count: Some(60), seed: Some(4) };
    let exact = mask.resolve(&SHAPE, pooler, 0, None).unwrap().len();
    assert!(exact < 60 + 20);
    assert!(matches!(mask.count(&SHAPE, pooler), Err(MaskError::CountDepends(_))));
    assert_eq!(mask.size(&SHAPE, pooler, None, None), Ok(Count::Exact(exact)));
    let unseeded = Mask::Random { count: Some(60), seed: None };
    assert_eq!(unseeded.size(&SHAPE, pooler, None, None), Ok(Count::AtMost(80)));
    assert_eq!(unseeded.size(&SHAPE, pooler, Some(4), None), Ok(Count::Exact(exact)));
}

#[test]
fn masks_overlap_in_scalars() {
    let selection = |text: &str| {
        let mask: Mask = text.parse().unwrap();
        mask.resolve(&ModelShape::BERT_BASE_UNCASED, Default::default(), 0, None).unwrap()
    };
    let half = Overlap::of(&selection("layernorms"), &selection("bitfit"));
    assert_eq!((half.first, half.second, half.shared), (36_864, 101_376, 18_432));
    assert!((half.jaccard - 18_432.0 / 119_808.0).abs() < 1e-15);
    assert_eq!(Overlap::of(&selection("frozen"), &selection("frozen")).jaccard, 1.0);
    assert_eq!(Overlap::of(&selection("mha"), &selection("ffn")).jaccard, 0.0);
}

#[test]
fn outliers_are_listed_with_their_distance() {
    let (weights, start) = with_norm([3.0, 3.0, 0.0, 3.0], [0.5, -1.5, 0.5, 0.5]);
    let mask: Mask = "outliers:1 + pooler.bias".parse().unwrap();
    let all: Vec<ListedScalar> = list(&mask, &SHAPE, Default::default(), 0, &weights).unwrap().collect();
    let resolved = mask.resolve(&SHAPE, Default::default(), 0, Some(&weights)).unwrap();
    assert_eq!(all.len(), resolved.len());
    let first = &all[0];
    assert_eq!(
        (&*first.tensor, first.index, first.value),
        ("bert.encoder.layer.0.attention.output.LayerNorm.bias", 1, -1.5)
    );
    // NumPy: p = np.array([3, 3, 0, 3, .5, -1.5, .5, .5]); (p[5] - p.mean()) / p.std()
    assert!((first.sigma + 1.665_408_330_008_102_6).abs() < 1e-12, "{}", first.sigma);
    // What no rule picks is measured against its tensor.
    let pooler = &all[all.len() - 4..];
    assert!(pooler.iter().all(|s| s.tensor == "bert.pooler.dense.bias"));
    let sum: f64 = pooler.iter().map(|s| s.sigma).sum();
    let squares: f64 = pooler.iter().map(|s| s.sigma * s.sigma).sum();
    assert!(sum.abs() < 1e-9 && (squares - 4.0).abs() < 1e-9);
    assert!(list(&mask, &SHAPE, Default::default(), 0, &weights[..start]).is_err());
}
