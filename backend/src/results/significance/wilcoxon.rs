//! Wilcoxon's signed-rank test.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, Normal};

/// Up to so many differences without ties the distribution is counted out, as SciPy does.
const EXACT_UP_TO: usize = 50;

/// Wilcoxon's signed-rank test of paired differences (Wilcoxon, 1945).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Wilcoxon {
    /// Differences that are not 0; those that are tell nothing and are left out.
    pub n: usize,
    /// The smaller sum of ranks.
    pub statistic: f64,
    /// Whether the p-value is exact; else it is the normal approximation's with the correction for ties.
    pub exact: bool,
    /// Two-sided p-value; 1 if there is no difference.
    pub p: f64,
}

/// The test of differences against 0. Differences that are not finite make the p-value not-a-number.
pub fn wilcoxon(differences: &[f64]) -> Wilcoxon {
    if differences.iter().any(|d| !d.is_finite()) {
        return Wilcoxon { n: differences.len(), statistic: f64::NAN, exact: false, p: f64::NAN };
    }
    let mut d: Vec<f64> = differences.iter().copied().filter(|d| *d != 0.0).collect();
    d.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
    let n = d.len();
    let (mut above, mut ties, mut at) = (0.0, 0.0, 0);
    while at < n {
        let run = d[at..].iter().take_while(|x| x.abs() == d[at].abs()).count();
        // The mean of the ranks at + 1 to at + run.
        let rank = at as f64 + (run as f64 + 1.0) / 2.0;
        above += rank * d[at..at + run].iter().filter(|x| **x > 0.0).count() as f64;
        ties += (run as f64).powi(3) - run as f64;
        at += run;
    }
    let m = n as f64;
    let statistic = above.min(m * (m + 1.0) / 2.0 - above);
    let exact = n <= EXACT_UP_TO && n == differences.len() && ties == 0.0;
    let p = match n {
        0 => 1.0,
        _ if exact => counted_out(n, statistic as usize),
        _ => {
            let variance = (m * (m + 1.0) * (2.0 * m + 1.0) - ties / 2.0) / 24.0;
            let z = (statistic - m * (m + 1.0) / 4.0) / variance.sqrt();
            (2.0 * Normal::standard().cdf(z)).min(1.0)
        }
    };
    Wilcoxon { n, statistic, exact, p }
}

/// Twice the share of the 2ⁿ choices of signs whose rank sum is at most `sum`.
fn counted_out(n: usize, sum: usize) -> f64 {
    let mut ways = vec![0u64; n * (n + 1) / 2 + 1];
    ways[0] = 1;
    for rank in 1..=n {
        for total in (rank..ways.len()).rev() {
            ways[total] += ways[total - rank];
        }
    }
    let few: u64 = ways[..=sum].iter().sum();
    (2.0 * few as f64 / 2f64.powi(n as i32)).min(1.0)
}
