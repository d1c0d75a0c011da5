//! A few hundred inputs of every target: read or refused, and never a panic. `make torture` has ten thousand of each.
#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use tunemask_torture::fuzz::{Depth, Next, Target, drive};

/// Inputs of each target.
const INPUTS: u64 = 200;

fn survives(target: Target) {
    let corpus = target.corpus().unwrap();
    for (number, valid) in corpus.iter().enumerate() {
        let depth = target.take(valid);
        assert_eq!(depth, Depth::Taken, "valid input {number} of {}", target.name());
    }
    let driven = drive(target, 20, 0..INPUTS, |_| Ok(Next::Input)).unwrap();
    assert_eq!(driven.inputs, INPUTS);
    assert!(driven.wrong.is_empty(), "{}: {:?}", target.name(), driven.wrong);
    // Some are so little changed that they are taken, others are not: both ways are gone. And enough of them get to where
    // what they say is looked at.
    assert!(driven.taken > 0 && driven.taken < INPUTS, "{} of {INPUTS} are taken", driven.taken);
    assert!(driven.read * 4 >= INPUTS, "{} of {INPUTS} come past the first parser", driven.read);
}

#[test]
fn messages() {
    survives(Target::Message);
}

#[test]
fn experiment_files() {
    survives(Target::ExperimentFile);
}

#[test]
fn masks() {
    survives(Target::Mask);
}

#[test]
fn tab_separated_rows() {
    survives(Target::Tsv);
}

#[test]
fn comma_separated_rows() {
    survives(Target::Csv);
}

#[test]
fn rows_as_json() {
    survives(Target::JsonLines);
}

#[test]
fn settings_of_data() {
    survives(Target::DatasetToml);
}

#[test]
fn plans() {
    survives(Target::PlanJson);
}

#[test]
fn segments() {
    survives(Target::Segment);
}

#[test]
fn tagged_words() {
    survives(Target::Conll);
}

#[test]
fn parquet_files() {
    survives(Target::Parquet);
}

#[test]
fn safetensors_files() {
    survives(Target::Safetensors);
}

#[test]
fn pickles() {
    survives(Target::Pickle);
}

#[test]
fn tokenizers() {
    survives(Target::TokenizerJson);
}

#[test]
fn configs() {
    survives(Target::ConfigJson);
}

#[test]
fn cargo_fuzz_has_the_same_targets() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/fuzz_targets");
    let files: BTreeSet<String> = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(files, Target::ALL.iter().map(|target| target.name().to_owned()).collect());
}
