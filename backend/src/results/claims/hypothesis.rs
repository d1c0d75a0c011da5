//! A hypothesis about masks, and its test.

use super::{Comparison, Options};
use crate::results::significance::{Estimate, Study, holm};
use tunemask_shared::mask::Mask;
use tunemask_shared::task::Task;
use tunemask_shared::text::{NONE, count};

/// "The mean of the left masks less that of the right ones is above `bound`"; its contrary is "below
/// `contrary_bound`".
pub(super) struct Hypothesis {
    pub left: Vec<Mask>,
    pub right: Vec<Mask>,
    pub bound: f64,
    pub contrary_bound: f64,
}

impl Hypothesis {
    /// Left is not worse than right by the margin or more.
    pub fn close(left: Mask, right: Mask, margin: f64) -> Self {
        let (left, right) = (vec![left], vec![right]);
        Self { left, right, bound: -margin, contrary_bound: -margin }
    }

    /// Left is better than right.
    pub fn better(left: Vec<Mask>, right: Vec<Mask>, margin: f64) -> Self {
        Self { left, right, bound: 0.0, contrary_bound: margin }
    }

    /// The masks.
    pub fn all(&self) -> impl Iterator<Item = &Mask> {
        self.left.iter().chain(&self.right)
    }

    /// The masks in words.
    pub fn masks(&self) -> String {
        let all: Vec<String> = self.all().map(|m| format!("`{m}`")).collect();
        all.join(" and ")
    }

    /// The contrast of scores.
    fn contrast(&self) -> Vec<(Mask, f64)> {
        let mean = |masks: &[Mask], sign: f64| {
            let weight = sign / masks.len() as f64;
            masks.iter().map(|m| (m.clone(), weight)).collect::<Vec<_>>()
        };
        [mean(&self.left, 1.0), mean(&self.right, -1.0)].concat()
    }

    /// Tests it, one of `among` hypotheses of a claim, on those of these tasks on which all its masks are settled; `None` if there is no such task.
    pub fn test(&self, study: &Study, tasks: &[Task], options: Options, among: usize) -> Option<Comparison> {
        let mut common = study.common_tasks(self.all().collect::<Vec<_>>());
        common.retain(|task| tasks.contains(task));
        let estimate = Estimate::on(study, &self.contrast(), &common)?;
        let compares = self.left.len() == 1 && self.right.len() == 1;
        let test = &estimate.on_method;
        let (p, p_contrary) = (test.p_above(self.bound), test.p_below(self.contrary_bound));
        // By Holm, the last of several comparisons is tested at α, the first at α / m: the seeds that are named do for all.
        let level = options.alpha / among as f64;
        let needed = [self.bound, self.contrary_bound].map(|bound| estimate.seeds_to_decide(bound, level));
        Some(Comparison {
            left: self.left.clone(),
            right: self.right.clone(),
            difference: estimate.value,
            interval: estimate.interval(1.0 - 2.0 * options.alpha).to_vec(),
            bound: self.bound,
            p,
            p_contrary,
            contrary_bound: self.contrary_bound,
            p_equivalence: Some(test.p_equivalent(options.margin)).filter(|p| compares && !p.is_nan()),
            seeds_needed: needed.into_iter().flatten().min(),
            method: estimate.method,
            tasks: estimate.tasks,
            runs: estimate.runs,
        })
    }
}

/// The comparisons with their p-values Holm-corrected.
pub(super) fn corrected(mut comparisons: Vec<Comparison>, alpha: f64) -> Vec<Comparison> {
    let p = holm(&comparisons.iter().map(|c| c.p).collect::<Vec<_>>());
    let contrary = holm(&comparisons.iter().map(|c| c.p_contrary).collect::<Vec<_>>());
    for ((comparison, p), contrary) in comparisons.iter_mut().zip(p).zip(contrary) {
        comparison.p = p;
        comparison.p_contrary = contrary;
        if comparison.p < alpha || comparison.p_contrary < alpha {
            comparison.seeds_needed = None;
        }
    }
    comparisons
}

/// What a comparison found, for a reader: `layernorms − full: -0.4 points [-1.2, 0.5], above -2.0: p = 0.003`.
pub(super) fn sentence(c: &Comparison, alpha: f64) -> String {
    let list = |masks: &[Mask]| masks.iter().map(Mask::to_string).collect::<Vec<_>>().join(", ");
    let number = |x: f64| if x.is_nan() { NONE.to_owned() } else { format!("{:.1}", x * 100.0) };
    let ends: Vec<String> = c.interval.iter().map(|x| number(*x)).collect();
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
        number(c.difference),
        ends.join(", "),
        number(bound)
    )
}
