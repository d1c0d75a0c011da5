//! How far a contrast of masks would vary: two sources of variation, and the test on both.
//!
//! A contrast d is the mean over S seeds of dₛ, all scored on the same n development examples. Two things would differ
//! were it measured again: the seeds (training) and the examples. With dₛ = δ + aₑ + bₛ + cₛₑ the variance of d is
//! σ²ₐ + (σ²_b + σ²_c) / S, which is estimated without bias by
//!
//! > V = s² / S + max(C, 0),
//!
//! where s² is the sample variance of the dₛ and C the covariance of two seeds' dₛ through their common examples, from the
//! influence of each example. This is the analysis that radiology uses for readers × cases (Obuchowski and Rockette, 1995):
//! d / √V is held against Student's t, and few seeds cost degrees of freedom as far as seeds are what varies. Hillis (2007) has
//! f (1 + C / (s² / S))² of them with f = S − 1. With few seeds 1 / s² is too large on average, by the factor 1 + 2 / f to
//! first order, so those are too many, and with five seeds up to 5.9 % of true nulls are rejected at 5 %. That factor is taken out:
//!
//! > f (1 + C / ((1 + 2 / f) s² / S))².
//!
//! With three or four seeds even this rejects too often (up to 6 %), as s² may be small by chance. So d must pass Student's
//! test over the seeds as well, with S − 1 degrees of freedom: the larger p-value counts, and the wider interval.
//! Both together reject 4.2 to 5.4 % whatever part is the examples' (a test below integrates it); `benches/calibration.rs` shows
//! error and power on predictions.
//!
//! Over several tasks the seeds' parts are added up task by task, with Satterthwaite's (1946) freedom: runs on different tasks
//! have nothing in common but the number of their seed. Where a seed draws a mask's scalars it does so for all tasks alike; then seeds
//! are taken over the tasks' mean.

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

/// An estimated variance of a contrast (its squared standard error) with its degrees of freedom; infinite ones are the
/// normal distribution's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct VarianceEstimate {
    pub variance: f64,
    pub degrees_of_freedom: f64,
}

/// Freedom from which Student's t is the normal distribution for every purpose here.
const NORMAL_FROM: f64 = 1e6;

impl VarianceEstimate {
    /// Probability that Student's t is above `t`.
    fn above(self, t: f64) -> f64 {
        match StudentsT::new(0.0, 1.0, self.degrees_of_freedom) {
            Ok(student) if self.degrees_of_freedom < NORMAL_FROM => student.sf(t),
            _ => Normal::standard().sf(t),
        }
    }

    /// The t below which this share lies.
    pub fn quantile(self, share: f64) -> f64 {
        match StudentsT::new(0.0, 1.0, self.degrees_of_freedom) {
            Ok(student) if self.degrees_of_freedom < NORMAL_FROM => student.inverse_cdf(share),
            _ => Normal::standard().inverse_cdf(share),
        }
    }

    /// One-sided p-value of a contrast that lies `distance` above its bound.
    pub fn p(self, distance: f64) -> f64 {
        self.above(distance / self.variance.sqrt())
    }

    /// The sum of independent variances, each with these degrees of freedom (Satterthwaite, 1946).
    pub fn sum(variances: &[f64], each: f64) -> Self {
        let variance: f64 = variances.iter().sum();
        let squares: f64 = variances.iter().map(|v| v * v).sum();
        let degrees_of_freedom = if squares > 0.0 { each * variance * variance / squares } else { each };
        Self { variance, degrees_of_freedom }
    }

    /// With what the examples add, whose degrees of freedom are many times as many (Hillis, 2007, with less bias: see above).
    pub fn and_examples(self, shared_by_seeds: f64) -> Self {
        let shared = shared_by_seeds.max(0.0);
        let degrees_of_freedom = if self.variance > 0.0 {
            let ratio = shared / self.variance / (1.0 + 2.0 / self.degrees_of_freedom);
            self.degrees_of_freedom * (1.0 + ratio).powi(2)
        } else {
            f64::INFINITY
        };
        Self { variance: self.variance + shared, degrees_of_freedom }
    }

    /// The variance of the mean over the models that were trained, where only the examples of each task vary.
    pub fn of_trained_models(tasks: &[ExampleVariance]) -> Self {
        Self {
            variance: tasks.iter().map(|task| task.of_mean).sum(),
            degrees_of_freedom: tasks.iter().map(|task| task.examples).min().unwrap_or_default() as f64 - 1.0,
        }
    }
}

/// What the examples of a task do to a contrast.
#[derive(Clone, Copy, Debug)]
pub(super) struct ExampleVariance {
    /// The covariance of two seeds through their common examples; without bias, so it may be below 0.
    pub shared_by_seeds: f64,
    /// The variance of the mean over these seeds.
    pub of_mean: f64,
    /// Number of the examples.
    pub examples: usize,
}

impl ExampleVariance {
    /// From the influence of each example on the contrast at each seed, `by_seed[s][example]`.
    pub fn of(by_seed: &[Vec<f64>]) -> Self {
        let seeds = by_seed.len() as f64;
        let examples = by_seed.first().map_or(0, Vec::len);
        let (mut of_sum, mut own) = (0.0, 0.0);
        for i in 0..examples {
            let mut sum = 0.0;
            for seed in by_seed {
                sum += seed[i];
                own += seed[i] * seed[i];
            }
            of_sum += sum * sum;
        }
        let scale = examples as f64 * (examples as f64 - 1.0);
        let shared_by_seeds =
            if by_seed.len() > 1 { (of_sum - own) / (seeds * (seeds - 1.0) * scale) } else { f64::NAN };
        Self { shared_by_seeds, of_mean: of_sum / (seeds * seeds * scale), examples }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::ChiSquared;

    /// The share of true nulls that are rejected two-sided at 5 %, with normal seeds whose variance is 1 and examples that add
    /// `ratio` times what seeds add to the mean: integrated over the distribution of s².
    fn rejected(seeds: f64, ratio: f64) -> f64 {
        let (freedom, shared) = (seeds - 1.0, ratio / seeds);
        let chi_squared = ChiSquared::new(freedom).unwrap();
        let points = 400;
        let sum: f64 = (0..points)
            .map(|i| {
                let variance =
                    chi_squared.inverse_cdf((f64::from(i) + 0.5) / f64::from(points)) / freedom / seeds;
                let of_seeds = VarianceEstimate { variance, degrees_of_freedom: freedom };
                let tests = [of_seeds, of_seeds.and_examples(shared)];
                let bound = tests
                    .map(|test| test.quantile(0.975) * test.variance.sqrt())
                    .into_iter()
                    .fold(0.0, f64::max);
                2.0 * Normal::standard().sf(bound / (1.0 / seeds + shared).sqrt())
            })
            .sum();
        sum / f64::from(points)
    }

    #[test]
    fn rejects_true_nulls_as_often_as_it_says_whatever_part_is_the_examples() {
        let mut all = Vec::new();
        for seeds in [3.0, 4.0, 5.0, 7.0, 10.0] {
            for ratio in [0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 5.0, 20.0] {
                all.push((rejected(seeds, ratio), seeds, ratio));
            }
        }
        for (share, seeds, ratio) in &all {
            assert!(
                (0.042..0.054).contains(share),
                "{share:.4} with {seeds} seeds and examples that add {ratio} times as much"
            );
        }
        // Seeds alone are Student's test, to the error of the integral.
        assert!((rejected(5.0, 0.0) - 0.05).abs() < 2e-4);
    }
}
