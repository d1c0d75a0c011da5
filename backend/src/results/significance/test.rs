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

/// Whether two masks predict the same at every seed and example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MaskPredictions {
    Alike,
    Different,
}

/// What is known of how a difference varies.
#[derive(Clone, Debug)]
enum Known {
    /// Nothing tells.
    Nothing,
    /// It does not vary where it was observed, though the masks predict differently: too little to say how it would elsewhere.
    NoSpread,
    /// The masks predict the same: the difference is 0 beyond doubt.
    Identical,
    /// It was observed to vary, in one or several ways.
    Observed(Vec<Observed>),
}

/// One or several tests of a difference, each of which must be passed: the largest p-value counts, and the interval that
/// holds all of theirs.
#[derive(Clone, Debug)]
pub struct Test(Known);

impl Test {
    /// The tests of a difference as it was observed, in one or several ways; none where nothing tells how it varies.
    pub(super) fn new(observed: Vec<Observed>, predictions: MaskPredictions) -> Self {
        if observed.is_empty() {
            return Self(Known::Nothing);
        }
        let is_zero = observed.iter().all(|o| o.difference == 0.0);
        // A source that happens to add nothing is no bar.
        let varying: Vec<Observed> = observed.into_iter().filter(|o| o.variance.variance > 0.0).collect();
        Self(match predictions {
            _ if !varying.is_empty() => Known::Observed(varying),
            MaskPredictions::Alike if is_zero => Known::Identical,
            MaskPredictions::Alike | MaskPredictions::Different => Known::NoSpread,
        })
    }

    /// Whether anything tells how the difference varies; else all p-values and intervals are not-a-number.
    pub fn is_known(&self) -> bool {
        !matches!(self.0, Known::Nothing)
    }

    /// The interval that holds the difference with this confidence; not-a-number where there is too little.
    pub fn interval(&self, confidence: f64) -> [f64; 2] {
        let observed = match &self.0 {
            Known::Nothing | Known::NoSpread => return [f64::NAN; 2],
            Known::Identical => return [0.0; 2],
            Known::Observed(observed) => observed,
        };
        let ends = observed.iter().map(|o| {
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

    /// `null_is_true` says whether the null hypothesis is true of a difference that is 0 beyond doubt.
    fn largest_p(&self, p: impl Fn(&Observed) -> f64, null_is_true: bool) -> f64 {
        match &self.0 {
            Known::Nothing | Known::NoSpread => f64::NAN,
            Known::Identical => f64::from(u8::from(null_is_true)),
            Known::Observed(observed) => observed.iter().map(p).reduce(f64::max).unwrap_or(f64::NAN),
        }
    }
}
