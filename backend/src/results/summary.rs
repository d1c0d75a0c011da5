//! Mean and standard deviation.

use serde::Serialize;

/// Mean and deviation of some values.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// Arithmetic mean; not-a-number if there is no value or one of them is.
    #[serde(with = "tunemask_shared::number")]
    pub mean: f64,
    /// Sample standard deviation (n − 1); not-a-number below two values.
    #[serde(with = "tunemask_shared::number")]
    pub std: f64,
    /// Number of values.
    pub n: usize,
}

impl Summary {
    /// The summary of these values.
    pub fn of(values: &[f64]) -> Self {
        let n = values.len();
        let mean = values.iter().sum::<f64>() / n as f64;
        let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
        let std = if n < 2 { f64::NAN } else { (squares / (n - 1) as f64).sqrt() };
        Self { mean, std, n }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deviation_is_the_sample_s() {
        let s = Summary::of(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]);
        assert_eq!((s.mean, s.n), (5.0, 8));
        assert!((s.std - (32.0f64 / 7.0).sqrt()).abs() < 1e-15);
    }

    #[test]
    fn too_few_values_have_no_deviation() {
        let one = Summary::of(&[0.5]);
        assert!(one.mean == 0.5 && one.std.is_nan());
        let none = Summary::of(&[]);
        assert!(none.mean.is_nan() && none.std.is_nan() && none.n == 0);
        assert!(Summary::of(&[0.5, f64::NAN]).mean.is_nan());
    }
}
