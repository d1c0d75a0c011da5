//! McNemar's test.

use serde::Serialize;
use statrs::distribution::{Binomial, ChiSquared, ContinuousCDF, Discrete, DiscreteCDF};

/// Below so many examples on which the two differ the mid-p value is reported.
const EXACT_BELOW: u64 = 25;

/// McNemar's test of two classifiers on the same examples (McNemar, 1947).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct McNemar {
    /// Examples that only the left one has right.
    pub left_only: u64,
    /// Examples that only the right one has right.
    pub right_only: u64,
    /// The exact two-sided p-value of the binomial.
    pub exact: f64,
    /// The mid-p value, which counts half of the outcome itself (Fagerland, Lydersen and Laake, 2013).
    pub mid_p: f64,
    /// The p-value of χ² with continuity correction (Edwards, 1948).
    pub chi_square: f64,
    /// What is reported: mid-p below 25 differences, where χ² is rough and the exact test too careful; else χ².
    pub p: f64,
}

/// The test from the two counts of examples on which only one is right. Without any the p-values are 1.
pub fn mcnemar(left_only: u64, right_only: u64) -> McNemar {
    let n = left_only + right_only;
    let fewer = left_only.min(right_only);
    let (mut exact, mut mid_p, mut chi_square) = (1.0, 1.0, 1.0);
    if let (true, Ok(binomial), Ok(chi)) = (n > 0, Binomial::new(0.5, n), ChiSquared::new(1.0)) {
        exact = (2.0 * binomial.cdf(fewer)).min(1.0);
        mid_p = (2.0 * binomial.cdf(fewer) - binomial.pmf(fewer)).min(1.0);
        let distance = (left_only.abs_diff(right_only) as f64 - 1.0).max(0.0);
        chi_square = chi.sf(distance * distance / n as f64);
    }
    let p = if n < EXACT_BELOW { mid_p } else { chi_square };
    McNemar { left_only, right_only, exact, mid_p, chi_square, p }
}
