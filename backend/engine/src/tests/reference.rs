//! The reference engine against itself and against the fast engine. The fast engine's own tests hold every mask to it.

use super::{CONFIG, MASKS, OBJECTIVES, SHAPE, new_gang, sequences, spec, texts, trains, weights};
use crate::cpu::kernels::planted::{TurnedSign, with_turned};
use crate::{
    Device, Float, Gang, MemberStep, Objective, Place, Precision, Probe, Reference, ReferenceProbe, Sequence,
    Tolerance, compare,
};

fn reference(mask: &str, objective: Objective, float: Float) -> Reference {
    let weights = weights(&SHAPE);
    let member = spec(mask, &weights, objective.outputs(), 77);
    Reference::new(Place::Processor, CONFIG, weights, objective, member, float).unwrap()
}

fn gang(mask: &str, objective: Objective) -> Gang {
    let weights = weights(&SHAPE);
    let member = spec(mask, &weights, objective.outputs(), 77);
    new_gang(&Device::cpu(), &weights, objective, vec![member])
}

/// What of the reference's gradients a mask trains.
fn everything(objective: Objective) -> Reference {
    let weights = weights(&SHAPE);
    let head = spec("frozen", &weights, objective.outputs(), 77).head;
    Reference::of_everything(Place::Processor, CONFIG, weights, objective, Vec::new(), head, 77).unwrap()
}

#[test]
fn both_engines_agree_tensor_by_tensor_with_dropout_and_without() {
    let (weights, tolerance) = (weights(&SHAPE), Tolerance::of(Precision::F32));
    for objective in OBJECTIVES {
        let texts = texts(&SHAPE, objective);
        let batch = sequences(&texts);
        let reference = everything(objective);
        let (plain, dropped) = (reference.probe(&batch).unwrap(), reference.probe_step(&batch).unwrap());
        assert_ne!(plain.loss, dropped.loss);
        for mask in MASKS {
            let trains = trains(mask, &weights);
            let mut gang = gang(mask, objective);
            let (own, own_dropped) = (gang.probe(&batch).unwrap(), gang.probe_step(&batch).unwrap());
            for (got, want) in [(own, &plain), (own_dropped, &dropped)] {
                for d in compare(&SHAPE, &trains, objective, &got, want).unwrap() {
                    assert!(d.is_within(tolerance), "{mask} {objective:?}: {d:?}");
                }
            }
        }
    }
}

#[test]
fn a_runs_own_gradient_is_its_part_of_the_gradient_of_everything() {
    let texts = texts(&SHAPE, Objective::Tagging(4));
    let batch = sequences(&texts);
    let all = everything(Objective::Tagging(4)).probe(&batch).unwrap();
    for mask in MASKS {
        let own = reference(mask, Objective::Tagging(4), Float::F64).probe(&batch).unwrap();
        let trains = trains(mask, &weights(&SHAPE));
        let encoder = trains.selection.iter().map(|index| all.gradient[index]);
        let want: Vec<f64> = encoder.chain(all.gradient[SHAPE.scalars()..].iter().copied()).collect();
        assert_eq!(own.gradient, want, "{mask}");
    }
}

#[test]
fn a_run_by_either_engine_has_the_same_losses_and_predictions() {
    for (objective, mask) in OBJECTIVES.into_iter().zip(["layernorms", "random:60:1", "full", "bitfit"]) {
        let texts = texts(&SHAPE, objective);
        let batch = sequences(&texts);
        let (mut fast, mut slow) = (gang(mask, objective), reference(mask, objective, Float::F32));
        for step in 0..20 {
            // Other sequences in every step, as in a run.
            let part = &batch[step % 5..][..6];
            let step = MemberStep { batch: part, learning_rate: 1e-3 };
            let (got, want) = (fast.step(&[step]).unwrap()[0], slow.step(&step).unwrap());
            assert!((got.loss - want.loss).abs() < 1e-4, "{mask}: {got:?} is not {want:?}");
        }
        let (got, want) = (fast.predict(&batch).unwrap().remove(0), slow.predict(&batch).unwrap());
        for (got, want) in got.iter().zip(&want) {
            assert!((got - want).abs() < 1e-3, "{mask}: {got} is not {want}");
        }
        assert!(slow.frozen_unchanged().unwrap());
    }
}

#[test]
fn a_run_goes_on_in_the_other_engine_where_it_stopped() {
    let objective = Objective::Classification(3);
    let texts = texts(&SHAPE, objective);
    let batch = sequences(&texts);
    let step = MemberStep { batch: &batch, learning_rate: 1e-3 };
    let mut fast = gang("bitfit", objective);
    fast.step(&[step]).unwrap();
    let mut slow = reference("bitfit", objective, Float::F32);
    slow.restore(fast.state(0).unwrap()).unwrap();
    assert_eq!(slow.state(), fast.state(0).unwrap());
    let (got, want) = (fast.step(&[step]).unwrap()[0], slow.step(&step).unwrap());
    assert!((got.loss - want.loss).abs() < 1e-5, "{got:?} is not {want:?}");
    let shorter = reference("frozen", objective, Float::F32).state();
    assert!(slow.restore(shorter).unwrap_err().to_string().contains("trained scalars"));
}

#[test]
fn an_error_is_seen_in_the_tensor_that_has_it() {
    let (objective, tolerance) = (Objective::Classification(3), Tolerance::of(Precision::F32));
    let texts = texts(&SHAPE, objective);
    let batch = sequences(&texts);
    let want = everything(objective).probe(&batch).unwrap();
    let good = gang("layernorms", objective).probe(&batch).unwrap();
    let trains = trains("layernorms", &weights(&SHAPE));
    let beyond = |got: &Probe| -> Vec<String> {
        let all = compare(&SHAPE, &trains, objective, got, &want).unwrap();
        all.into_iter().filter(|d| !d.is_within(tolerance)).map(|d| d.tensor).collect()
    };
    assert_eq!(beyond(&good), [""; 0]);
    let norm = "grad.bert.encoder.layer.0.attention.output.LayerNorm.weight";
    let turned = |factor: f32| {
        let mut probe = good.clone();
        probe.gradient[..SHAPE.hidden].iter_mut().for_each(|g| *g *= factor);
        probe
    };
    for factor in [-1.0, 1.002, f32::NAN, f32::INFINITY] {
        assert_eq!(beyond(&turned(factor)), [norm], "{factor}");
    }
    assert_eq!(beyond(&Probe { loss: f64::NAN, ..good.clone() }), ["loss"]);
    let mut logits = good.logits.clone();
    logits[5] = f32::NAN;
    assert_eq!(beyond(&Probe { logits, ..good.clone() }), ["logits"]);
    let shorter = Probe { gradient: vec![0.0; 3], ..good.clone() };
    assert!(compare(&SHAPE, &trains, objective, &shorter, &want).is_err());
}

#[test]
fn a_turned_sign_in_a_kernel_is_seen() {
    let (objective, tolerance) = (Objective::Classification(3), Tolerance::of(Precision::F32));
    let texts = texts(&SHAPE, objective);
    let batch = sequences(&texts);
    let reference = everything(objective);
    let (plain, dropped) = (reference.probe(&batch).unwrap(), reference.probe_step(&batch).unwrap());
    let trains = trains("bitfit", &weights(&SHAPE));
    let beyond = |got: &Probe, want: &ReferenceProbe| {
        let all = compare(&SHAPE, &trains, objective, got, want).unwrap();
        all.iter().filter(|d| !d.is_within(tolerance)).map(|d| d.tensor.clone()).collect::<Vec<_>>()
    };
    let probes = || {
        let mut gang = gang("bitfit", objective);
        (gang.probe(&batch).unwrap(), gang.probe_step(&batch).unwrap())
    };
    let (got, got_dropped) = probes();
    assert_eq!((beyond(&got, &plain), beyond(&got_dropped, &dropped)), (vec![], vec![]));
    for turned in TurnedSign::ALL {
        let (got, got_dropped) = with_turned(turned, probes);
        for beyond in [beyond(&got, &plain), beyond(&got_dropped, &dropped)] {
            // The forward pass is as it was.
            assert!(!beyond.is_empty(), "{turned:?}");
            assert!(beyond.iter().all(|tensor| tensor.starts_with("grad.bert.")), "{turned:?}: {beyond:?}");
        }
    }
}

#[test]
fn what_cannot_be_computed_is_refused() {
    let objective = Objective::Classification(3);
    let reference = reference("frozen", objective, Float::F32);
    assert!(reference.probe(&[]).unwrap_err().to_string().contains("0 batches"));
    let empty = Sequence { ids: &[], segments: &[], reads: &[], targets: &[], index: 7 };
    assert!(reference.predict(&[empty]).unwrap_err().to_string().contains("no tokens"));
    let member = spec("frozen", &weights(&SHAPE), 2, 1);
    let wrong = Reference::new(Place::Processor, CONFIG, weights(&SHAPE), objective, member, Float::F32);
    assert!(wrong.err().unwrap().to_string().contains("26 weights"));
    if cfg!(not(feature = "candle-cuda")) {
        let weights = weights(&SHAPE);
        let gpu = Reference::of_everything(Place::Gpu(0), CONFIG, weights, objective, Vec::new(), None, 1);
        assert!(gpu.err().unwrap().to_string().contains("candle-cuda"));
    }
}
