//! A hypothesis about masks, and its test.

use super::Comparison;
use super::verdict::{Levels, Needs};
use crate::results::format::points;
use crate::results::significance::{Contrast, Estimate, Study, holm};
use tunemask_shared::mask::Mask;
use tunemask_shared::task::Task;
use tunemask_shared::text::count;

/// "The contrast is above `bound`"; its contrary is "below `contrary_bound`".
pub(super) struct Hypothesis {
    pub contrast: Contrast,
    pub bound: f64,
    pub contrary_bound: f64,
}

/// Why a comparison cannot be made.
pub(super) enum Obstacle {
    /// The study lacks a mask, which [`lacking`] tells once for all comparisons of a claim.
    Masks,
    /// Another one, in a sentence.
    Other(String),
}

impl Hypothesis {
    /// Left is not worse than right by the margin or more.
    pub fn close(left: Mask, right: Mask, margin: f64) -> Self {
        Self { contrast: Contrast::pair(left, right), bound: -margin, contrary_bound: -margin }
    }

    /// Left is better than right.
    pub fn better(contrast: Contrast, margin: f64) -> Self {
        Self { contrast, bound: 0.0, contrary_bound: margin }
    }

    /// The masks on both sides.
    pub fn masks(&self) -> impl Iterator<Item = &Mask> + Clone {
        self.contrast.masks()
    }

    /// Tests it on those of these tasks on which all its masks are settled.
    ///
    /// # Errors
    /// The study lacks a mask, or there is no such task.
    pub fn test(
        &self,
        study: &Study,
        tasks: &[Task],
        margin: f64,
        levels: Levels,
    ) -> Result<Comparison, Obstacle> {
        if !self.masks().all(|mask| study.masks.contains(mask)) {
            return Err(Obstacle::Masks);
        }
        let mut common = study.common_tasks(self.masks());
        common.retain(|task| tasks.contains(task));
        let Some(estimate) = Estimate::on(study, &self.contrast, &common) else {
            if !tasks.is_empty() && !tasks.iter().any(|task| task.primary_metric().in_percent()) {
                let why = "The tasks are scored in units of their own, where claims are about points.";
                return Err(Obstacle::Other(why.to_owned()));
            }
            let masks = code(self.masks()).join(" and ");
            return Err(Obstacle::Other(format!("No task has finished runs of {masks}.")));
        };
        let Contrast { left, right } = self.contrast.clone();
        let compares = left.len() == 1 && right.len() == 1;
        let test = &estimate.on_method;
        let needed = [
            estimate.seeds_to_decide(self.bound, levels.support),
            estimate.seeds_to_decide(self.contrary_bound, levels.refutation),
        ];
        Ok(Comparison {
            left,
            right,
            difference: estimate.value,
            interval: estimate.interval(1.0 - 2.0 * levels.each).to_vec(),
            bound: self.bound,
            p: test.p_above(self.bound),
            p_contrary: test.p_below(self.contrary_bound),
            contrary_bound: self.contrary_bound,
            p_equivalence: Some(test.p_equivalent(margin)).filter(|p| compares && !p.is_nan()),
            seeds_needed: needed.into_iter().flatten().min(),
            method: estimate.method,
            tasks: estimate.tasks,
            runs: estimate.runs,
        })
    }
}

fn code<'a>(masks: impl Iterator<Item = &'a Mask>) -> Vec<String> {
    masks.map(|mask| format!("`{mask}`")).collect()
}

/// The masks of these hypotheses that a study lacks, in a sentence: those that are compared before those that they are compared with.
pub(super) fn lacking(hypotheses: &[Hypothesis], study: &Study) -> Option<String> {
    let sides =
        hypotheses.iter().map(|h| &h.contrast.left).chain(hypotheses.iter().map(|h| &h.contrast.right));
    let mut lacking: Vec<&Mask> = Vec::new();
    for mask in sides.flatten() {
        if !study.masks.contains(mask) && !lacking.contains(&mask) {
            lacking.push(mask);
        }
    }
    (!lacking.is_empty()).then(|| format!("The study has no {}.", code(lacking.into_iter()).join(", ")))
}

/// The comparisons that could be made, with their p-values corrected as the claim needs, and why others could not, but for masks that
/// the study lacks.
pub(super) fn corrected(
    tested: Vec<Result<Comparison, Obstacle>>,
    needs: Needs,
    alpha: f64,
) -> (Vec<Comparison>, Vec<String>) {
    // What could not be tested was planned: it is counted.
    let p_values = |of: fn(&Comparison) -> f64| -> Vec<f64> {
        tested.iter().map(|test| test.as_ref().map_or(f64::NAN, of)).collect()
    };
    let (mut p, mut p_contrary) = (p_values(|c| c.p), p_values(|c| c.p_contrary));
    match needs {
        Needs::All => p_contrary = holm(&p_contrary),
        Needs::Any => p = holm(&p),
    }
    let (mut comparisons, mut missing) = (Vec::new(), Vec::new());
    for ((test, p), p_contrary) in tested.into_iter().zip(p).zip(p_contrary) {
        match test {
            Ok(comparison) => {
                let decided = p < alpha || p_contrary < alpha;
                let seeds_needed = comparison.seeds_needed.filter(|_| !decided);
                comparisons.push(Comparison { p, p_contrary, seeds_needed, ..comparison });
            }
            Err(Obstacle::Other(why)) if !missing.contains(&why) => missing.push(why),
            Err(Obstacle::Other(_) | Obstacle::Masks) => {}
        }
    }
    (comparisons, missing)
}

/// What a comparison found, for a reader: `layernorms − full: −0.4 points [−1.2, 0.5], above −2.0: p = 0.003`.
pub fn sentence(c: &Comparison, alpha: f64) -> String {
    let list = |masks: &[Mask]| masks.iter().map(Mask::to_string).collect::<Vec<_>>().join(", ");
    let ends: Vec<String> = c.interval.iter().copied().map(points).collect();
    let contrary = c.p_contrary < alpha && c.p >= alpha;
    let (word, bound, p) =
        if contrary { ("below", c.contrary_bound, c.p_contrary) } else { ("above", c.bound, c.p) };
    let p = match p {
        p if p.is_nan() => "not testable".to_owned(),
        p if p < 0.001 => "p < 0.001".to_owned(),
        p => format!("p = {p:.3}"),
    };
    let more = match c.seeds_needed {
        Some(seeds) => format!(" (about {} would decide)", count(seeds as usize, "seed")),
        None => String::new(),
    };
    format!(
        "{} − {}: {} points [{}], {word} {}: {p}{more}",
        list(&c.left),
        list(&c.right),
        points(c.difference),
        ends.join(", "),
        points(bound)
    )
}
