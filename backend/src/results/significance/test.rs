//! A test of an observed difference against bounds.

use super::spread::SquaredError;

/// A difference with the errors that it is held against: the larger p-value counts, and the wider interval.
#[derive(Clone, Debug)]
pub struct Test {
    difference: f64,
    errors: Vec<SquaredError>,
    /// Whether anything tells how the difference varies.
    known: bool,
    /// Whether the masks predict the same at every seed and example.
    same: bool,
}

impl Test {
    /// Against these errors, each of which must be passed; none where nothing tells how it varies. With `same` the
    /// masks predict the same at every seed and example, and their difference is 0 beyond doubt.
    pub(super) fn new(difference: f64, errors: &[SquaredError], same: bool) -> Self {
        // A source that happens to add nothing is no bar.
        let some = errors.iter().copied().filter(|error| error.variance > 0.0);
        Self { difference, errors: some.collect(), known: !errors.is_empty(), same }
    }

    /// Whether anything tells how the difference varies; else all p-values and intervals are not-a-number.
    pub fn is_known(&self) -> bool {
        self.known
    }

    /// The interval that holds the difference with this confidence; not-a-number where there is too little.
    pub fn interval(&self, confidence: f64) -> [f64; 2] {
        let half = |e: &SquaredError| e.quantile((1.0 + confidence) / 2.0) * e.variance.sqrt();
        match self.errors.iter().map(half).reduce(f64::max) {
            Some(half) => [self.difference - half, self.difference + half],
            None => [f64::NAN; 2],
        }
    }

    /// One-sided p-value against "it is at most `bound`"; not-a-number where there is too little.
    pub fn p_above(&self, bound: f64) -> f64 {
        self.p(self.difference - bound)
    }

    /// One-sided p-value against "it is at least `bound`"; not-a-number where there is too little.
    pub fn p_below(&self, bound: f64) -> f64 {
        self.p(bound - self.difference)
    }

    /// Two-sided p-value against "it is 0"; not-a-number where there is too little.
    pub fn p_two_sided(&self) -> f64 {
        let p = 2.0 * self.p(self.difference.abs());
        // `min` would take not-a-number for 1.
        if p > 1.0 { 1.0 } else { p }
    }

    /// p-value against "it is beyond ± `margin`": the larger of the two one-sided ones (Schuirmann, 1987).
    pub fn p_equivalent(&self, margin: f64) -> f64 {
        let (above, below) = (self.p_above(-margin), self.p_below(margin));
        // `max` would take a number for not-a-number.
        if above.is_nan() { above } else { above.max(below) }
    }

    fn p(&self, distance: f64) -> f64 {
        match self.errors.iter().map(|error| error.p(distance)).reduce(f64::max) {
            Some(p) => p,
            None if self.known && self.same && self.difference == 0.0 => f64::from(u8::from(distance <= 0.0)),
            None => f64::NAN,
        }
    }
}
