//! Masked language modelling against the oracle and against what it must learn.

use super::{CONFIG, SHAPE, assert_close, oracle, selected, sequences, texts, trains, weights};
use crate::{Adam, Gang, MemberSpec, MemberStep, Objective, ReferenceProbe};
use tunemask_shared::philox::{Purpose, Stream};

const OBJECTIVE: Objective = Objective::MaskedLanguage(SHAPE.vocabulary);

fn head() -> Vec<f32> {
    let mut draw = Stream::new(4, Purpose::Head, 9);
    (0..OBJECTIVE.head_scalars(&SHAPE)).map(|_| draw.normal() as f32 * 0.5).collect()
}

fn gang(masks: &[&str], head: Option<Vec<f32>>) -> Result<Gang, crate::EngineError> {
    let weights = weights(&SHAPE);
    let member = |mask: &&str| MemberSpec {
        trains: trains(mask, &weights),
        seed: 77,
        adam: Adam::default(),
        head: head.clone(),
    };
    Gang::new(CONFIG, weights.clone(), OBJECTIVE, masks.iter().map(member).collect())
}

#[test]
fn its_gradients_are_the_oracles() {
    let weights = weights(&SHAPE);
    let texts = texts(&SHAPE, OBJECTIVE);
    let batch = sequences(&texts);
    let oracle = oracle(OBJECTIVE, &weights, head());
    let ReferenceProbe { logits, loss, gradient } = oracle.probe(&batch).unwrap();
    for mask in ["full", "frozen", "mha", "layernorms", "bitfit"] {
        let want = selected(&gradient, &trains(mask, &weights));
        let mut gang = gang(&[mask], Some(head())).unwrap();
        // Twice: buffers hold the first pass's leavings in the second.
        for _ in 0..2 {
            let probe = gang.probe(&batch).unwrap();
            assert!((probe.loss - loss).abs() < 1e-5 * loss, "{mask}: {} {loss}", probe.loss);
            assert_close(&probe.logits, &logits, 2e-5, mask);
            assert_close(&probe.gradient, &want, 2e-4, mask);
        }
        assert_close(&gang.predict(&batch).unwrap()[0], &logits, 2e-5, mask);
    }
}

#[test]
fn with_dropout_a_step_reports_the_oracles_loss_and_norm() {
    let texts = texts(&SHAPE, OBJECTIVE);
    let batch = sequences(&texts);
    let oracle = oracle(OBJECTIVE, &weights(&SHAPE), head());
    let ReferenceProbe { loss, gradient, .. } = oracle.probe_step(&batch).unwrap();
    let norm = gradient.iter().map(|g| g * g).sum::<f64>().sqrt();
    let mut gang = gang(&["full"], Some(head())).unwrap();
    let report = gang.step(&[MemberStep { batch: &batch, learning_rate: 1e-3 }]).unwrap()[0];
    assert!((report.loss - loss).abs() < 1e-5 * loss, "{} {loss}", report.loss);
    assert!((report.gradient_norm - norm).abs() < 1e-4 * norm, "{} {norm}", report.gradient_norm);
}

#[test]
fn a_new_head_begins_at_chance_and_learns_what_it_sees() {
    let texts = texts(&SHAPE, OBJECTIVE);
    let batch = sequences(&texts);
    let mut gang = gang(&["full"], None).unwrap();
    let mut losses = Vec::new();
    for _ in 0..60 {
        losses.push(gang.step(&[MemberStep { batch: &batch, learning_rate: 1e-2 }]).unwrap()[0].loss);
    }
    assert!(losses[0] > 0.7 * (SHAPE.vocabulary as f64).ln(), "{}", losses[0]);
    assert!(losses[59] < 0.7 * losses[0], "{} of {}", losses[59], losses[0]);
}

#[test]
fn what_cannot_be_trained_so_is_refused() {
    let wrong = |masks: &[&str]| gang(masks, None).err().unwrap().to_string();
    assert!(wrong(&["layernorms", "frozen"]).contains("several runs"));
    assert!(wrong(&["random:60:1"]).contains("a part"));
    assert!(gang(&["full"], Some(vec![0.0; 3])).err().unwrap().to_string().contains("has 3 weights"));
}
