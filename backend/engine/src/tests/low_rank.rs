//! Pairs of low rank: against the reference engine, in gangs, and without a trace where they are not.

use super::gangs::batch;
use super::*;

const LORA: [&str; 6] = [
    "lora:2 in layers(*).mha.query + layers(*).mha.value",
    "lora:3:6 in mha + ffn",
    "lora:1:4 in layers(3).output",
    "lora:12 in layers(2-).attention_output + layers(3).key",
    "lora:5:2 in layers(1).intermediate",
    "lora:2 in layers(3).query",
];

/// A state in which no factor is zero, so that each has a gradient.
fn moved(gang: &Gang) -> MemberState {
    let mut draw = Stream::new(4, Purpose::Weights, 1);
    let mut state = gang.state(0).unwrap();
    state.trained.iter_mut().for_each(|x| *x += draw.normal() as f32 * 0.3);
    state
}

#[test]
fn every_gradient_is_the_reference_engines_with_dropout_and_without() {
    let weights = weights(&SHAPE);
    for objective in OBJECTIVES {
        let texts = texts(&SHAPE, objective);
        let batch = sequences(&texts);
        for mask in LORA {
            let member = spec(mask, &weights, objective.outputs(), 77);
            let place = Place::Processor;
            let mut oracle =
                Reference::new(place, CONFIG, weights.clone(), objective, member.clone(), Float::F64)
                    .unwrap();
            let trains = member.trains.clone();
            let mut gang = Gang::new(CONFIG, weights.clone(), objective, vec![member]).unwrap();
            // Both draw the same.
            assert_eq!(gang.state(0).unwrap(), oracle.state(), "{mask}");
            let start = gang.predict(&batch).unwrap();
            let state = moved(&gang);
            oracle.restore(state.clone()).unwrap();
            gang.restore(0, state.clone()).unwrap();
            for _ in 0..2 {
                let (got, want) = (gang.probe(&batch).unwrap(), oracle.probe(&batch).unwrap());
                assert_close(&got.logits, &want.logits, 2e-5, mask);
                assert_close(&got.gradient, &want.gradient, 2e-4, mask);
                let (got, want) = (gang.probe_step(&batch).unwrap(), oracle.probe_step(&batch).unwrap());
                assert_close(&got.logits, &want.logits, 2e-5, mask);
                assert_close(&got.gradient, &want.gradient, 2e-4, mask);
            }
            let scores = gang.predict(&batch).unwrap();
            assert_ne!(scores, start, "{mask}");

            // The weights with the pairs added up into them say the same.
            let mut merged = weights.to_vec();
            trains.apply(&state.trained, &mut merged);
            let frozen = MemberSpec {
                head: Some(state.trained[trains.len()..].to_vec()),
                ..spec("frozen", &weights, 1, 1)
            };
            let mut plain = Gang::new(CONFIG, Arc::new(merged), objective, vec![frozen]).unwrap();
            let want: Vec<f64> = scores[0].iter().map(|x| f64::from(*x)).collect();
            assert_close(&plain.predict(&batch).unwrap()[0], &want, 2e-5, mask);
        }
    }
}

/// One reference gradient of everything holds that of what is added, too, by which `tunemask verify` compares.
#[test]
fn the_comparison_names_every_tensor_that_is_added() {
    let (weights, objective) = (weights(&SHAPE), Objective::Classification(3));
    let texts = texts(&SHAPE, objective);
    let batch = sequences(&texts);
    let member = spec(LORA[1], &weights, 3, 77);
    let (added, head) = (member.trains.added.clone(), member.head.clone());
    let trains = member.trains.clone();
    let mut gang = Gang::new(CONFIG, weights.clone(), objective, vec![member]).unwrap();
    let mut everything =
        Reference::of_everything(Place::Processor, CONFIG, weights.clone(), objective, added, head, 77)
            .unwrap();
    let state = moved(&gang);
    let all = [weights.to_vec(), state.trained.clone()].concat();
    let zeros = || vec![0.0; all.len()];
    everything
        .restore(MemberState { steps: 0, first: zeros(), second: zeros(), trained: all.clone() })
        .unwrap();
    gang.restore(0, state).unwrap();
    let (got, want) = (gang.probe(&batch).unwrap(), everything.probe(&batch).unwrap());
    let differences = compare(&SHAPE, &trains, objective, &got, &want).unwrap();
    // Logits, loss, the head's two, and two of each of six matrices a block.
    assert_eq!(differences.len(), 4 + 2 * 6 * SHAPE.layers);
    let tolerance = Tolerance::of(Precision::F32);
    assert!(differences.iter().all(|d| d.is_within(tolerance)), "{differences:?}");
    let name = "grad.bert.encoder.layer.1.intermediate.dense.lora_B.weight";
    let tensor = trains.tensors().into_iter().find(|t| name.ends_with(&t.name)).unwrap();
    let mut turned = got;
    turned.gradient[tensor.range].iter_mut().for_each(|g| *g *= 1.01);
    let beyond = compare(&SHAPE, &trains, objective, &turned, &want).unwrap();
    let beyond: Vec<String> =
        beyond.into_iter().filter(|d| !d.is_within(tolerance)).map(|d| d.tensor).collect();
    assert_eq!(beyond, [name]);
}

#[test]
fn a_run_by_either_engine_has_the_same_losses() {
    let (weights, objective) = (weights(&SHAPE), Objective::Classification(3));
    let texts = texts(&SHAPE, objective);
    let all = sequences(&texts);
    for mask in LORA {
        let adam = Adam { weight_decay: 0.1, max_gradient_norm: Some(1.0), ..Adam::default() };
        let member = MemberSpec { adam, ..spec(mask, &weights, 3, 5) };
        let place = Place::Processor;
        let mut slow =
            Reference::new(place, CONFIG, weights.clone(), objective, member.clone(), Float::F32).unwrap();
        let mut fast = Gang::new(CONFIG, weights.clone(), objective, vec![member]).unwrap();
        for step in 0..20 {
            let step = MemberStep { batch: batch(&all, 1, step), learning_rate: 2e-3 };
            let (got, want) = (fast.step(&[step]).unwrap()[0], slow.step(&step).unwrap());
            assert!((got.loss - want.loss).abs() < 2e-4, "{mask}: {got:?} is not {want:?}");
        }
        assert!(fast.frozen_unchanged(&[0]).unwrap()[0] && slow.frozen_unchanged().unwrap());
    }
}

/// Ranks, targets, learning rates and seeds of all kinds beside masks, over trunks.
#[test]
fn members_of_low_rank_train_in_a_gang_as_alone() {
    let (weights, objective) = (weights(&SHAPE), Objective::Classification(2));
    super::gangs::assert_as_alone(
        &weights,
        objective,
        &[
            (LORA[0], 1, 1e-2),
            (LORA[0], 1, 1e-3),
            (LORA[2], 1, 1e-2),
            ("layernorms", 1, 1e-2),
            (LORA[1], 2, 1e-2),
            (LORA[5], 1, 5e-3),
            ("frozen", 1, 1e-2),
            ("random:40:1", 2, 1e-3),
            (LORA[3], 5, 1e-2),
        ],
    );
}

#[test]
fn it_goes_with_others_and_trains_low_blocks_alone_only_as_far_as_it_must() {
    let weights = weights(&SHAPE);
    for mask in LORA {
        assert!(!goes_alone(&SHAPE, &trains(mask, &weights)), "{mask}");
    }
    let per_token = |mask: &str| products_per_token(&SHAPE, &trains(mask, &weights));
    assert!(per_token("frozen") < per_token(LORA[2]));
    assert!(per_token(LORA[2]) < per_token(LORA[0]));
}

/// It is refused by name, before anything is computed.
#[test]
fn a_gpu_refuses_it_and_says_what_to_do() {
    let (weights, objective) = (weights(&SHAPE), Objective::Classification(2));
    for (device, _) in super::device::devices().into_iter().filter(|(device, _)| !device.is_cpu()) {
        let members = vec![spec("layernorms", &weights, 2, 1), spec(LORA[0], &weights, 2, 1)];
        let refused = Gang::on(&device, CONFIG, weights.clone(), objective, members).err().unwrap();
        assert!(refused.to_string().contains("LoRA is computed on the processor only"), "{refused}");
    }
}
