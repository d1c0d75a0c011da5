//! A hypothesis about masks, and its test.

use super::{Comparison, Options, Quantity};
use crate::results::significance::{Estimate, Resamples, Study, holm};
use tunemask_shared::mask::Mask;

/// "The mean of the left masks less that of the right ones is above `bound`"; its contrary is "below
/// `contrary_bound`".
pub(super) struct Hypothesis {
    pub left: Vec<Mask>,
    pub right: Vec<Mask>,
    pub quantity: Quantity,
    pub bound: f64,
    pub contrary_bound: f64,
}

impl Hypothesis {
    /// Left is not worse than right by the margin or more.
    pub fn close(left: Mask, right: Mask, margin: f64) -> Self {
        let (left, right) = (vec![left], vec![right]);
        Self { left, right, quantity: Quantity::Score, bound: -margin, contrary_bound: -margin }
    }

    /// Left is better than right.
    pub fn better(left: Vec<Mask>, right: Vec<Mask>, margin: f64) -> Self {
        Self { left, right, quantity: Quantity::Score, bound: 0.0, contrary_bound: margin }
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

    /// The contrast of scores; `None` if a mask's number of scalars is unknown.
    fn contrast(&self, study: &Study) -> Option<Vec<(Mask, f64)>> {
        let mean = |masks: &[Mask], sign: f64| {
            let weight = sign / masks.len() as f64;
            masks.iter().map(|m| (m.clone(), weight)).collect::<Vec<_>>()
        };
        let plain = [mean(&self.left, 1.0), mean(&self.right, -1.0)].concat();
        if self.quantity == Quantity::Score {
            return Some(plain);
        }
        // (left − frozen) / millions of left − (right − frozen) / millions of right.
        let mut contrast = Vec::new();
        let mut frozen = 0.0;
        for (mask, weight) in plain {
            let by_million = weight / (study.trainable(&mask).filter(|n| *n > 0)? as f64 / 1e6);
            frozen -= by_million;
            contrast.push((mask, by_million));
        }
        contrast.push((Mask::Frozen, frozen));
        Some(contrast)
    }

    /// Tests it; `None` if its masks have no settled task in common.
    pub fn test(&self, study: &Study, resamples: &Resamples, options: Options) -> Option<Comparison> {
        let estimate = Estimate::of(study, resamples, &self.contrast(study)?)?;
        let compares = self.quantity == Quantity::Score && self.left.len() == 1 && self.right.len() == 1;
        Some(Comparison {
            left: self.left.clone(),
            right: self.right.clone(),
            quantity: self.quantity,
            tasks: estimate.tasks.clone(),
            difference: estimate.value,
            interval: estimate.interval(0.95).to_vec(),
            bound: self.bound,
            p: estimate.p_above(self.bound),
            p_contrary: estimate.p_below(self.contrary_bound),
            contrary_bound: self.contrary_bound,
            p_equivalence: Some(estimate.p_equivalent(options.margin)).filter(|p| compares && !p.is_nan()),
            method: estimate.method(),
            runs: estimate.runs,
        })
    }
}

/// The comparisons with their p-values Holm-corrected.
pub(super) fn corrected(mut comparisons: Vec<Comparison>) -> Vec<Comparison> {
    let p = holm(&comparisons.iter().map(|c| c.p).collect::<Vec<_>>());
    let contrary = holm(&comparisons.iter().map(|c| c.p_contrary).collect::<Vec<_>>());
    for ((comparison, p), contrary) in comparisons.iter_mut().zip(p).zip(contrary) {
        comparison.p = p;
        comparison.p_contrary = contrary;
    }
    comparisons
}

/// What a comparison found, for a reader: `layernorms − full: −0.4 points [−1.2, 0.5], above −2: p = 0.003`.
pub(super) fn sentence(c: &Comparison, alpha: f64) -> String {
    let list = |masks: &[Mask]| masks.iter().map(Mask::to_string).collect::<Vec<_>>().join(", ");
    let (scale, unit) = match c.quantity {
        Quantity::Score => (100.0, "points"),
        Quantity::GainPerMillion => (100.0, "points a million parameters"),
    };
    let number = |x: f64| if x.is_nan() { "–".to_owned() } else { format!("{:.1}", x * scale) };
    let ends: Vec<String> = c.interval.iter().map(|x| number(*x)).collect();
    let contrary = c.p_contrary < alpha && c.p >= alpha;
    let (word, bound, p) =
        if contrary { ("below", c.contrary_bound, c.p_contrary) } else { ("above", c.bound, c.p) };
    let p = match p {
        p if p.is_nan() => "not testable".to_owned(),
        p if p < 0.001 => "p < 0.001".to_owned(),
        p => format!("p = {p:.3}"),
    };
    format!(
        "{} − {}: {} {unit} [{}], {word} {}: {p}",
        list(&c.left),
        list(&c.right),
        number(c.difference),
        ends.join(", "),
        number(bound)
    )
}
