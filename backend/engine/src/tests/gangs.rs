//! Members of a gang, on trunks or not, end bit for bit as they would alone.

use super::*;

/// A run: mask, seed and learning rate.
pub(super) type Run = (&'static str, u64, f64);

pub(super) fn joins(weights: &[f32], objective: Objective, (mask, seed, _): Run) -> MemberSpec {
    // Runs of one seed draw one head.
    MemberSpec { head: None, ..spec(mask, weights, objective.outputs(), seed) }
}

fn gang(weights: &Arc<Vec<f32>>, objective: Objective, runs: &[Run]) -> Gang {
    gang_on(&Device::cpu(), weights, objective, runs)
}

fn gang_on(device: &Device, weights: &Arc<Vec<f32>>, objective: Objective, runs: &[Run]) -> Gang {
    let members = runs.iter().map(|&run| joins(weights, objective, run)).collect();
    new_gang(device, weights, objective, members)
}

/// The batch of a run at a step: a function of its seed and the step, as in training.
pub(super) fn batch<'a>(all: &'a [Sequence<'a>], seed: u64, step: usize) -> &'a [Sequence<'a>] {
    // Of different sizes, some of a single sequence or a single token.
    let first = (seed as usize * 3 + step * 2) % (all.len() - 4);
    match seed % 4 {
        3 => &all[first..=first],
        2 => &all[all.len() - 3..all.len() - 2],
        _ => &all[first..first + 2 + step % 3],
    }
}

fn train(
    gang: &mut Gang,
    all: &[Sequence<'_>],
    runs: &[Run],
    steps: std::ops::Range<usize>,
) -> Vec<Vec<StepReport>> {
    steps
        .map(|step| {
            let members: Vec<MemberStep<'_>> = runs
                .iter()
                .map(|&(_, seed, learning_rate)| MemberStep { batch: batch(all, seed, step), learning_rate })
                .collect();
            gang.step(&members).unwrap()
        })
        .collect()
}

fn bits(x: &[f32]) -> Vec<u32> {
    x.iter().map(|x| x.to_bits()).collect()
}

pub(super) fn assert_as_alone(weights: &Arc<Vec<f32>>, objective: Objective, runs: &[Run]) {
    for precision in [Precision::F32, Precision::FrozenBf16] {
        match Device::processor(precision) {
            Ok(device) => assert_as_alone_on(&device, weights, objective, runs),
            Err(reason) => tunemask_shared::fixtures::Requirement::Bf16.skip(reason),
        }
    }
}

fn assert_as_alone_on(device: &Device, weights: &Arc<Vec<f32>>, objective: Objective, runs: &[Run]) {
    let texts = texts(&SHAPE, objective);
    let all = sequences(&texts);
    let mut together = gang_on(device, weights, objective, runs);
    // Small waves: a few members go at once, and members of one stream in several.
    together.set_wave_rows(12);
    let reports = train(&mut together, &all, runs, 0..5);
    together.set_wave_rows(1 << 20);
    let scores = together.predict(&all).unwrap();
    for (i, run) in runs.iter().enumerate() {
        let mut alone = gang_on(device, weights, objective, &[*run]);
        let own = train(&mut alone, &all, &[*run], 0..5);
        for (step, report) in own.iter().enumerate() {
            assert_eq!(report[0], reports[step][i], "{run:?} at step {step}");
        }
        assert_eq!(bits(alone.trained(0).unwrap()), bits(together.trained(i).unwrap()), "{run:?}");
        assert_eq!(alone.state(0).unwrap(), together.state(i).unwrap(), "{run:?}");
        assert_eq!(bits(&alone.predict(&all).unwrap()[0]), bits(&scores[i]), "{run:?}");
        assert!(together.frozen_unchanged(&[i]).unwrap()[0]);
    }
}

#[test]
fn different_masks_rates_and_seeds_end_as_alone() {
    let weights = weights(&SHAPE);
    let runs = [
        ("layernorms", 1, 1e-2),
        ("frozen", 1, 1e-3),
        ("bitfit", 1, 5e-3),
        ("single_norm:2", 3, 1e-2),
        ("outliers:2", 2, 1e-2),
        ("layernorm_f", 1, 1e-4),
        ("random:60:4", 1, 1e-2),
        ("random:60", 5, 1e-2),
        ("single_norm:3", 1, 1e-2),
        ("frozen", 4, 1e-2),
    ];
    for objective in OBJECTIVES {
        assert_as_alone(&weights, objective, &runs);
    }
}

#[test]
fn a_sweep_of_learning_rates_ends_as_alone() {
    let weights = weights(&SHAPE);
    for mask in ["frozen", "single_norm:3", "layernorms", "bitfit", "random:60:1", "outliers:1"] {
        let runs = [1e-4, 1e-3, 1e-2].map(|rate| (mask, 5, rate));
        assert_as_alone(&weights, Objective::Classification(3), &runs);
    }
}

#[test]
fn every_block_and_seed_of_one_sweep_ends_as_alone() {
    let weights = weights(&SHAPE);
    let masks = ["single_norm:1", "single_norm:2", "single_norm:3"];
    let runs: Vec<Run> = [1, 4, 5].into_iter().flat_map(|seed| masks.map(|m| (m, seed, 1e-2))).collect();
    assert_as_alone(&weights, Objective::Classification(2), &runs);
}

#[test]
fn trunks_are_computed_once() {
    let (weights, objective) = (weights(&SHAPE), Objective::Classification(2));
    let texts = texts(&SHAPE, objective);
    let all = sequences(&texts);
    let shared = |mask: &'static str, seeds: [u64; 2]| {
        let runs = seeds.map(|seed| (mask, seed, 1e-3));
        let mut gang = gang(&weights, objective, &runs);
        train(&mut gang, &all, &runs, 0..1);
        gang.shared_share()
    };
    // All but the head of one of two, of 4 · 3 + 3 levels.
    assert!((shared("frozen", [1, 1]) - 14.0 / 30.0).abs() < 1e-12);
    assert_eq!(shared("frozen", [1, 4]), 0.0);
    // The middle of the last block is the 11th level.
    assert!((shared("single_norm:3", [1, 1]) - 10.0 / 30.0).abs() < 1e-12);
    assert_eq!(shared("random:60", [1, 1]), 0.0);
}

#[test]
fn who_stays_goes_on_as_if_alone_when_others_leave() {
    let (weights, objective) = (weights(&SHAPE), Objective::Classification(2));
    let texts = texts(&SHAPE, objective);
    let all = sequences(&texts);
    let mut runs =
        vec![("single_norm:3", 1, 1e-2), ("layernorms", 1, 1e-2), ("frozen", 1, 1e-2), ("bitfit", 5, 1e-2)];
    let mut together = gang(&weights, objective, &runs);
    train(&mut together, &all, &runs, 0..2);
    // The one that reaches lowest, so that the plan changes; then one in the middle.
    for (leaves, steps) in [(1, 2..4), (1, 4..5)] {
        together.remove(leaves);
        runs.remove(leaves);
        train(&mut together, &all, &runs, steps);
    }
    assert_eq!(together.len(), 2);
    for (i, run) in runs.iter().enumerate() {
        let mut alone = gang(&weights, objective, &[*run]);
        train(&mut alone, &all, &[*run], 0..5);
        assert_eq!(alone.state(0).unwrap(), together.state(i).unwrap(), "{run:?}");
    }
    together.remove(0);
    together.remove(0);
    assert!(together.is_empty() && together.predict(&all).unwrap().is_empty());
    assert!(together.step(&[]).is_err());
}

#[test]
fn a_restored_run_goes_on_with_the_same_bits() {
    let (weights, objective) = (weights(&SHAPE), Objective::Regression);
    let texts = texts(&SHAPE, objective);
    let all = sequences(&texts);
    for mask in MASKS {
        let run = (mask, 5, 1e-2);
        let mut whole = gang(&weights, objective, &[run]);
        train(&mut whole, &all, &[run], 0..3);
        let state = whole.state(0).unwrap();
        let rest = train(&mut whole, &all, &[run], 3..6);
        let mut resumed = gang(&weights, objective, &[run]);
        resumed.restore(0, state.clone()).unwrap();
        assert_eq!(train(&mut resumed, &all, &[run], 3..6), rest, "{mask}");
        assert_eq!(whole.state(0).unwrap(), resumed.state(0).unwrap(), "{mask}");
        let short = MemberState { first: Vec::new(), ..state };
        assert!(resumed.restore(0, short).unwrap_err().to_string().contains("0 trained scalars"));
    }
}

/// A member that joined later has done fewer steps: it shares no trunk, though it reads the same batch.
#[test]
fn members_at_different_steps_share_nothing_that_differs() {
    let (weights, objective) = (weights(&SHAPE), Objective::Classification(2));
    let texts = texts(&SHAPE, objective);
    let all = sequences(&texts);
    let run: Run = ("frozen", 1, 1e-2);
    let mut early = gang(&weights, objective, &[run]);
    train(&mut early, &all, &[run], 0..2);
    let mut both = gang(&weights, objective, &[run, run]);
    both.restore(0, early.state(0).unwrap()).unwrap();
    train(&mut early, &all, &[run], 2..4);
    train(&mut both, &all, &[run, run], 2..4);
    assert_eq!(early.state(0).unwrap(), both.state(0).unwrap());
    let mut fresh = gang(&weights, objective, &[run]);
    train(&mut fresh, &all, &[run], 2..4);
    assert_eq!(fresh.state(0).unwrap(), both.state(1).unwrap());
}
