//! Holm's correction of p-values for their number.

/// p-values corrected for their number m (Holm, 1979): with `p` ascending, the largest so far of (m − i) pᵢ, at
/// most 1. In the order given.
///
/// Not-a-number, a test that was planned and could not be made, stays so and is counted, as a p-value of 1 would be.
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).filter(|&i| !p[i].is_nan()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    let mut out = vec![f64::NAN; p.len()];
    let mut highest = 0.0f64;
    for (rank, &i) in order.iter().enumerate() {
        highest = highest.max((p.len() - rank) as f64 * p[i]).min(1.0);
        out[i] = highest;
    }
    out
}
