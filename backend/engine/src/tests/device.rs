//! The suite on a device: the GPU that `TUNEMASK_TEST_DEVICE` names (such as `cuda:0`, in a build with the feature
//! `cuda`), else the processor with the GPU's own kernels emulated, their threads in either order, and the processor's own
//! bf16 where it has it.

use super::gangs::{Run, batch, joins};
use super::*;
use crate::cuda::Gpu;
use crate::device::DeviceKind;
use tunemask_emulator::Order;

/// How far a device's results may be from the oracle's, relative to the largest of a kind.
#[derive(Clone, Copy)]
pub(super) struct Tolerance {
    pub(super) values: f64,
    pub(super) gradients: f64,
}

#[cfg(all(feature = "cuda", target_os = "linux"))]
use crate::cuda::pretended::named;
#[cfg(not(all(feature = "cuda", target_os = "linux")))]
fn named() -> Option<usize> {
    None
}

fn device(order: Order, precision: Precision) -> Device {
    match named() {
        Some(ordinal) => Device::gpu(ordinal, precision).unwrap(),
        None => Device(DeviceKind::Gpu(Gpu::emulated(order, precision))),
    }
}

pub(super) fn devices() -> Vec<(Device, Tolerance)> {
    let exact = Tolerance { values: 2e-5, gradients: 2e-4 };
    // 8 bits of mantissa; this model's weights are large, and make more of it.
    let rough = Tolerance { values: 6e-2, gradients: 1.5e-1 };
    let mut all = vec![
        (device(Order::Forwards, Precision::F32), exact),
        (device(Order::Forwards, Precision::Bf16), rough),
    ];
    match named() {
        Some(_) => {
            all.push((device(Order::Forwards, Precision::Tf32), Tolerance { values: 1e-2, gradients: 3e-2 }))
        }
        None => {
            all.push((device(Order::Backwards, Precision::F32), exact));
            all.extend(Device::processor(Precision::FrozenBf16).ok().map(|processor| (processor, rough)));
        }
    }
    all
}

/// The largest distance of two vectors, relative to the larger one's largest scalar.
fn distance(got: &[f32], want: &[f64]) -> f64 {
    let scale = want.iter().fold(1e-6, |m: f64, w| m.max(w.abs()));
    got.iter().zip(want).map(|(g, w)| (f64::from(*g) - w).abs() / scale).fold(0.0, f64::max)
}

#[test]
fn every_gradient_of_every_mask_is_the_oracles_on_a_device() {
    let weights = weights(&SHAPE);
    for objective in OBJECTIVES {
        let outputs = objective.outputs();
        let texts = texts(&SHAPE, objective);
        let batch = sequences(&texts);
        let oracle = oracle(objective, &weights, head(outputs));
        let ReferenceProbe { logits, loss, gradient } = oracle.probe(&batch).unwrap();
        for (device, tolerance) in devices() {
            for mask in MASKS {
                let what = format!("{objective:?} {mask} {device:?}");
                let member = spec(mask, &weights, outputs, 1);
                let want = selected(&gradient, &member.trains);
                let mut gang = new_gang(&device, &weights, objective, vec![member]);
                // Twice: buffers hold the first pass's leavings in the second.
                for _ in 0..2 {
                    let probe = gang.probe(&batch).unwrap();
                    assert!((probe.loss - loss).abs() < tolerance.values * loss, "{what}: {}", probe.loss);
                    assert_close(&probe.logits, &logits, tolerance.values, &what);
                    assert_close(&probe.gradient, &want, tolerance.gradients, &what);
                }
                let scores = gang.predict(&batch).unwrap();
                assert_close(&scores[0], &logits, tolerance.values, &what);
                assert!(gang.frozen_unchanged(&[0]).unwrap()[0], "{what}");
            }
        }
    }
}

#[test]
fn with_dropout_a_step_on_a_device_reports_the_oracles_loss_and_norm() {
    let weights = weights(&SHAPE);
    for objective in [Objective::Classification(2), Objective::Tagging(2)] {
        let texts = texts(&SHAPE, objective);
        let batch = sequences(&texts);
        let oracle = oracle(objective, &weights, head(2));
        let ReferenceProbe { loss, gradient, .. } = oracle.probe_step(&batch).unwrap();
        for (device, tolerance) in devices() {
            for mask in MASKS {
                let what = format!("{objective:?} {mask} {device:?}");
                let member = spec(mask, &weights, 2, 77);
                let want = selected(&gradient, &member.trains);
                let norm = want.iter().map(|g| g * g).sum::<f64>().sqrt();
                let mut gang = new_gang(&device, &weights, objective, vec![member]);
                let before = gang.trained(0).unwrap().to_vec();
                let report = gang.step(&[MemberStep { batch: &batch, learning_rate: 1e-3 }]).unwrap()[0];
                assert!((report.loss - loss).abs() < tolerance.values * loss, "{what}: {}", report.loss);
                let off = (report.gradient_norm - norm).abs() / norm;
                assert!(off < tolerance.gradients, "{what}: {} is not {norm}", report.gradient_norm);
                let after = gang.trained(0).unwrap();
                // Where no rounding can have turned a gradient around.
                let sure = 2.0 * tolerance.gradients * want.iter().fold(0.0, |m: f64, g| m.max(g.abs()));
                for ((before, after), g) in before.iter().zip(after).zip(&want) {
                    if g.abs() > sure.max(1e-2) {
                        let moved = f64::from(after - before);
                        assert!((moved + 1e-3 * g.signum()).abs() < 2e-6, "{what}: {moved} for {g}");
                    }
                }
                assert!(gang.frozen_unchanged(&[0]).unwrap()[0]);
            }
        }
    }
}

fn trained(
    gang: &mut Gang,
    all: &[Sequence<'_>],
    runs: &[Run],
    steps: std::ops::Range<usize>,
) -> Vec<Vec<f32>> {
    for step in steps {
        let members: Vec<MemberStep<'_>> = runs
            .iter()
            .map(|&(_, seed, learning_rate)| MemberStep { batch: batch(all, seed, step), learning_rate })
            .collect();
        gang.step(&members).unwrap();
    }
    (0..runs.len()).map(|i| gang.trained(i).unwrap().to_vec()).collect()
}

/// Few steps at small rates: Adam turns a gradient near 0 around at the smallest rounding.
const RUNS: [Run; 10] = [
    ("layernorms", 1, 1e-4),
    ("frozen", 1, 1e-3),
    ("bitfit", 1, 2e-4),
    ("single_norm:2", 3, 1e-4),
    ("outliers:2", 2, 1e-4),
    ("layernorm_f", 1, 1e-4),
    ("random:60:4", 1, 1e-4),
    ("random:60", 5, 1e-4),
    ("single_norm:3", 1, 1e-4),
    ("frozen", 4, 1e-3),
];

#[test]
fn members_of_a_gang_on_a_device_learn_what_they_do_alone_on_the_processor() {
    let weights = weights(&SHAPE);
    for objective in OBJECTIVES {
        let texts = texts(&SHAPE, objective);
        let all = sequences(&texts);
        let joins = |run: &Run| joins(&weights, objective, *run);
        for (device, tolerance) in devices() {
            let mut gang = new_gang(&device, &weights, objective, RUNS.iter().map(joins).collect());
            // Small waves: a few members go at once, and members of one stream in several.
            gang.set_wave_rows(12);
            let together = trained(&mut gang, &all, &RUNS, 0..3);
            let scores = gang.predict(&all).unwrap();
            for (i, run) in RUNS.iter().enumerate() {
                let what = format!("{objective:?} {run:?} {device:?}");
                let mut alone = new_gang(&Device::cpu(), &weights, objective, vec![joins(run)]);
                let start: Vec<f32> = alone.trained(0).unwrap().to_vec();
                let own = trained(&mut alone, &all, &[*run], 0..3).remove(0);
                let way = |to: &[f32]| -> Vec<f64> {
                    to.iter().zip(&start).map(|(a, b)| f64::from(a - b)).collect()
                };
                // Where every gradient is well away from 0 the ways are equal; a share that grows with the
                // rounding is not.
                let (got, want) = (way(&together[i]), way(&own));
                let off = got.iter().zip(&want).filter(|(g, w)| (*g - *w).abs() > 0.1 * run.2).count();
                let most = if tolerance.values < 1e-3 { 0.04 } else { 0.5 };
                assert!(
                    off as f64 <= most * want.len() as f64,
                    "{what}: {off} of {} went elsewhere",
                    want.len()
                );
                let want: Vec<f64> = alone.predict(&all).unwrap()[0].iter().map(|&x| f64::from(x)).collect();
                let far = distance(&scores[i], &want);
                assert!(far < 10.0 * tolerance.values, "{what}: scores are {far:.1e} away");
            }
        }
    }
}

#[test]
fn a_gang_on_a_device_repeats_and_no_order_of_threads_shows() {
    let (weights, objective) = (weights(&SHAPE), Objective::Tagging(3));
    let texts = texts(&SHAPE, objective);
    let all = sequences(&texts);
    for precision in [Precision::F32, Precision::Bf16] {
        for runs in [&RUNS[..], &[("full", 1, 1e-3)], &[("random:900:1", 1, 1e-3)], &[("mha", 2, 1e-3)]] {
            let run = |order| {
                let members = runs.iter().map(|run| joins(&weights, objective, *run)).collect();
                let mut gang = new_gang(&device(order, precision), &weights, objective, members);
                trained(&mut gang, &all, runs, 0..3);
                (0..runs.len()).map(|i| gang.state(i).unwrap()).collect::<Vec<_>>()
            };
            assert_eq!(run(Order::Forwards), run(Order::Backwards), "{precision:?}");
        }
    }
}

#[test]
fn who_stays_on_a_device_goes_on_and_a_restored_run_has_the_same_bits() {
    let (weights, objective) = (weights(&SHAPE), Objective::Classification(2));
    let texts = texts(&SHAPE, objective);
    let all = sequences(&texts);
    let device = device(Order::Forwards, Precision::F32);
    let members = |runs: &[Run]| runs.iter().map(|run| joins(&weights, objective, *run)).collect::<Vec<_>>();
    // Of one seed each, so that no product has another shape in the gang than alone but for its rows.
    let mut runs = vec![("single_norm:3", 1, 1e-2), ("layernorms", 4, 1e-2), ("bitfit", 5, 1e-2)];
    let mut gang = new_gang(&device, &weights, objective, members(&runs));
    trained(&mut gang, &all, &runs, 0..2);
    let before: Vec<MemberState> = [0, 2].map(|i| gang.state(i).unwrap()).to_vec();
    gang.remove(1);
    runs.remove(1);
    assert_eq!([0, 1].map(|i| gang.state(i).unwrap()).to_vec(), before);
    let after = trained(&mut gang, &all, &runs, 2..4);
    assert_eq!(gang.state(0).unwrap().steps, 4);
    let mut fresh = new_gang(&device, &weights, objective, members(&runs));
    for (i, state) in before.into_iter().enumerate() {
        fresh.restore(i, state).unwrap();
    }
    assert_eq!(trained(&mut fresh, &all, &runs, 2..4), after);
    gang.remove(0);
    gang.remove(0);
    assert!(gang.is_empty() && gang.predict(&all).unwrap().is_empty());
}

#[test]
fn a_run_that_diverges_on_a_device_is_reported_and_left_alone() {
    let weights = weights(&SHAPE);
    let texts = texts(&SHAPE, Objective::Regression);
    let batch = sequences(&texts);
    for (device, _) in devices() {
        let member = || spec("layernorms", &weights, 1, 3);
        let mut gang = new_gang(&device, &weights, Objective::Regression, vec![member(), member()]);
        let mut step = |rates: [f64; 2]| {
            let steps = rates.map(|learning_rate| MemberStep { batch: &batch, learning_rate });
            let reports = gang.step(&steps).unwrap();
            (reports, gang.state(0).unwrap(), gang.state(1).unwrap())
        };
        let (first, wild, tame) = step([1e38, 1e-3]);
        assert!(first.iter().all(|r| r.loss.is_finite()));
        let (second, wild_after, tame_after) = step([1e-3, 1e-3]);
        assert!(!(second[0].loss.is_finite() && second[0].gradient_norm.is_finite()));
        assert!(second[1].loss.is_finite());
        let bits = |s: &MemberState| s.trained.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert_eq!((bits(&wild), wild.steps), (bits(&wild_after), wild_after.steps));
        assert_ne!(tame.trained, tame_after.trained);
    }
}

#[test]
fn a_device_without_room_says_so_and_the_gang_goes_on_with_less() {
    let (weights, objective) = (weights(&SHAPE), Objective::Classification(2));
    let texts = texts(&SHAPE, objective);
    let all = sequences(&texts);
    let gpu = |bytes| Device(DeviceKind::Gpu(Gpu::emulated_with_memory(bytes)));
    let member = || vec![spec("layernorms", &weights, 2, 1)];
    let new = |bytes| Gang::on(&gpu(bytes), CONFIG, weights.clone(), objective, member());
    assert!(matches!(new(10_000).err(), Some(EngineError::Memory { .. })));
    let whole = gpu(usize::MAX);
    drop(new_gang(&whole, &weights, objective, member()));
    // Room for the gang, and not for the sums by which its frozen scalars are compared.
    let error = new(whole.peak_bytes().unwrap()).unwrap().frozen_unchanged(&[0]).unwrap_err();
    assert!(error.to_string().contains("out of memory with 1 run: it has no room for another"), "{error}");
    let mut gang = new_gang(&whole, &weights, objective, member());
    let one = |n: usize| [MemberStep { batch: &all[..n], learning_rate: 1e-3 }];
    gang.step(&one(2)).unwrap();
    // Room for a short batch, and not for a long one.
    let mut gang = new(whole.peak_bytes().unwrap() + 20_000).unwrap();
    let before = gang.state(0).unwrap();
    let error = gang.step(&one(all.len())).unwrap_err();
    assert!(
        matches!(error, EngineError::Memory { .. })
            && error.to_string().contains("out of memory with 1 run: it has no room for another"),
        "{error}"
    );
    assert_eq!(gang.state(0).unwrap(), before);
    gang.step(&one(1)).unwrap();
}
