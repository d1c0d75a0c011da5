//! Verdicts on the paper's claims.
//!
//! A claim is *supported* if its hypothesis is shown at the level α, *not supported* if the contrary is, else
//! *undecided*; both are one-sided tests, Holm-corrected over the comparisons of the claim. "Close to", "enough" and
//! "comparable" are not being worse by the margin or more (non-inferiority); "better" is being better at all, and
//! its contrary is not being better by the margin. A comparison is made over the tasks on which all its masks are
//! settled; one for which there is no such task leaves its claim undecided.
//!
//! In reading order:

/// The claims and what results say of them.
mod verdict;
/// A hypothesis about masks, and its test.
mod hypothesis;
/// The hypotheses of each claim.
mod evidence;
#[cfg(test)]
mod tests;

use super::significance::{Resamples, Study};
use hypothesis::Hypothesis;
pub use verdict::{Claim, Comparison, Outcome, Quantity, Verdict};

/// How claims are tested.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// What difference does not matter, in the metric's own unit: 0.02 is two points of per cent.
    pub margin: f64,
    /// Level of the tests.
    pub alpha: f64,
    /// How often seeds and examples are drawn anew.
    pub resamples: u32,
    /// Seed of the draws.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { margin: 0.02, alpha: 0.05, resamples: 2000, seed: 1 }
    }
}

/// How many of a claim's comparisons must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    All,
    Any,
}

/// A verdict on each claim, in the order of [`Claim::ALL`].
pub fn verdicts(study: &Study, resamples: &Resamples, options: Options) -> Vec<Verdict> {
    let verdict = |claim| match evidence::of(claim, study, options.margin) {
        Ok((needs, hypotheses)) => judge(claim, needs, &hypotheses, study, resamples, options),
        Err(reason) => Verdict { claim, outcome: Outcome::Undecided, reason, evidence: Vec::new() },
    };
    Claim::ALL.into_iter().map(verdict).collect()
}

fn judge(
    claim: Claim,
    needs: Needs,
    hypotheses: &[Hypothesis],
    study: &Study,
    resamples: &Resamples,
    options: Options,
) -> Verdict {
    let undecided = |reason, evidence| Verdict { claim, outcome: Outcome::Undecided, reason, evidence };
    let tested: Vec<Option<Comparison>> =
        hypotheses.iter().map(|h| h.test(study, resamples, options)).collect();
    if let Some(at) = tested.iter().position(Option::is_none) {
        let without = study.without(hypotheses[at].all());
        let reason = format!("No task has finished runs of {}.{without}", hypotheses[at].masks());
        return undecided(reason, tested.into_iter().flatten().collect());
    }
    let evidence = hypothesis::corrected(tested.into_iter().flatten().collect());
    let shown = |p: f64| p < options.alpha;
    let holds = evidence.iter().filter(|c| shown(c.p)).count();
    let fails = evidence.iter().filter(|c| shown(c.p_contrary)).count();
    let (supported, contrary) = match needs {
        Needs::All => (holds == evidence.len(), fails > 0),
        Needs::Any => (holds > 0, fails == evidence.len()),
    };
    let outcome = match (supported, contrary) {
        (true, _) => Outcome::Supported,
        (_, true) => Outcome::NotSupported,
        _ => Outcome::Undecided,
    };
    let said = evidence.iter().map(|c| hypothesis::sentence(c, options.alpha)).collect::<Vec<_>>();
    // A task that drops out of a comparison is told: it may be the one on which the masks differ.
    let without = study.without(hypotheses.iter().flat_map(Hypothesis::all));
    Verdict { claim, outcome, reason: format!("{}.{without}", said.join("; ")), evidence }
}
