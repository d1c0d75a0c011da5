//! Verdicts on the paper's claims.
//!
//! A claim is *supported* if its hypothesis is shown at the level α, *not supported* if the contrary is, else
//! *undecided*. All tests are one-sided and stand beside the interval whose ends are one-sided bounds at α. "Close to", "enough" and
//! "comparable" are not being worse by the margin or more (non-inferiority); "better" is being better at all, and
//! its contrary is not being better by the margin. A comparison is made over the tasks on which all its masks are
//! settled; fewer than three seeds, or runs whose predictions are not stored, show nothing: both sources of variation must be
//! known.
//!
//! **Several comparisons.** A claim takes all of its comparisons to hold, or any (`Needs`); what takes all is refuted by any
//! one that fails, and what takes any by the failure of all. What takes *all* is an intersection-union test (Berger, 1982; Berger and Hsu,
//! 1996): with each at α, all are shown wrongly in no more than α, so a correction would only cost power. What takes *any* gains a chance
//! to err with every comparison, so its p-values are Holm-corrected (1979) for all that were planned. A comparison that
//! cannot be made counts as one of these with a p-value of 1, and keeps from being shown only what takes all.
//!
//! In reading order:

/// The claims and what results say of them.
mod verdict;
/// A hypothesis about masks, and its test.
mod hypothesis;
/// The hypotheses of each claim.
mod evidence;
/// A verdict in plain words.
mod plain;
/// Which masks nothing beats that trains as few parameters.
mod front;
#[cfg(test)]
mod tests;

use super::significance::Study;
use evidence::Evidence;
pub use front::{FrontPlace, front};
use hypothesis::Hypothesis;
pub use hypothesis::sentence;
pub use verdict::{Claim, Comparison, Needs, Outcome, Verdict};

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

impl Options {
    /// The margin in percentage points, without what rounding leaves behind its digits.
    pub fn points(self) -> f64 {
        (self.margin * 1e8).round() / 1e6
    }
}

/// A verdict on each claim, in the order of [`Claim::ALL`].
pub fn verdicts(study: &Study, options: Options) -> Vec<Verdict> {
    let verdict = |claim| match evidence::of(claim, study, options.margin) {
        Ok(evidence) => judge(claim, &evidence, study, options),
        Err(reason) => {
            let (needs, missing) = (claim.needs(), vec![reason.clone()]);
            Verdict { claim, outcome: Outcome::Undecided, needs, reason, missing, evidence: Vec::new() }
        }
    };
    Claim::ALL.into_iter().map(verdict).collect()
}

fn judge(claim: Claim, asked: &Evidence, study: &Study, options: Options) -> Verdict {
    let (hypotheses, needs) = (&asked.hypotheses, claim.needs());
    let levels = needs.levels(options.alpha, hypotheses.len());
    let tested = hypotheses.iter().map(|h| h.test(study, &asked.tasks, options.margin, levels)).collect();
    let (evidence, others) = hypothesis::corrected(tested, needs, options.alpha);
    let missing: Vec<String> = hypothesis::lacking(hypotheses, study).into_iter().chain(others).collect();
    let of = |outcome| evidence.iter().filter(|c| c.outcome(options.alpha) == outcome).count();
    let (holds, fails) = (of(Outcome::Supported), of(Outcome::NotSupported));
    let (supported, contrary) = match needs {
        Needs::All => (holds == hypotheses.len(), fails > 0),
        Needs::Any => (holds > 0, fails == hypotheses.len()),
    };
    let outcome = match (supported, contrary) {
        (true, _) => Outcome::Supported,
        (_, true) => Outcome::NotSupported,
        _ => Outcome::Undecided,
    };
    // A task that drops out of a comparison is told: it may be the one on which the masks differ.
    let without = study.without(asked.hypotheses.iter().flat_map(Hypothesis::masks)).trim().to_owned();
    let reason = reason(&evidence, &missing, &without, options);
    let missing = missing.into_iter().chain(Some(without).filter(|without| !without.is_empty())).collect();
    Verdict { claim, outcome, needs, reason, missing, evidence }
}

/// Why, in sentences: what is missing, what was compared, what limits it, and what takes no part.
fn reason(evidence: &[Comparison], missing: &[String], without: &str, options: Options) -> String {
    let said = evidence.iter().map(|c| hypothesis::sentence(c, options.alpha)).collect::<Vec<_>>().join("; ");
    let mut limits: Vec<String> = evidence.iter().filter_map(|c| c.method.limit()).collect();
    limits.extend(evidence.iter().find_map(|c| c.method.caution()).map(str::to_owned));
    limits.sort();
    limits.dedup();
    let mut sentences = missing.to_vec();
    sentences.extend([said].into_iter().filter(|said| !said.is_empty()).map(|said| format!("{said}.")));
    sentences.extend(limits.into_iter().map(|limit| format!("{limit}.")));
    sentences.extend(Some(without.to_owned()).filter(|without| !without.is_empty()));
    sentences.join(" ")
}
