//! Batches that go through the network in parts, and classes that are weighted: against the oracle, which takes a batch whole.

use super::device::{Tolerance, devices};
use super::gangs::{Run, batch, joins};
use super::*;
use std::num::NonZeroUsize;

/// So many sequences at once, and of an objective with classes a weight each.
fn averaging(objective: Objective, at_once: usize) -> Averaging {
    let class_weights = match objective {
        Objective::Classification(n) | Objective::Tagging(n) => {
            Some((0..n).map(|class| 0.25 * 3f32.powi(class as i32)).collect())
        }
        Objective::Regression | Objective::MultiLabel(_) | Objective::MaskedLanguage(_) => None,
    };
    Averaging { sequences_at_once: NonZeroUsize::new(at_once), class_weights }
}

fn averaged(mut gang: Gang, averaging: Averaging) -> Gang {
    gang.set_averaging(averaging).unwrap();
    gang
}

/// The processor with all masks, and other devices with one of each way to keep what trains.
fn places() -> Vec<(Device, Tolerance, Vec<&'static str>)> {
    let some = vec!["full", "layernorms", "random:60:1", "outliers:3"];
    let mut all = vec![(Device::cpu(), Tolerance { values: 2e-5, gradients: 2e-4 }, MASKS.to_vec())];
    all.extend(devices().into_iter().map(|(device, tolerance)| (device, tolerance, some.clone())));
    all
}

#[test]
fn gradients_of_weighted_classes_are_the_oracles() {
    let weights = weights(&SHAPE);
    for objective in [Objective::Classification(3), Objective::Tagging(4)] {
        let texts = texts(&SHAPE, objective);
        let batch = sequences(&texts);
        let mut oracle = oracle(objective, &weights, head(objective.outputs()));
        let plain = oracle.probe(&batch).unwrap().loss;
        oracle.set_averaging(averaging(objective, 0)).unwrap();
        let ReferenceProbe { loss, gradient, .. } = oracle.probe(&batch).unwrap();
        assert!((loss - plain).abs() > 1e-2, "the weights do not show");
        for (device, tolerance, masks) in places() {
            for mask in masks {
                let member = spec(mask, &weights, objective.outputs(), 1);
                let want = selected(&gradient, &member.trains);
                let gang = Gang::on(&device, CONFIG, weights.clone(), objective, vec![member]);
                let probe = averaged(gang.unwrap(), averaging(objective, 0)).probe(&batch).unwrap();
                let what = format!("{objective:?} {mask} {device:?}");
                assert!((probe.loss - loss).abs() < tolerance.values * loss, "{what}: {}", probe.loss);
                assert_close(&probe.gradient, &want, tolerance.gradients, &what);
            }
        }
    }
}

#[test]
fn a_batch_in_parts_has_the_loss_and_the_gradient_of_the_whole() {
    let weights = weights(&SHAPE);
    for objective in OBJECTIVES {
        let texts = texts(&SHAPE, objective);
        // Of 13 the last part is smaller; of a tagged one each part has another number of reads.
        let batch = &sequences(&texts)[..13];
        let mut oracle = oracle(objective, &weights, head(objective.outputs()));
        oracle.set_averaging(averaging(objective, 0)).unwrap();
        let ReferenceProbe { loss, gradient, .. } = oracle.probe_step(batch).unwrap();
        for (device, tolerance, masks) in places() {
            for mask in masks {
                let what = format!("{objective:?} {mask} {device:?}");
                let member = spec(mask, &weights, objective.outputs(), 77);
                let want = selected(&gradient, &member.trains);
                let norm = want.iter().map(|g| g * g).sum::<f64>().sqrt();
                let gang = new_gang(&device, &weights, objective, vec![member]);
                let mut gang = averaged(gang, averaging(objective, 4));
                let before = gang.trained(0).unwrap().to_vec();
                let report = gang.step(&[MemberStep { batch, learning_rate: 1e-3 }]).unwrap()[0];
                assert!((report.loss - loss).abs() < tolerance.values * loss, "{what}: {}", report.loss);
                let off = (report.gradient_norm - norm).abs() / norm;
                assert!(off < tolerance.gradients, "{what}: {} is not {norm}", report.gradient_norm);
                let after = gang.trained(0).unwrap();
                let sure = 2.0 * tolerance.gradients * want.iter().fold(0.0, |m: f64, g| m.max(g.abs()));
                for ((before, after), g) in before.iter().zip(after).zip(&want) {
                    if g.abs() > sure.max(1e-2) {
                        let moved = f64::from(after - before);
                        assert!((moved + 1e-3 * g.signum()).abs() < 2e-6, "{what}: {moved} for {g}");
                    }
                }
                assert_eq!(gang.state(0).unwrap().steps, 1);
                assert!(gang.frozen_unchanged(&[0]).unwrap()[0]);
            }
        }
    }
}

/// Members whose batches have one part, two or three; one of them leaves in between.
#[test]
fn members_of_a_gang_add_up_their_parts_as_they_do_alone() {
    let runs: [Run; 6] = [
        ("layernorms", 1, 1e-2),
        ("frozen", 1, 1e-3),
        ("bitfit", 3, 5e-3),
        ("outliers:2", 2, 1e-2),
        ("random:60:4", 1, 1e-2),
        ("single_norm:3", 5, 1e-2),
    ];
    let weights = weights(&SHAPE);
    for objective in OBJECTIVES {
        let texts = texts(&SHAPE, objective);
        let all = sequences(&texts);
        let made = |runs: &[Run]| {
            let members = runs.iter().map(|&run| joins(&weights, objective, run)).collect();
            let gang = new_gang(&Device::cpu(), &weights, objective, members);
            averaged(gang, averaging(objective, 2))
        };
        let steps = |gang: &mut Gang, runs: &[Run], steps: std::ops::Range<usize>| {
            for step in steps {
                let members = runs.iter();
                let members = members.map(|&(_, seed, learning_rate)| MemberStep {
                    batch: batch(&all, seed, step),
                    learning_rate,
                });
                gang.step(&members.collect::<Vec<_>>()).unwrap();
            }
        };
        let mut together = made(&runs);
        together.set_wave_rows(12);
        steps(&mut together, &runs, 0..3);
        together.remove(1);
        let staying: Vec<Run> = [&runs[..1], &runs[2..]].concat();
        steps(&mut together, &staying, 3..5);
        for (i, run) in staying.iter().enumerate() {
            let mut alone = made(&[*run]);
            steps(&mut alone, &[*run], 0..5);
            assert_eq!(alone.state(0).unwrap(), together.state(i).unwrap(), "{objective:?} {run:?}");
        }
    }
}

#[test]
fn weights_that_a_head_cannot_have_are_refused() {
    let weights = weights(&SHAPE);
    let objective = Objective::Classification(2);
    let mut gang = new_gang(&Device::cpu(), &weights, objective, vec![spec("frozen", &weights, 2, 1)]);
    let three = Averaging { class_weights: Some(vec![1.0; 3]), ..Averaging::default() };
    assert!(gang.set_averaging(three).unwrap_err().to_string().contains("3 class weights"));
}
