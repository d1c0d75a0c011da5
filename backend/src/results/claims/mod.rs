//! Verdicts on the paper's claims.
//!
//! A claim is *supported* if its hypothesis is shown at the level α, *not supported* if the contrary is, else
//! *undecided*; both are one-sided tests, Holm-corrected over the comparisons of the claim, and stand beside the interval
//! whose ends are one-sided bounds at α. "Close to", "enough" and
//! "comparable" are not being worse by the margin or more (non-inferiority); "better" is being better at all, and
//! its contrary is not being better by the margin. A comparison is made over the tasks on which all its masks are
//! settled; one for which there is no such task leaves its claim undecided, and so do fewer than three seeds or runs whose
//! predictions are not stored: both sources of variation must be known.
//!
//! In reading order:

/// The claims and what results say of them.
mod verdict;
/// A hypothesis about masks, and its test.
mod hypothesis;
/// The hypotheses of each claim.
mod evidence;
/// Which masks nothing beats that trains as few parameters.
mod front;
#[cfg(test)]
mod tests;

use super::significance::{Scope, Study};
use evidence::Evidence;
pub use front::{FrontPlace, front};
use hypothesis::Hypothesis;
pub use verdict::{Claim, Comparison, Outcome, Verdict};

/// How claims are tested.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// What difference does not matter, in the metric's own unit: 0.02 is two percentage points.
    pub margin: f64,
    /// Level of the tests.
    pub alpha: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self { margin: 0.02, alpha: 0.05 }
    }
}

/// How many of a claim's comparisons must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    All,
    Any,
}

/// A verdict on each claim, in the order of [`Claim::ALL`].
pub fn verdicts(study: &Study, options: Options) -> Vec<Verdict> {
    let verdict = |claim| match evidence::of(claim, study, options.margin) {
        Ok(evidence) => judge(claim, &evidence, study, options),
        Err(reason) => Verdict { claim, outcome: Outcome::Undecided, reason, evidence: Vec::new() },
    };
    Claim::ALL.into_iter().map(verdict).collect()
}

fn judge(claim: Claim, asked: &Evidence, study: &Study, options: Options) -> Verdict {
    let hypotheses = &asked.hypotheses;
    let undecided = |reason, evidence| Verdict { claim, outcome: Outcome::Undecided, reason, evidence };
    let tested: Vec<Option<Comparison>> =
        hypotheses.iter().map(|h| h.test(study, &asked.tasks, options, hypotheses.len())).collect();
    if let Some(at) = tested.iter().position(Option::is_none) {
        let without = study.without(hypotheses[at].all());
        let reason = format!("No task has finished runs of {}.{without}", hypotheses[at].masks());
        return undecided(reason, tested.into_iter().flatten().collect());
    }
    let evidence = hypothesis::corrected(tested.into_iter().flatten().collect(), options.alpha);
    // What speaks for these models alone, or leaves a source of variation out, decides nothing on the method.
    let shown = |c: &Comparison, p: f64| c.method.speaks_for == Scope::Method && p < options.alpha;
    let holds = evidence.iter().filter(|c| shown(c, c.p)).count();
    // What is better, but by less than the margin, is shown to be better.
    let fails = evidence.iter().filter(|c| shown(c, c.p_contrary) && !shown(c, c.p)).count();
    let (supported, contrary) = match asked.needs {
        Needs::All => (holds == evidence.len(), fails > 0),
        Needs::Any => (holds > 0, fails == evidence.len()),
    };
    let outcome = match (supported, contrary) {
        (true, _) => Outcome::Supported,
        (_, true) => Outcome::NotSupported,
        _ => Outcome::Undecided,
    };
    let said = evidence.iter().map(|c| hypothesis::sentence(c, options.alpha)).collect::<Vec<_>>();
    let mut limits: Vec<String> = evidence.iter().filter_map(|c| c.method.limit()).collect();
    limits.extend(evidence.iter().find_map(|c| c.method.caution()).map(str::to_owned));
    limits.sort();
    limits.dedup();
    let limits: String = limits.into_iter().map(|limit| format!(" {limit}.")).collect();
    // A task that drops out of a comparison is told: it may be the one on which the masks differ.
    let without = study.without(hypotheses.iter().flat_map(Hypothesis::all));
    Verdict { claim, outcome, reason: format!("{}.{limits}{without}", said.join("; ")), evidence }
}
