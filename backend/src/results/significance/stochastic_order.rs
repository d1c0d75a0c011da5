//! Almost stochastic order of two masks' scores over the seeds.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, Normal};
use tunemask_shared::philox::{Purpose, Stream};

/// Step of the grid on which quantile functions are compared, as in the package `deepsig`.
const STEP: f64 = 0.005;
/// How often scores are drawn again.
const DRAWS: u32 = 1000;
/// How sure the bound is.
const CONFIDENCE: f64 = 0.95;

/// How far the left mask's scores are from being stochastically larger than the right one's (del Barrio, Cuesta-Albertos and
/// Matrán, 2018; for NLP Dror, Shlomov and Reichart, 2019; with the defaults of the package `deepsig`, Ulmer, Hardmeier and
/// Frellsen, 2022). Scores are taken as they are: development examples do not vary.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct StochasticOrder {
    /// The share of the squared Wasserstein distance in which the order is violated: 0 if left is stochastically larger, 1 if
    /// right is; ½ if they are equal.
    pub violation_ratio: f64,
    /// Its upper bound with 95 % confidence: below ½ left is almost stochastically larger; Ulmer and others advise 0.2.
    pub epsilon_min: f64,
}

/// The order of two columns of scores, one score per seed; not-a-number without scores.
pub fn stochastic_order(left: &[f64], right: &[f64]) -> StochasticOrder {
    if left.is_empty() || right.is_empty() {
        return StochasticOrder { violation_ratio: f64::NAN, epsilon_min: f64::NAN };
    }
    let violation_ratio = violations(left, right);
    let draw = |b: u32| {
        let mut stream = Stream::new(1, Purpose::Bootstrap, b);
        let mut again =
            |of: &[f64]| of.iter().map(|_| of[stream.below(of.len() as u64) as usize]).collect::<Vec<f64>>();
        violations(&again(left), &again(right))
    };
    let drawn: Vec<f64> = (0..DRAWS).map(draw).collect();
    let mean = drawn.iter().sum::<f64>() / f64::from(DRAWS);
    let std = (drawn.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / f64::from(DRAWS)).sqrt();
    let bound = violation_ratio + std * Normal::standard().inverse_cdf(CONFIDENCE);
    StochasticOrder { violation_ratio, epsilon_min: bound.clamp(0.0, 1.0) }
}

/// ε of W₂ (Dror and others, 2019, equation 5), integrated on a grid of quantiles.
fn violations(left: &[f64], right: &[f64]) -> f64 {
    let sorted = |of: &[f64]| {
        let mut of = of.to_vec();
        of.sort_by(f64::total_cmp);
        of
    };
    let (left, right) = (sorted(left), sorted(right));
    let at = |of: &[f64], t: f64| of[((of.len() as f64 * t).ceil() as usize).clamp(1, of.len()) - 1];
    let (mut all, mut violated) = (0.0, 0.0);
    for k in 1.. {
        let t = f64::from(k) * STEP;
        // The grid of the package leaves its end out.
        if t >= 1.0 - STEP / 2.0 {
            break;
        }
        let gap = at(&right, t) - at(&left, t);
        all += gap * gap;
        // The package leaves the first point of the grid out of the violations.
        if gap > 0.0 && k > 1 {
            violated += gap * gap;
        }
    }
    if all == 0.0 { 0.5 } else { violated / all }
}
