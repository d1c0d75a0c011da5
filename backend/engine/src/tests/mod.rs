//! The step against its oracle, against finite differences, against itself.

/// The same on a GPU, or on an emulated one.
mod device;
/// The same in the sizes that are used, through the driver.
#[cfg(all(feature = "cuda", target_os = "linux"))]
mod used;
/// Gangs and trunks against runs alone.
mod gangs;
/// Pairs of low rank.
mod low_rank;
/// The families beside BERT.
mod families;
/// Batches in parts, and weighted classes.
mod averaging;
/// Masked language modelling.
mod masked_language;
/// The reference engine.
mod reference;

use super::*;
use std::sync::Arc;
use tunemask_shared::family::{Activation, Family};
use tunemask_shared::fixtures;
use tunemask_shared::mask::{Mask, MaskSwitches};
use tunemask_shared::philox::{Purpose, Stream};
use tunemask_shared::shape::ModelShape;
use tunemask_shared::trainable::Trainable;

const SHAPE: ModelShape = ModelShape {
    vocabulary: 17,
    hidden: 12,
    layers: 3,
    heads: 3,
    intermediate: 20,
    positions: 11,
    segments: 2,
    family: Family::Bert,
};
/// For tests that look at every scalar.
pub(crate) const SMALL_SHAPE: ModelShape =
    ModelShape { vocabulary: 9, positions: 5, ..fixtures::SMALL_SHAPE };
const CONFIG: EncoderConfig = EncoderConfig {
    shape: SHAPE,
    layer_norm_epsilon: 1e-12,
    hidden_dropout: 0.1,
    classifier_dropout: Some(0.3),
    attention_dropout: 0.2,
    initializer_range: 0.3,
    activation: Activation::Gelu,
};
/// A head of each kind.
const OBJECTIVES: [Objective; 4] =
    [Objective::Classification(3), Objective::Regression, Objective::Tagging(4), Objective::MultiLabel(3)];
const MASKS: [&str; 14] = [
    "full",
    "frozen",
    "mha",
    "ffn",
    "layernorms",
    "layernorm_a",
    "layernorm_f",
    "bitfit",
    "single_norm:1",
    "single_norm:3",
    "random:60:1",
    "random:900:1",
    "outliers:3",
    "outliers_random:4:2",
];

/// Weights of a model that is not near its initial symmetry.
fn weights(shape: &ModelShape) -> Arc<Vec<f32>> {
    let mut draw = Stream::new(11, Purpose::Weights, 0);
    let parameters = shape.parameters();
    let gamma = |kind| {
        use tunemask_shared::shape::Kind::*;
        matches!(kind, EmbeddingGamma | AttentionGamma | FeedForwardGamma)
    };
    let values = parameters.iter().flat_map(|p| std::iter::repeat_n(gamma(p.kind), p.len()));
    Arc::new(values.map(|g| (draw.normal() * 0.3 + f64::from(u8::from(g))) as f32).collect())
}

struct Text {
    ids: Vec<u32>,
    segments: Vec<u8>,
    reads: Vec<u32>,
    targets: Vec<f32>,
}

/// Sequences of every length from 1 to the longest, one more than once.
fn texts(shape: &ModelShape, objective: Objective) -> Vec<Text> {
    let mut draw = Stream::new(5, Purpose::Language, 0);
    let lengths = (1..=shape.positions).rev().chain([3, 3]);
    lengths
        .map(|n| {
            let ids = (0..n).map(|_| draw.below(shape.vocabulary as u64) as u32).collect();
            let positions = if objective.is_pooled() { 0..1 } else { 0..n as u32 };
            // Of a tagged sequence some tokens are not read, as the later pieces of a word.
            let read = |&position: &u32| objective.is_pooled() || n == 1 || position % 3 != 1;
            let reads: Vec<u32> = positions.filter(read).collect();
            let targets = targets(objective, reads.len(), &mut draw);
            Text { ids, segments: (0..n).map(|i| u8::from(i > n / 2)).collect(), reads, targets }
        })
        .collect()
}

/// Targets of so many reads.
fn targets(objective: Objective, reads: usize, draw: &mut Stream) -> Vec<f32> {
    let mut target = || match objective.loss() {
        LossFunction::SquaredError => draw.normal() as f32,
        LossFunction::CrossEntropy => draw.below(objective.outputs() as u64) as f32,
        LossFunction::BinaryCrossEntropy => draw.below(2) as f32,
    };
    (0..reads * objective.targets()).map(|_| target()).collect()
}

fn sequences(texts: &[Text]) -> Vec<Sequence<'_>> {
    let indices = 100..;
    let sequence = |(t, index)| {
        let t: &Text = t;
        Sequence { ids: &t.ids, segments: &t.segments, reads: &t.reads, targets: &t.targets, index }
    };
    texts.iter().zip(indices).map(sequence).collect()
}

fn trains(mask: &str, weights: &[f32]) -> Trainable {
    let mask: Mask = mask.parse().unwrap();
    mask.trains(&SHAPE, MaskSwitches::default(), 1, Some(weights)).unwrap()
}

fn head(outputs: usize) -> Vec<f32> {
    let mut draw = Stream::new(2, Purpose::Head, 9);
    (0..outputs * (SHAPE.hidden + 1)).map(|_| draw.normal() as f32 * 0.5).collect()
}

fn spec(mask: &str, weights: &[f32], outputs: usize, seed: u64) -> MemberSpec {
    MemberSpec { trains: trains(mask, weights), seed, adam: Adam::default(), head: Some(head(outputs)) }
}

/// A gang of these members.
fn new_gang(
    device: &Device,
    weights: &Arc<Vec<f32>>,
    objective: Objective,
    members: Vec<MemberSpec>,
) -> Gang {
    Gang::on(device, CONFIG, weights.clone(), objective, members).unwrap()
}

/// candle's autograd in f64: its steps have the dropout of seed 77.
fn oracle(objective: Objective, weights: &Arc<Vec<f32>>, head: Vec<f32>) -> Reference {
    Reference::of_everything(Place::Processor, CONFIG, weights.clone(), objective, Vec::new(), Some(head), 77)
        .unwrap()
}

/// The oracle's gradient at the scalars of the model that train, then the head's.
fn selected(gradient: &[f64], trains: &Trainable) -> Vec<f64> {
    let encoder = trains.selection.ranges().iter().flat_map(|r| gradient[r.clone()].iter().copied());
    encoder.chain(gradient[SHAPE.scalars()..].iter().copied()).collect()
}

fn assert_close(got: &[f32], want: &[f64], tolerance: f64, what: &str) {
    assert_eq!(got.len(), want.len(), "{what}");
    let scale = want.iter().fold(1e-6, |m: f64, w| m.max(w.abs()));
    for (i, (g, w)) in got.iter().zip(want).enumerate() {
        assert!((f64::from(*g) - w).abs() <= tolerance * scale, "{what}, scalar {i}: {g} is not {w}");
    }
}

#[test]
fn every_gradient_of_every_mask_is_the_oracles() {
    let weights = weights(&SHAPE);
    for objective in OBJECTIVES {
        let outputs = objective.outputs();
        let texts = texts(&SHAPE, objective);
        let batch = sequences(&texts);
        let oracle = oracle(objective, &weights, head(outputs));
        let ReferenceProbe { logits, loss, gradient } = oracle.probe(&batch).unwrap();
        for mask in MASKS {
            let member = spec(mask, &weights, outputs, 1);
            let want = selected(&gradient, &member.trains);
            let mut gang = new_gang(&Device::cpu(), &weights, objective, vec![member]);
            // Twice: buffers hold the first pass's leavings in the second.
            for _ in 0..2 {
                let probe = gang.probe(&batch).unwrap();
                assert!((probe.loss - loss).abs() < 1e-5 * loss, "{mask}: {} {loss}", probe.loss);
                assert_close(&probe.logits, &logits, 2e-5, mask);
                assert_close(&probe.gradient, &want, 2e-4, mask);
            }
            let scores = gang.predict(&batch).unwrap();
            assert_close(&scores[0], &logits, 2e-5, mask);
        }
    }
}

#[test]
fn with_dropout_a_step_reports_the_oracles_loss_and_norm() {
    let weights = weights(&SHAPE);
    for (objective, mask) in [Objective::Classification(2), Objective::Tagging(2)]
        .into_iter()
        .flat_map(|objective| MASKS.map(|mask| (objective, mask)))
    {
        let texts = texts(&SHAPE, objective);
        let batch = sequences(&texts);
        let oracle = oracle(objective, &weights, head(2));
        let ReferenceProbe { loss, gradient, .. } = oracle.probe_step(&batch).unwrap();
        let member = spec(mask, &weights, 2, 77);
        let want = selected(&gradient, &member.trains);
        let norm = want.iter().map(|g| g * g).sum::<f64>().sqrt();
        let mut gang = new_gang(&Device::cpu(), &weights, objective, vec![member]);
        let before = gang.trained(0).unwrap().to_vec();
        let report = gang.step(&[MemberStep { batch: &batch, learning_rate: 1e-3 }]).unwrap()[0];
        assert!((report.loss - loss).abs() < 1e-5 * loss, "{mask}: {} {loss}", report.loss);
        assert!((report.gradient_norm - norm).abs() < 1e-4 * norm, "{mask}: {} {norm}", report.gradient_norm);
        // Adam's first step moves each scalar by the learning rate, against its gradient.
        for ((before, after), g) in before.iter().zip(gang.trained(0).unwrap()).zip(&want) {
            if g.abs() > 1e-2 {
                let moved = f64::from(after - before);
                assert!((moved + 1e-3 * g.signum()).abs() < 2e-6, "{mask}: {moved} for {g}");
            }
        }
        assert!(gang.frozen_unchanged(&[0]).unwrap()[0]);
    }
}

#[test]
fn gradients_are_finite_differences_in_f64() {
    let (weights, objective) = (weights(&SHAPE), Objective::Classification(3));
    let texts = texts(&SHAPE, objective);
    let batch = &sequences(&texts)[4..9];
    let mut gang = new_gang(&Device::cpu(), &weights, objective, vec![spec("full", &weights, 3, 1)]);
    let gradient = gang.probe(batch).unwrap().gradient;
    let mut draw = Stream::new(1, Purpose::Limit, 0);
    for p in SHAPE.parameters() {
        let index = p.offset + draw.below(p.len() as u64) as usize;
        let loss = |step: f32| {
            let mut moved = weights.to_vec();
            moved[index] += step;
            let place = f64::from(moved[index]);
            (oracle(objective, &Arc::new(moved), head(3)).probe(batch).unwrap().loss, place)
        };
        let ((up, high), (down, low)) = (loss(1e-3), loss(-1e-3));
        let want = (up - down) / (high - low);
        let got = f64::from(gradient[index]);
        assert!((got - want).abs() < 2e-4 * want.abs().max(0.1), "{}: {got} is not {want}", p.name());
    }
}

#[test]
fn frozen_scalars_stay_and_trained_ones_move_for_every_mask() {
    let (weights, objective) = (weights(&SHAPE), Objective::Classification(2));
    let texts = texts(&SHAPE, objective);
    let batch = sequences(&texts);
    for mask in MASKS {
        let member = spec(mask, &weights, 2, 3);
        let count = member.trains.len();
        let mut gang = new_gang(&Device::cpu(), &weights, objective, vec![member]);
        let before = gang.trained(0).unwrap().to_vec();
        let mut last = f64::NAN;
        for _ in 0..30 {
            last = gang.step(&[MemberStep { batch: &batch, learning_rate: 1e-2 }]).unwrap()[0].loss;
        }
        assert!(last.is_finite() && gang.frozen_unchanged(&[0]).unwrap()[0], "{mask}");
        let moved = before.iter().zip(gang.trained(0).unwrap()).filter(|(a, b)| a != b).count();
        let head = 2 * (SHAPE.hidden + 1);
        // A key's bias shifts all scores of a row alike and has no gradient; some words do not occur.
        assert!(moved > (count + head) / 2, "{mask}: {moved} of {count} moved");
    }
}

#[test]
fn the_same_run_twice_has_the_same_bits() {
    let weights = weights(&SHAPE);
    let texts = texts(&SHAPE, Objective::Regression);
    let batch = sequences(&texts);
    let run = || {
        let member = spec("full", &weights, 1, 3);
        let mut gang = new_gang(&Device::cpu(), &weights, Objective::Regression, vec![member]);
        let mut reports = Vec::new();
        for _ in 0..5 {
            reports.extend(gang.step(&[MemberStep { batch: &batch, learning_rate: 1e-3 }]).unwrap());
        }
        (reports, gang.trained(0).unwrap().to_vec())
    };
    assert_eq!(run(), run());
}

#[test]
fn a_run_that_diverges_is_reported_and_left_alone() {
    let weights = weights(&SHAPE);
    let texts = texts(&SHAPE, Objective::Regression);
    let batch = sequences(&texts);
    let member = || spec("layernorms", &weights, 1, 3);
    let mut gang = new_gang(&Device::cpu(), &weights, Objective::Regression, vec![member(), member()]);
    let mut step = |rates: [f64; 2]| {
        let steps = rates.map(|learning_rate| MemberStep { batch: &batch, learning_rate });
        let reports = gang.step(&steps).unwrap();
        (reports, gang.trained(0).unwrap().to_vec(), gang.trained(1).unwrap().to_vec())
    };
    let (first, wild, tame) = step([1e38, 1e-3]);
    assert!(first.iter().all(|r| r.loss.is_finite()));
    let (second, wild_after, tame_after) = step([1e-3, 1e-3]);
    assert!(!(second[0].loss.is_finite() && second[0].gradient_norm.is_finite()));
    assert!(second[1].loss.is_finite());
    let bits = |x: &[f32]| x.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(&wild), bits(&wild_after));
    assert_ne!(tame, tame_after);
}

#[test]
fn what_cannot_be_done_is_an_error_that_names_it() {
    let weights = weights(&SHAPE);
    let new = |masks: &[&str]| {
        let members = masks.iter().map(|m| spec(m, &weights, 2, 1)).collect();
        Gang::new(CONFIG, weights.clone(), Objective::Classification(2), members)
    };
    let alone = |mask: &str| goes_alone(&SHAPE, &trains(mask, &weights));
    assert_eq!(MASKS.map(alone).iter().filter(|alone| **alone).count(), 4, "full, mha, ffn and random:900");
    let wrong = |masks: &[&str]| new(masks).err().unwrap().to_string();
    assert!(wrong(&["full", "frozen"]).contains("one at a time"));
    assert!(wrong(&[]).contains("0 batches"));
    let mut gang = new(&["frozen"]).unwrap();
    let good = Sequence { ids: &[1, 2], segments: &[0, 0], reads: &[0], targets: &[1.0], index: 7 };
    let mut refused = |s: Sequence<'_>, why: &str| {
        let error = gang.predict(&[good, s]).unwrap_err().to_string();
        assert!(error.contains("example 7") && error.contains(why), "{error}");
    };
    refused(Sequence { ids: &[], segments: &[], ..good }, "no tokens");
    refused(Sequence { ids: &[0; 12], segments: &[0; 12], ..good }, "11 positions");
    refused(Sequence { segments: &[0], ..good }, "1 segments");
    refused(Sequence { ids: &[1, 17], ..good }, "token 17");
    refused(Sequence { segments: &[0, 2], ..good }, "segment 2");
    refused(Sequence { targets: &[2.0], ..good }, "label 2");
    refused(Sequence { targets: &[f32::NAN], ..good }, "label NaN");
    refused(Sequence { targets: &[0.0, 1.0], ..good }, "2 targets; 1 are needed");
    refused(Sequence { reads: &[], ..good }, "no label");
    refused(Sequence { reads: &[1], ..good }, "first token");
    refused(Sequence { reads: &[2], ..good }, "after its 2 tokens");
    let several = Objective::MultiLabel(2);
    let mut labelled = new_gang(&Device::cpu(), &weights, several, vec![spec("frozen", &weights, 2, 1)]);
    assert!(labelled.predict(&[Sequence { targets: &[1.0, 0.0], ..good }]).is_ok());
    let error = labelled.predict(&[Sequence { targets: &[1.0, 0.5], ..good }]).unwrap_err().to_string();
    assert!(error.contains("0.5, not 0 or 1"), "{error}");
    let empty = MemberStep { batch: &[], learning_rate: 1.0 };
    assert!(gang.step(&[empty]).unwrap_err().to_string().contains("0 batches for 1 runs"));
}
