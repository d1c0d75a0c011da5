//! Learning rates, seeds, and the size of the grid.

use super::errors::Errors;
use crate::experiment::Experiment;
use std::collections::BTreeSet;

/// Most runs that an experiment may have.
pub const MAX_RUNS: usize = 20_000;

/// Largest learning rate.
pub const MAX_RATE: f64 = 1.0;

/// Largest seed. A page's numbers are exact up to it.
const MAX_SEED: u64 = 1 << 53;

pub(super) fn learning_rates(experiment: &Experiment, errors: &mut Errors) {
    let rates = &experiment.learning_rates;
    errors.require(!rates.is_empty(), "learning_rates", "give at least one");
    let mut seen = BTreeSet::new();
    for (i, &rate) in rates.iter().enumerate() {
        if let Some(wrong) = not_a_rate(rate) {
            errors.add(format!("learning_rates[{i}]"), wrong);
        } else if !seen.insert(rate.to_bits()) {
            errors.add(format!("learning_rates[{i}]"), format!("{rate} is listed twice; remove one"));
        }
    }
}

/// Why a number is not a learning rate.
pub(super) fn not_a_rate(rate: f64) -> Option<String> {
    let good = rate > 0.0 && rate <= MAX_RATE;
    (!good).then(|| format!("{rate} is not a learning rate; give a number above 0 and at most {MAX_RATE}"))
}

pub(super) fn seeds(experiment: &Experiment, errors: &mut Errors) {
    errors.require(!experiment.seeds.is_empty(), "seeds", "give at least one");
    let mut seen = BTreeSet::new();
    for (i, seed) in experiment.seeds.iter().enumerate() {
        if *seed > MAX_SEED {
            errors.add(format!("seeds[{i}]"), format!("at most {MAX_SEED}"));
        } else if !seen.insert(seed) {
            errors.add(format!("seeds[{i}]"), format!("{seed} is listed twice; remove one"));
        }
    }
}

pub(super) fn size(experiment: &Experiment, errors: &mut Errors) {
    let runs = experiment.runs();
    errors.require(
        runs <= MAX_RUNS,
        "tasks",
        format!("{runs} runs are more than the {MAX_RUNS} of one experiment; split it"),
    );
}
