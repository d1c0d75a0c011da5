//! The engine on a GPU through its driver in the sizes that are used: heads of 64 and 128 columns, sequences of several
//! tiles, several waves, copies of more than a piece. It must do what the processor does, for every kind of task, with all
//! numbers and masks, alone and in gangs that members leave.

use super::*;
use crate::cuda::pretended::{TestGpu, pretended};

const SHAPE: ModelShape = ModelShape {
    vocabulary: 90,
    hidden: 128,
    layers: 2,
    heads: 2,
    intermediate: 256,
    positions: 512,
    segments: 2,
    family: Family::Bert,
};
const MASKS: [&str; 10] = [
    "full",
    "frozen",
    "mha",
    "ffn",
    "layernorms",
    "bitfit",
    "single_norm:2",
    "random:60:1",
    "random:60000:1",
    "outliers:3",
];
const PRECISIONS: [Precision; 3] = [Precision::F32, Precision::Tf32, Precision::Bf16];

/// Batches that grow and shrink, of a single token up to several tiles of keys.
const BATCHES: [&[usize]; 3] = [&[33, 7], &[80, 1, 40], &[12]];

fn config(shape: ModelShape) -> EncoderConfig {
    EncoderConfig { shape, initializer_range: 0.05, ..CONFIG }
}

/// Weights as large as those of a model that was trained.
fn weights(shape: &ModelShape) -> Arc<Vec<f32>> {
    let mut draw = Stream::new(21, Purpose::Weights, 0);
    let gamma = |kind| {
        use tunemask_shared::shape::Kind::*;
        matches!(kind, EmbeddingGamma | AttentionGamma | FeedForwardGamma)
    };
    let all = shape.parameters();
    let values = all.iter().flat_map(|p| std::iter::repeat_n(gamma(p.kind), p.len()));
    Arc::new(values.map(|g| (draw.normal() * 0.05 + f64::from(u8::from(g))) as f32).collect())
}

fn texts(shape: &ModelShape, objective: Objective, lengths: &[usize], part: u32) -> Vec<Text> {
    let mut draw = Stream::new(9, Purpose::Language, part);
    let text = |&n: &usize| {
        let ids = (0..n).map(|_| draw.below(shape.vocabulary as u64) as u32).collect();
        let positions = if objective.is_pooled() { 0..1 } else { 0..n as u32 };
        let read = |&position: &u32| position % 3 != 1;
        let reads: Vec<u32> = positions.filter(read).collect();
        let targets = targets(objective, reads.len(), &mut draw);
        Text { ids, segments: (0..n).map(|i| u8::from(i > n / 2)).collect(), reads, targets }
    };
    lengths.iter().map(text).collect()
}

fn member(shape: &ModelShape, weights: &[f32], mask: &str, seed: u64) -> MemberSpec {
    let mask: Mask = mask.parse().unwrap();
    let trains = mask.trains(shape, MaskSwitches::default(), seed, Some(weights)).unwrap();
    MemberSpec { trains, seed, adam: Adam::default(), head: None }
}

/// What became of a gang: each step's losses and norms, then logits on the last batch.
#[derive(Clone, Debug)]
struct Course {
    losses: Vec<f32>,
    norms: Vec<f32>,
    logits: Vec<f32>,
}

/// Lets a gang take a step on each batch; behind the first the members at `leave` leave.
fn course(mut gang: Gang, objective: Objective, shape: &ModelShape, leave: &[usize]) -> Course {
    let mut course = Course { losses: Vec::new(), norms: Vec::new(), logits: Vec::new() };
    for (i, lengths) in BATCHES.iter().enumerate() {
        let texts = texts(shape, objective, lengths, i as u32);
        let batch = sequences(&texts);
        let steps = vec![MemberStep { batch: &batch, learning_rate: 1e-4 }; gang.len()];
        for report in gang.step(&steps).unwrap() {
            course.losses.push(report.loss as f32);
            course.norms.push(report.gradient_norm as f32);
        }
        if i == 0 {
            leave.iter().rev().for_each(|&member| gang.remove(member));
        }
        if i + 1 == BATCHES.len() {
            course.logits = gang.predict(&batch).unwrap().concat();
        }
    }
    let all: Vec<usize> = (0..gang.len()).collect();
    assert!(gang.frozen_unchanged(&all).unwrap().into_iter().all(|unchanged| unchanged));
    course
}

/// The largest distance of two lists, relative to the larger one's largest number.
fn distance(got: &[f32], want: &[f32]) -> f32 {
    assert_eq!(got.len(), want.len());
    let scale = want.iter().fold(1e-6, |m: f32, w| m.max(w.abs()));
    got.iter().zip(want).map(|(g, w)| (g - w).abs() / scale).fold(0.0, f32::max)
}

fn assert_same(got: &Course, want: &Course, gpu: &TestGpu, precision: Precision, what: &str) {
    // A pretended product rounds nothing to tf32.
    let most = match precision {
        Precision::Bf16 => 3e-2,
        Precision::Tf32 if gpu.pretended().is_none() => 4e-3,
        Precision::F32 | Precision::Tf32 | Precision::FrozenBf16 => 5e-6,
    };
    let parts = [
        ("losses", &got.losses, &want.losses),
        ("norms", &got.norms, &want.norms),
        ("logits", &got.logits, &want.logits),
    ];
    for (part, got, want) in parts {
        let far = distance(got, want);
        assert!(far < most, "{what} in {}: {part} are {far:.1e} away", precision.name());
    }
}

fn gang_on(
    device: &Device,
    shape: ModelShape,
    weights: &Arc<Vec<f32>>,
    objective: Objective,
    runs: &[(&str, u64)],
) -> Gang {
    let members = runs.iter().map(|&(mask, seed)| member(&shape, weights, mask, seed)).collect();
    Gang::on(device, config(shape), weights.clone(), objective, members).unwrap()
}

fn every_mask_alone(objective: Objective) {
    let (weights, gpu) = (weights(&SHAPE), TestGpu::take());
    // One after the other: they are one GPU's.
    for precision in PRECISIONS {
        let device = gpu.device(precision);
        for mask in MASKS {
            let run = |device: &Device| {
                let gang = gang_on(device, SHAPE, &weights, objective, &[(mask, 7)]);
                course(gang, objective, &SHAPE, &[])
            };
            let what = format!("{objective:?}, {mask}");
            assert_same(&run(&device), &run(&Device::cpu()), &gpu, precision, &what);
        }
    }
}

#[test]
fn every_mask_classifies_alone_on_a_gpu_as_on_the_processor() {
    every_mask_alone(Objective::Classification(3));
}

#[test]
fn every_mask_regresses_alone_on_a_gpu_as_on_the_processor() {
    every_mask_alone(Objective::Regression);
}

#[test]
fn every_mask_tags_alone_on_a_gpu_as_on_the_processor() {
    every_mask_alone(Objective::Tagging(4));
}

#[test]
fn every_mask_labels_alone_on_a_gpu_as_on_the_processor() {
    every_mask_alone(Objective::MultiLabel(3));
}

/// Members of three streams, of every level.
const GANG: [(&str, u64); 8] = [
    ("layernorms", 1),
    ("frozen", 1),
    ("bitfit", 1),
    ("single_norm:2", 2),
    ("outliers:3", 2),
    ("random:60:4", 1),
    ("layernorm_f", 3),
    ("layernorms", 1),
];

#[test]
fn gangs_in_one_wave_and_in_many_that_members_leave_go_as_on_the_processor() {
    let (weights, gpu) = (weights(&SHAPE), TestGpu::take());
    for objective in OBJECTIVES {
        for precision in PRECISIONS {
            let device = gpu.device(precision);
            for (rows, leave) in [(device.wave_rows(), &[][..]), (100, &[0, 3, 7])] {
                let run = |device: &Device| {
                    let mut gang = gang_on(device, SHAPE, &weights, objective, &GANG);
                    gang.set_wave_rows(rows);
                    course(gang, objective, &SHAPE, leave)
                };
                let what = format!("{objective:?}, waves of {rows} rows");
                assert_same(&run(&device), &run(&Device::cpu()), &gpu, precision, &what);
            }
        }
    }
}

#[test]
fn the_longest_sequence_in_the_widest_head_goes_as_on_the_processor() {
    let shape = ModelShape { heads: 1, layers: 1, ..SHAPE };
    let (weights, gpu, objective) = (weights(&shape), TestGpu::take(), Objective::Classification(2));
    let texts = texts(&shape, objective, &[512, 9], 5);
    let batch = sequences(&texts);
    for precision in PRECISIONS {
        let device = gpu.device(precision);
        let run = |device: &Device| {
            let mut gang = gang_on(device, shape, &weights, objective, &[("layernorms", 1), ("bitfit", 2)]);
            let step = MemberStep { batch: &batch, learning_rate: 1e-4 };
            let reports = gang.step(&[step, step]).unwrap();
            Course {
                losses: reports.iter().map(|r| r.loss as f32).collect(),
                norms: reports.iter().map(|r| r.gradient_norm as f32).collect(),
                logits: gang.predict(&batch).unwrap().concat(),
            }
        };
        assert_same(&run(&device), &run(&Device::cpu()), &gpu, precision, "512 tokens");
    }
}

/// More than a piece of pinned memory holds: what a run becomes is read, and put back, in pieces.
#[test]
fn a_run_of_many_megabytes_is_read_and_put_back_through_little_pinned_memory() {
    let shape = ModelShape { vocabulary: 33_000, layers: 1, positions: 64, ..SHAPE };
    let (weights, gpu, objective) = (weights(&shape), TestGpu::take(), Objective::Classification(2));
    let device = gpu.device(Precision::F32);
    let texts = texts(&shape, objective, &[20, 5], 5);
    let batch = sequences(&texts);
    let step = [MemberStep { batch: &batch, learning_rate: 1e-3 }];
    let new = || gang_on(&device, shape, &weights, objective, &[("full", 1)]);
    let mut gang = new();
    gang.step(&step).unwrap();
    let state = gang.state(0).unwrap();
    assert!(4 * state.trained.len() > 16 << 20);
    let mut other = new();
    other.restore(0, state.clone()).unwrap();
    assert_eq!(other.state(0).unwrap(), state);
    assert_eq!(other.step(&step).unwrap(), gang.step(&step).unwrap());
    assert_eq!(other.trained(0).unwrap(), gang.trained(0).unwrap());
    if let Some(gpu) = gpu.pretended() {
        assert!(gpu.look().most_pinned <= 64 << 20, "{:?}", gpu.look());
    }
}

#[test]
fn what_a_gpu_does_not_train_is_said() {
    let (weights, gpu) = (weights(&SHAPE), TestGpu::take());
    let members = vec![member(&SHAPE, &weights, "full", 1)];
    let objective = Objective::MaskedLanguage(SHAPE.vocabulary);
    let made = Gang::on(&gpu.device(Precision::F32), config(SHAPE), weights.clone(), objective, members);
    assert!(matches!(made.err(), Some(EngineError::MaskedLanguage(_))));
}

/// A gang's model stays on the GPU for the next one; what a step asks for does not grow with the steps.
#[test]
fn a_model_goes_up_once_and_a_step_waits_once() {
    let Some(gpu) = pretended() else { return };
    let (weights, objective) = (weights(&SHAPE), Objective::Classification(2));
    let device = gpu.device(Precision::Bf16);
    let texts = texts(&SHAPE, objective, &[40, 9], 5);
    let batch = sequences(&texts);
    let new = || gang_on(&device, SHAPE, &weights, objective, &[("layernorms", 1), ("bitfit", 1)]);
    let mut gang = new();
    let step = [MemberStep { batch: &batch, learning_rate: 1e-3 }; 2];
    gang.step(&step).unwrap();
    let before = gpu.look();
    gang.step(&step).unwrap();
    let after = gpu.look();
    let per_step = [
        after.uploads - before.uploads,
        after.downloads - before.downloads,
        after.waits - before.waits,
        after.allocations - before.allocations,
    ];
    assert_eq!(per_step, [3, 1, 1, 0]);
    let model = 6 * weights.len() as u64;
    drop(gang);
    assert!(gpu.look().used >= model, "{:?}", gpu.look());
    let before = gpu.look().launches;
    let gang = new();
    // Neither rounded nor digested again.
    assert!(gpu.look().launches - before < 3, "{} launches", gpu.look().launches - before);
    drop(gang);
    device.rest();
    assert_eq!(gpu.look().used, 0);
}

/// What a plan says is what a gang takes, within a factor that a choice of masks makes.
#[test]
fn a_plan_knows_a_gpus_memory_and_speed() {
    let Some(gpu) = pretended() else { return };
    let (weights, objective) = (weights(&SHAPE), Objective::Classification(2));
    for precision in PRECISIONS {
        let device = gpu.device(precision);
        let texts = texts(&SHAPE, objective, &[80; 4], 5);
        let batch = sequences(&texts);
        let mut gang = gang_on(&device, SHAPE, &weights, objective, &[("layernorms", 1)]);
        let before = gpu.look().used;
        gang.step(&[MemberStep { batch: &batch, learning_rate: 1e-3 }]).unwrap();
        let trains = member(&SHAPE, &weights, "layernorms", 1).trains;
        let size = BatchSize { sequences: 4, tokens: 80 };
        let room = MemberRoom { head: objective.head_scalars(&SHAPE), parts: Parts::One };
        let told = cost(&SHAPE, &[&trains], &[0], size, device.footprint(), room).bytes;
        // Activations, gradients to them, and tables.
        let taken = (gpu.look().used - before) as f64;
        assert!((0.5..2.0).contains(&(told / taken)), "{precision:?}: {told} told, {taken} taken");
        assert!(device.products_per_s(&SHAPE, Matrices::Frozen) > 1e6);
        assert!(device.free_bytes().unwrap() < 8 << 30);
    }
}

/// A gang that the GPU has no room for any more when a member leaves is not lost.
#[test]
fn who_stays_when_there_is_no_room_left_is_still_there() {
    let Some(gpu) = pretended() else { return };
    let (weights, objective) = (weights(&SHAPE), Objective::Classification(2));
    let device = gpu.device(Precision::F32);
    let texts = texts(&SHAPE, objective, &[20, 9], 5);
    let batch = sequences(&texts);
    let step = |n: usize| vec![MemberStep { batch: &batch, learning_rate: 1e-3 }; n];
    let mut gang = gang_on(&device, SHAPE, &weights, objective, &[("layernorms", 1), ("bitfit", 1)]);
    gang.step(&step(2)).unwrap();
    let state = gang.state(1).unwrap();
    gang.remove(0);
    gpu.set_memory(1000);
    let error = gang.step(&step(1)).unwrap_err();
    assert!(matches!(error, EngineError::Memory { runs: 1, .. }), "{error}");
    assert_eq!(gang.state(0).unwrap(), state);
    assert_eq!(gang.trained(0).unwrap(), state.trained);
    gpu.set_memory(1 << 30);
    gang.step(&step(1)).unwrap();
    let mut alone = gang_on(&device, SHAPE, &weights, objective, &[("bitfit", 1)]);
    alone.restore(0, state).unwrap();
    alone.step(&step(1)).unwrap();
    assert_eq!(gang.state(0).unwrap(), alone.state(0).unwrap());
}

#[test]
fn a_gpu_that_was_lost_trains_again_once_it_is_opened_anew() {
    const ILLEGAL_ADDRESS: i32 = 700;
    let Some(gpu) = pretended() else { return };
    let (weights, objective) = (weights(&SHAPE), Objective::Classification(2));
    let device = gpu.device(Precision::F32);
    let texts = texts(&SHAPE, objective, &[20, 9], 5);
    let batch = sequences(&texts);
    let step = [MemberStep { batch: &batch, learning_rate: 1e-3 }];
    let new = || {
        let members = vec![member(&SHAPE, &weights, "layernorms", 1)];
        Gang::on(&device, config(SHAPE), weights.clone(), objective, members)
    };
    let mut gang = new().unwrap();
    let first = gang.step(&step).unwrap();
    gpu.fail_launch(10, ILLEGAL_ADDRESS);
    assert!(matches!(gang.step(&step), Err(EngineError::Lost(_))));
    assert!(matches!(gang.state(0), Err(EngineError::Lost(_))));
    // Not while somebody holds it.
    assert!(matches!(device.clone().reopen(), Err(EngineError::Lost(_))));
    assert!(matches!(new().err(), Some(EngineError::Lost(_))));
    assert!(device.free_bytes().is_none() && device.label().starts_with("Pretended GPU"));
    drop(gang);
    device.clone().reopen().unwrap();
    assert_eq!(new().unwrap().step(&step).unwrap(), first);
}
