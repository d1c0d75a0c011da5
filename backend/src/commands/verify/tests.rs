//! The command against a right engine and against wrong ones.

use super::*;
use clap::Parser;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    arguments: Arguments,
}

fn ended(line: &[&str], plant: &dyn Fn(&mut Probe)) -> ExitCode {
    let Line { arguments } = Line::parse_from([&["verify", "--batch", "2"], line].concat());
    compared(&arguments, &Device::cpu(), plant).unwrap()
}

const MASKS: [&str; 4] = ["--mask", "layernorms", "--mask", "random"];

#[test]
fn engines_that_agree_end_with_0() {
    assert_eq!(ended(&MASKS, &|_| {}), ExitCode::SUCCESS);
    assert_eq!(ended(&[&MASKS[..], &["--steps", "2"]].concat(), &|_| {}), ExitCode::SUCCESS);
}

/// As if a kernel of the backward pass had a wrong sign, or a wrong factor, in one tensor of many.
#[test]
fn a_planted_error_ends_with_1() {
    let norm = |probe: &mut Probe, factor: f32| probe.gradient[..128].iter_mut().for_each(|g| *g *= factor);
    for output in [&[][..], &["--json"]] {
        let line = [&MASKS[..2], output].concat();
        assert_eq!(ended(&line, &|probe| norm(probe, -1.0)), ExitCode::FAILURE);
        assert_eq!(ended(&line, &|probe| norm(probe, 1.01)), ExitCode::FAILURE);
        assert_eq!(ended(&line, &|probe| norm(probe, f32::NAN)), ExitCode::FAILURE);
        assert_eq!(ended(&line, &|probe| probe.logits[0] *= -1.0), ExitCode::FAILURE);
        assert_eq!(ended(&line, &|probe| probe.loss *= 1.001), ExitCode::FAILURE);
    }
}

#[test]
fn every_mask_of_the_readme_is_one_of_the_model() {
    for layers in [1, 2, 12] {
        let masks = readme_masks(layers).unwrap();
        assert!(masks.len() >= 13, "{layers}: {masks:?}");
    }
}
