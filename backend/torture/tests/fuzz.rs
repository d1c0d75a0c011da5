//! A few hundred inputs of every target: read or refused, and never a panic. `make torture` has ten thousand of each.
#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use tunemask_torture::fuzz::{Next, Target, drive, input};

/// Inputs of each target.
const INPUTS: u64 = 200;

fn survives(target: Target) {
    let corpus = target.corpus().unwrap();
    for (number, valid) in corpus.iter().enumerate() {
        assert!(target.is_taken(valid), "valid input {number} of {} is refused", target.name());
    }
    let driven = drive(target, 20, 0..INPUTS, |_| Ok(Next::Input)).unwrap();
    assert_eq!(driven.inputs, INPUTS);
    assert!(driven.wrong.is_empty(), "{}: {:?}", target.name(), driven.wrong);
    // Some are so little changed that they are taken, others are not: both ways are gone.
    let taken = (0..INPUTS).filter(|&number| target.is_taken(&input(target, &corpus, 20, number))).count();
    assert!(taken > 0 && taken < INPUTS as usize, "{taken} of {INPUTS} are taken");
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
