//! The families beside BERT, and activations beside GELU: every mask's gradients are the reference engine's, on the
//! processor and on an emulated GPU, and members of a gang end as alone.

use super::device::{Tolerance, devices};
use super::*;
use tunemask_shared::family::RobertaName;

/// A family under a name, with a text's padding token, its own ε and another activation than BERT's.
fn families() -> Vec<(&'static str, EncoderConfig)> {
    let of = |family, segments, activation| EncoderConfig {
        shape: ModelShape { family, segments, ..SHAPE },
        layer_norm_epsilon: 1e-5,
        activation,
        ..CONFIG
    };
    let roberta = |name, padding| Family::Roberta { name, padding };
    vec![
        ("roberta", of(roberta(RobertaName::Roberta, 1), 1, Activation::Gelu)),
        ("xlm-roberta", of(roberta(RobertaName::XlmRoberta, 3), 2, Activation::GeluTanh)),
        ("distilbert", of(Family::DistilBert, 0, Activation::Relu)),
        ("electra", of(Family::Electra { embedding: 5 }, 2, Activation::Gelu)),
        ("electra, as wide", of(Family::Electra { embedding: SHAPE.hidden }, 2, Activation::GeluTanh)),
        ("bert, tanh", of(Family::Bert, 2, Activation::GeluTanh)),
        ("bert, relu", of(Family::Bert, 1, Activation::Relu)),
    ]
}

/// Texts of the shape's segments; some have the padding token of the two RoBERTas among their words.
fn texts_of(config: &EncoderConfig, objective: Objective) -> Vec<Text> {
    let most = config.shape.segments.max(1) as u8 - 1;
    let mut all = texts(&config.shape, objective);
    all.iter_mut().for_each(|text| text.segments.iter_mut().for_each(|s| *s = (*s).min(most)));
    all
}

fn head_of(config: &EncoderConfig, objective: Objective) -> Vec<f32> {
    let mut draw = Stream::new(2, Purpose::Head, 9);
    (0..objective.head_scalars(&config.shape)).map(|_| draw.normal() as f32 * 0.5).collect()
}

fn member(
    config: &EncoderConfig,
    objective: Objective,
    weights: &[f32],
    mask: &str,
    seed: u64,
) -> MemberSpec {
    let mask: Mask = mask.parse().unwrap();
    let trains = mask.trains(&config.shape, MaskSwitches::default(), 1, Some(weights)).unwrap();
    MemberSpec { trains, seed, adam: Adam::default(), head: Some(head_of(config, objective)) }
}

/// Masks that reach a part of the embeddings, or nothing of most families.
const MORE: [&str; 4] = ["embeddings", "embeddings.words", "embeddings.ln", "pooler"];
/// Some that reach everything together, for what is slow.
const FEW: [&str; 5] = ["full", "frozen", "bitfit", "random:60:1", "embeddings.ln"];

/// What computes, and how far it may be from the oracle.
struct On<'a> {
    device: &'a Device,
    tolerance: Tolerance,
}

fn each(on: &On<'_>, masks: &[&str], name: &str, config: EncoderConfig, objective: Objective) {
    let On { device, tolerance } = *on;
    let weights = weights(&config.shape);
    let texts = texts_of(&config, objective);
    let batch = sequences(&texts);
    let head = Some(head_of(&config, objective));
    let oracle =
        Reference::of_everything(Place::Processor, config, weights.clone(), objective, Vec::new(), head, 77)
            .unwrap();
    let (plain, dropped) = (oracle.probe(&batch).unwrap(), oracle.probe_step(&batch).unwrap());
    for &mask in masks {
        let what = format!("{name} {objective:?} {mask} {device:?}");
        let member = member(&config, objective, &weights, mask, 77);
        let selection = member.trains.selection.clone();
        let mut gang = Gang::on(device, config, weights.clone(), objective, vec![member]).unwrap();
        // Twice: buffers hold the first pass's leavings in the second.
        for _ in 0..2 {
            for (got, want) in
                [(gang.probe(&batch).unwrap(), &plain), (gang.probe_step(&batch).unwrap(), &dropped)]
            {
                let gradient = selection.iter().map(|index| want.gradient[index]);
                let head = want.gradient[config.shape.scalars()..].iter().copied();
                let gradient: Vec<f64> = gradient.chain(head).collect();
                assert!((got.loss - want.loss).abs() < tolerance.values * want.loss, "{what}: {}", got.loss);
                assert_close(&got.logits, &want.logits, tolerance.values, &what);
                assert_close(&got.gradient, &gradient, tolerance.gradients, &what);
            }
        }
        let scores = gang.predict(&batch).unwrap();
        assert_close(&scores[0], &plain.logits, tolerance.values, &what);
        assert!(gang.frozen_unchanged(&[0]).unwrap()[0], "{what}");
    }
}

#[test]
fn every_gradient_of_every_family_is_the_oracles() {
    let tolerance = Tolerance { values: 2e-5, gradients: 2e-4 };
    let (on, masks) = (On { device: &Device::cpu(), tolerance }, [&MASKS[..], &MORE].concat());
    for (name, config) in families() {
        for objective in OBJECTIVES {
            each(&on, &masks, name, config, objective);
        }
    }
}

#[test]
fn every_gradient_of_every_family_is_the_oracles_on_a_device() {
    for (device, tolerance) in devices() {
        let on = On { device: &device, tolerance };
        for (name, config) in families() {
            each(&on, &FEW, name, config, Objective::Classification(3));
            each(&on, &FEW[..2], name, config, Objective::Tagging(4));
        }
    }
}

/// By mask, seed and learning rate.
const RUNS: [(&str, u64, f64); 8] = [
    ("layernorms", 1, 1e-2),
    ("frozen", 1, 1e-3),
    ("frozen", 1, 1e-2),
    ("bitfit", 1, 5e-3),
    ("single_norm:2", 3, 1e-2),
    ("embeddings.ln", 2, 1e-2),
    ("random:60:4", 1, 1e-2),
    ("single_norm:3", 1, 1e-2),
];

#[test]
fn members_of_every_family_end_as_alone() {
    for (name, config) in families() {
        for objective in [Objective::Classification(3), Objective::Regression, Objective::Tagging(4)] {
            let weights = weights(&config.shape);
            let texts = texts_of(&config, objective);
            let all = sequences(&texts);
            let gang = |runs: &[(&str, u64, f64)]| {
                let joins = |&(mask, seed, _): &(&str, u64, f64)| MemberSpec {
                    head: None,
                    ..member(&config, objective, &weights, mask, seed)
                };
                Gang::new(config, weights.clone(), objective, runs.iter().map(joins).collect()).unwrap()
            };
            let train = |gang: &mut Gang, runs: &[(&str, u64, f64)]| -> Vec<Vec<StepReport>> {
                let steps = (0..4).map(|step| {
                    let steps: Vec<MemberStep<'_>> = runs
                        .iter()
                        .map(|&(_, seed, learning_rate)| MemberStep {
                            batch: gangs::batch(&all, seed, step),
                            learning_rate,
                        })
                        .collect();
                    gang.step(&steps).unwrap()
                });
                steps.collect()
            };
            let mut together = gang(&RUNS);
            together.set_wave_rows(12);
            let reports = train(&mut together, &RUNS);
            together.set_wave_rows(1 << 20);
            let scores = together.predict(&all).unwrap();
            for (i, run) in RUNS.iter().enumerate() {
                let mut alone = gang(&[*run]);
                for (step, report) in train(&mut alone, &[*run]).iter().enumerate() {
                    assert_eq!(report[0], reports[step][i], "{name} {run:?} at step {step}");
                }
                let (state, own) = (alone.state(0).unwrap(), together.state(i).unwrap());
                assert_eq!(state, own, "{name} {run:?}");
                assert_eq!(alone.predict(&all).unwrap()[0], scores[i], "{name} {run:?}");
                assert!(together.frozen_unchanged(&[i]).unwrap()[0]);
                // It goes on from what it was, in either engine.
                let mut again = gang(&[*run]);
                again.restore(0, state.clone()).unwrap();
                let spec = MemberSpec { head: None, ..member(&config, objective, &weights, run.0, run.1) };
                let place = Place::Processor;
                let mut slow =
                    Reference::new(place, config, weights.clone(), objective, spec, Float::F32).unwrap();
                slow.restore(state).unwrap();
                let step = MemberStep { batch: gangs::batch(&all, run.1, 4), learning_rate: run.2 };
                let (alone, again) = (alone.step(&[step]).unwrap(), again.step(&[step]).unwrap());
                assert_eq!(alone, again, "{name} {run:?}");
                let slow = slow.step(&step).unwrap();
                assert!((slow.loss - alone[0].loss).abs() < 1e-4 * slow.loss.max(1.0), "{name} {run:?}");
            }
        }
    }
}

#[test]
fn embeddings_that_are_too_wide_for_a_gpu_are_refused() {
    for (device, _) in devices().into_iter().filter(|(device, _)| !device.is_cpu()) {
        let shape = ModelShape { family: Family::Electra { embedding: 3200 }, ..SHAPE };
        let (config, objective) = (EncoderConfig { shape, ..CONFIG }, Objective::Classification(3));
        let weights = weights(&shape);
        let member = member(&config, objective, &weights, "frozen", 1);
        let refused = Gang::on(&device, config, weights, objective, vec![member]).err().unwrap().to_string();
        assert!(refused.contains("a width of 3200"), "{refused}");
    }
}

#[test]
fn words_are_predicted_by_bert_alone() {
    for (name, config) in families() {
        let member = MemberSpec { trains: Trainable::default(), seed: 1, adam: Adam::default(), head: None };
        let objective = Objective::MaskedLanguage(config.shape.vocabulary);
        let refused = Gang::new(config, weights(&config.shape), objective, vec![member]);
        assert!(refused.err().unwrap().to_string().contains("not BERT with GELU"), "{name}");
    }
}
