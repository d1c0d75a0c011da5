//! A test of an observed difference against bounds.

use super::spread::VarianceEstimate;

/// A difference as it was observed, with the variance that it is held against.
#[derive(Clone, Copy, Debug)]
pub(super) struct Observed {
    pub difference: f64,
    pub variance: VarianceEstimate,
}

impl Observed {
    /// One-sided p-value of a difference that lies `distance` above its bound.
    fn p(&self, distance: f64) -> f64 {
        self.variance.p(distance)
    }

    fn half_width(&self, confidence: f64) -> f64 {
        self.variance.quantile((1.0 + confidence) / 2.0) * self.variance.variance.sqrt()
    }
}

/// One or several tests of a difference, each of which must be passed: the largest p-value counts, and the interval that
/// holds all of theirs.
#[derive(Clone, Debug)]
pub struct Test {
    observed: Vec<Observed>,
    /// Whether anything tells how the difference varies.
    known: bool,
    /// Whether the masks predict the same at every seed and example.
    same: bool,
}

impl Test {
    /// Of a difference as it was observed, in one or several ways; none where nothing tells how it varies. With `same` the
    /// masks predict the same at every seed and example, and their difference is 0 beyond doubt.
    pub(super) fn new(observed: Vec<Observed>, same: bool) -> Self {
        let known = !observed.is_empty();
        let same = same && observed.iter().all(|o| o.difference == 0.0);
        // A source that happens to add nothing is no bar.
        let observed = observed.into_iter().filter(|o| o.variance.variance > 0.0).collect();
        Self { observed, known, same }
    }

    /// Whether anything tells how the difference varies; else all p-values and intervals are not-a-number.
    pub fn is_known(&self) -> bool {
        self.known
    }

    /// The interval that holds the difference with this confidence; not-a-number where there is too little.
    pub fn interval(&self, confidence: f64) -> [f64; 2] {
        let ends = self.observed.iter().map(|o| {
            let half = o.half_width(confidence);
            [o.difference - half, o.difference + half]
        });
        ends.reduce(|[low, high], [l, h]| [low.min(l), high.max(h)]).unwrap_or([f64::NAN; 2])
    }

    /// One-sided p-value against "it is at most `bound`"; not-a-number where there is too little.
    pub fn p_above(&self, bound: f64) -> f64 {
        self.largest_p(|o| o.p(o.difference - bound), bound >= 0.0)
    }

    /// One-sided p-value against "it is at least `bound`"; not-a-number where there is too little.
    pub fn p_below(&self, bound: f64) -> f64 {
        self.largest_p(|o| o.p(bound - o.difference), bound <= 0.0)
    }

    /// Two-sided p-value against "it is 0"; not-a-number where there is too little.
    pub fn p_two_sided(&self) -> f64 {
        let (above, below) = (self.p_above(0.0), self.p_below(0.0));
        // `min` would take a number for not-a-number.
        if above.is_nan() { above } else { (2.0 * above.min(below)).min(1.0) }
    }

    /// p-value against "it is beyond ± `margin`": the larger of the two one-sided ones (Schuirmann, 1987).
    pub fn p_equivalent(&self, margin: f64) -> f64 {
        let (above, below) = (self.p_above(-margin), self.p_below(margin));
        // `max` would take a number for not-a-number.
        if above.is_nan() { above } else { above.max(below) }
    }

    /// `holds` says whether the null hypothesis is true of a difference that is 0 beyond doubt.
    fn largest_p(&self, p: impl Fn(&Observed) -> f64, holds: bool) -> f64 {
        match self.observed.iter().map(p).reduce(f64::max) {
            Some(p) => p,
            None if self.known && self.same => f64::from(u8::from(holds)),
            None => f64::NAN,
        }
    }
}
