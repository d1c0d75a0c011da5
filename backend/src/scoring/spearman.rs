//! Spearman's ρ.

use super::pearson;

/// Spearman's ρ of two columns of equal length: Pearson's r of their ranks, equal values sharing their mean rank.
///
/// Not-a-number where `pearson` is.
pub fn spearman(x: &[f64], y: &[f64]) -> f64 {
    let finite = |v: &[f64]| v.iter().all(|a| a.is_finite());
    if finite(x) && finite(y) { pearson(&ranks(x), &ranks(y)) } else { f64::NAN }
}

/// Ranks from 1, equal values sharing their mean rank.
pub fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    // `==`, not bits: -0 and 0 are one value, and they stand side by side.
    for ties in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let mean = before as f64 + (ties.len() + 1) as f64 / 2.0;
        ties.iter().for_each(|&i| ranks[i] = mean);
        before += ties.len();
    }
    ranks
}
