//! Moments, quantiles and a histogram of some values.

use serde::{Deserialize, Serialize};

/// Quantiles that a [`Distribution`] holds.
const QUANTILES: [f64; 9] = [0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999];

/// How values are distributed. What is undefined is not-a-number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Distribution {
    /// Number of values.
    pub n: usize,
    /// The mean of the values.
    #[serde(with = "tunemask_shared::number")]
    pub mean: f64,
    /// Standard deviation of all there are (n), as NumPy's `std`.
    #[serde(with = "tunemask_shared::number")]
    pub std: f64,
    /// Third standardised moment, as SciPy's `skew`.
    #[serde(with = "tunemask_shared::number")]
    pub skewness: f64,
    /// Fourth standardised moment less 3, as SciPy's `kurtosis`.
    #[serde(with = "tunemask_shared::number")]
    pub excess_kurtosis: f64,
    /// Smallest value.
    #[serde(with = "tunemask_shared::number")]
    pub min: f64,
    /// Largest value.
    #[serde(with = "tunemask_shared::number")]
    pub max: f64,
    /// Share and value of some quantiles, ascending; see [`quantile`].
    pub quantiles: Vec<(f64, f64)>,
    /// The histogram.
    pub bins: Bins,
}

/// A histogram of equal bins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bins {
    /// Left end of the first bin.
    #[serde(with = "tunemask_shared::number")]
    pub low: f64,
    /// Right end of the last bin, which holds it.
    #[serde(with = "tunemask_shared::number")]
    pub high: f64,
    /// Values a bin; all but the last are open at the right. Values outside are not counted.
    pub counts: Vec<u64>,
}

impl Distribution {
    /// Of these values, in so many bins from the smallest to the largest; half a unit to both sides if they are
    /// equal, as NumPy has it.
    pub fn of(values: &[f64], bins: usize) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let n = values.len();
        let mean = sorted.iter().sum::<f64>() / n as f64;
        let moment = |power: i32| sorted.iter().map(|v| (v - mean).powi(power)).sum::<f64>() / n as f64;
        let variance = moment(2);
        let (min, max) =
            (sorted.first().copied().unwrap_or(f64::NAN), sorted.last().copied().unwrap_or(f64::NAN));
        let spread = if min == max { 0.5 } else { 0.0 };
        Self {
            n,
            mean,
            std: variance.sqrt(),
            skewness: moment(3) / variance.powf(1.5),
            excess_kurtosis: moment(4) / (variance * variance) - 3.0,
            min,
            max,
            quantiles: if n == 0 {
                Vec::new()
            } else {
                QUANTILES.iter().map(|&q| (q, quantile(&sorted, q))).collect()
            },
            bins: Bins::of(values, min - spread, max + spread, bins),
        }
    }
}

impl Bins {
    /// Of these values between two ends, which two models can share.
    pub fn of(values: &[f64], low: f64, high: f64, bins: usize) -> Self {
        let mut all = Self { low, high, counts: vec![0; bins] };
        let width = all.width();
        for &v in values.iter().filter(|v| (low..=high).contains(*v)) {
            let mut at = (((v - low) / width) as usize).min(bins - 1);
            // Rounding may have put it beside its bin.
            if v < all.edge(at) {
                at -= 1;
            } else if at + 1 < bins && v >= all.edge(at + 1) {
                at += 1;
            }
            all.counts[at] += 1;
        }
        all
    }

    /// The left end of a bin; of the one behind the last, the right end of all: as NumPy's linspace computes them.
    pub fn edge(&self, bin: usize) -> f64 {
        if bin == self.counts.len() { self.high } else { self.low + bin as f64 * self.width() }
    }

    fn width(&self) -> f64 {
        (self.high - self.low) / self.counts.len() as f64
    }
}

/// A quantile of ascending values, linear between neighbours (NumPy's default; type 7 of Hyndman and Fan, 1996).
///
/// Not-a-number without values or outside 0 to 1.
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
    if sorted.is_empty() || !(0.0..=1.0).contains(&share) {
        return f64::NAN;
    }
    let place = share * (sorted.len() - 1) as f64;
    let below = place.floor() as usize;
    let (a, b) = (sorted[below], sorted[(below + 1).min(sorted.len() - 1)]);
    let t = place - below as f64;
    // As NumPy: from the nearer end, so that neither rounds past a neighbour.
    if t < 0.5 { a + (b - a) * t } else { b - (b - a) * (1.0 - t) }
}
