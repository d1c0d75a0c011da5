//! How much each example moves a metric.

use crate::results::predictions::{Predictions, of_counts};
use crate::scoring::{self, LabelSets};
use tunemask_shared::metric::Metric;

impl Predictions {
    /// The empirical influence of each example on a metric: the derivative of the metric by the example's weight, times
    /// the number of examples n (Hampel, 1974). Its mean is 0, and Σ Iᵢ² / (n (n − 1)) estimates the variance that drawing
    /// the examples gives the metric (the infinitesimal jackknife; Jaeckel, 1972; Efron, 1982, chapter 6).
    ///
    /// `None` where [`Predictions::score`] is not-a-number. Zeros where Matthews or an F1 is 0 because its denominator is, and of an
    /// RMSE of 0, which no weight changes.
    pub fn influence(&self, metric: Metric) -> Option<Vec<f64>> {
        let every: Vec<u32> = (0..self.len() as u32).collect();
        let value = self.score(metric, &every);
        if value.is_nan() {
            return None;
        }
        match self {
            Predictions::Labels { predicted, actual } => {
                let confusion = Confusion::of(predicted, actual);
                let pairs = actual.iter().zip(predicted);
                let moved = |a: usize, p: usize| match metric {
                    Metric::Accuracy | Metric::MicroF1 => Some(f64::from(u8::from(a == p)) - value),
                    Metric::F1 => Some(confusion.f1(value, 1, a, p)),
                    Metric::MacroF1 => Some(confusion.macro_f1(a, p)),
                    Metric::BalancedAccuracy => Some(confusion.balanced_accuracy(a, p)),
                    Metric::Matthews => Some(confusion.matthews(value, a, p)),
                    Metric::Pearson
                    | Metric::Spearman
                    | Metric::Rmse
                    | Metric::SubsetAccuracy
                    | Metric::EntityF1
                    | Metric::EntityPrecision
                    | Metric::EntityRecall
                    | Metric::Loss => None,
                };
                pairs.map(|(&a, &p)| moved(usize::from(a), usize::from(p))).collect()
            }
            Predictions::Scores { predicted, actual } => {
                let columns =
                    [predicted, actual].map(|c| c.iter().map(|&x| f64::from(x)).collect::<Vec<_>>());
                match metric {
                    Metric::Pearson => Some(pearson(&columns[0], &columns[1], value)),
                    Metric::Spearman => Some(spearman(&columns[0], &columns[1], value)),
                    Metric::Rmse => Some(rmse(&columns[0], &columns[1], value)),
                    Metric::Accuracy
                    | Metric::F1
                    | Metric::MacroF1
                    | Metric::MicroF1
                    | Metric::BalancedAccuracy
                    | Metric::SubsetAccuracy
                    | Metric::Matthews
                    | Metric::EntityF1
                    | Metric::EntityPrecision
                    | Metric::EntityRecall
                    | Metric::Loss => None,
                }
            }
            Predictions::LabelSets { labels, predicted, actual } => {
                let sets = LabelSets { labels: usize::from(*labels), predicted, actual };
                match metric {
                    Metric::MicroF1 => Some(ratio(&self.counts(), [0.5, 0.5], value)),
                    Metric::MacroF1 => Some(macro_f1(sets)),
                    Metric::SubsetAccuracy => {
                        let right = |(p, a)| f64::from(u8::from(p == a)) - value;
                        let rows = predicted.chunks_exact(sets.labels).zip(actual.chunks_exact(sets.labels));
                        Some(rows.map(right).collect())
                    }
                    Metric::Accuracy
                    | Metric::F1
                    | Metric::BalancedAccuracy
                    | Metric::Matthews
                    | Metric::Pearson
                    | Metric::Spearman
                    | Metric::Rmse
                    | Metric::EntityF1
                    | Metric::EntityPrecision
                    | Metric::EntityRecall
                    | Metric::Loss => None,
                }
            }
            Predictions::Tagged { counts } => Some(ratio(counts, of_counts(metric)?, value)),
        }
    }
}

/// The influence of each example on R / (wP + vA), sums over the examples, from `[R, P, A]` of each.
fn ratio(counts: &[[u32; 3]], [w, v]: [f64; 2], value: f64) -> Vec<f64> {
    let own = |[_, p, a]: &[u32; 3]| w * f64::from(*p) + v * f64::from(*a);
    let whole: f64 = counts.iter().map(own).sum();
    let moved = |of: &[u32; 3]| {
        let change = f64::from(of[0]) - value * own(of);
        if whole == 0.0 { 0.0 } else { counts.len() as f64 * change / whole }
    };
    counts.iter().map(moved).collect()
}

/// The influence on the mean of the labels' F1 = 2 TP / (predicted + actual), where an example may have several.
fn macro_f1(sets: LabelSets<'_>) -> Vec<f64> {
    let (counts, labels) = (sets.by_label(), sets.labels);
    let rows = sets.predicted.chunks_exact(labels).zip(sets.actual.chunks_exact(labels));
    let examples = (sets.actual.len() / labels) as f64;
    let moved = |(predicted, actual): (&[bool], &[bool])| {
        let of_label = counts.iter().zip(predicted.iter().zip(actual)).map(|(counts, (&p, &a))| {
            let both = counts.predicted + counts.actual;
            let own = f64::from(u8::from(p)) + f64::from(u8::from(a));
            let hit = f64::from(u8::from(p && a));
            if both == 0.0 { 0.0 } else { (2.0 * hit - counts.f1() * own) / both }
        });
        examples * of_label.sum::<f64>() / labels as f64
    };
    rows.map(moved).collect()
}

/// How many examples of each label were predicted as each.
struct Confusion {
    examples: f64,
    right: f64,
    predicted: Vec<f64>,
    actual: Vec<f64>,
    /// Right examples of each label.
    hits: Vec<f64>,
}

impl Confusion {
    fn of(predicted: &[u16], actual: &[u16]) -> Self {
        let labels = predicted.iter().chain(actual).max().map_or(0, |&l| usize::from(l) + 1).max(2);
        let histogram = |of: &[u16]| {
            let mut counts = vec![0.0; labels];
            of.iter().for_each(|&l| counts[usize::from(l)] += 1.0);
            counts
        };
        let hits: Vec<u16> = predicted.iter().zip(actual).filter(|(p, a)| p == a).map(|(p, _)| *p).collect();
        Self {
            hits: histogram(&hits),
            examples: actual.len() as f64,
            right: predicted.iter().zip(actual).filter(|(p, a)| p == a).count() as f64,
            predicted: histogram(predicted),
            actual: histogram(actual),
        }
    }

    /// Of a label's F1 = 2 TP / (predicted + actual) at an example of label `a` that is predicted as `p`.
    fn f1(&self, value: f64, label: usize, a: usize, p: usize) -> f64 {
        let both = self.predicted[label] + self.actual[label];
        let own = f64::from(u8::from(a == label)) + f64::from(u8::from(p == label));
        let hit = f64::from(u8::from(a == label && p == label));
        if both == 0.0 { 0.0 } else { self.examples * (2.0 * hit - value * own) / both }
    }

    /// Of the mean of the F1 of the labels that are predicted or there. Only those of the example's own labels move.
    fn macro_f1(&self, a: usize, p: usize) -> f64 {
        let both = |label: usize| self.predicted[label] + self.actual[label];
        let labels = (0..self.actual.len()).filter(|&label| both(label) > 0.0).count();
        let moved = |label: usize| self.f1(2.0 * self.hits[label] / both(label), label, a, p);
        (moved(a) + if p == a { 0.0 } else { moved(p) }) / labels as f64
    }

    /// The influence on the mean recall of the labels that are there, of which the example's own moves.
    fn balanced_accuracy(&self, a: usize, p: usize) -> f64 {
        let labels = self.actual.iter().filter(|there| **there > 0.0).count();
        let recall = self.hits[a] / self.actual[a];
        self.examples * (f64::from(u8::from(a == p)) - recall) / (self.actual[a] * labels as f64)
    }

    /// Of Gorodkin's coefficient (n·right − Σ pₖaₖ) / √((n² − Σ pₖ²)(n² − Σ aₖ²)).
    fn matthews(&self, value: f64, a: usize, p: usize) -> f64 {
        let n = self.examples;
        let free = |counts: &[f64]| n * n - counts.iter().map(|c| c * c).sum::<f64>();
        let (of_predicted, of_actual) = (free(&self.predicted), free(&self.actual));
        if of_predicted * of_actual == 0.0 {
            return 0.0;
        }
        let hit = f64::from(u8::from(a == p));
        let numerator = n * hit + self.right - (self.predicted[a] + self.actual[p]);
        let scale = 2.0 * (n - self.predicted[p]) / of_predicted + 2.0 * (n - self.actual[a]) / of_actual;
        n * (numerator / (of_predicted * of_actual).sqrt() - 0.5 * value * scale)
    }
}

/// Of r: zₓz_y − r (zₓ² + z_y²) / 2, with z standardised by n (Devlin, Gnanadesikan and Kettenring, 1975).
fn pearson(x: &[f64], y: &[f64], r: f64) -> Vec<f64> {
    let (zx, zy) = (standardised(x), standardised(y));
    zx.iter().zip(&zy).map(|(a, b)| a * b - r * (a * a + b * b) / 2.0).collect()
}

/// The influence of each example on √E[(x − y)²].
fn rmse(x: &[f64], y: &[f64], value: f64) -> Vec<f64> {
    let moved = |square: f64| if value == 0.0 { 0.0 } else { (square - value * value) / (2.0 * value) };
    x.iter().zip(y).map(|(x, y)| moved((x - y).powi(2))).collect()
}

fn standardised(values: &[f64]) -> Vec<f64> {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let std = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
    values.iter().map(|v| (v - mean) / std).collect()
}

/// Of ρ, the r of the mid-distributions F(x) = P(X < x) + P(X = x) / 2 (Croux and Dehon, 2010; here with ties).
///
/// With N = E[F(X) G(Y)] and A = E[F(X)²], ρ = (N − ¼) / √((A − ¼)(B − ¼)). An example at (x, y) moves N by
/// F(x) G(y) + E[h(X, x) G(Y)] + E[h(Y, y) F(X)] − 3 N and A by F(x)² + 2 E[h(X, x) F(X)] − 3 A, where h(X, x) is 1 if x < X, ½ if
/// they are equal, else 0.
fn spearman(x: &[f64], y: &[f64], rho: f64) -> Vec<f64> {
    let (f, g) = (mid_distribution(x), mid_distribution(y));
    let n = x.len() as f64;
    let mean = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>() / n;
    let (cross, of_x, of_y) = (mean(&f, &g), mean(&f, &f), mean(&g, &g));
    let (var_x, var_y) = (of_x - 0.25, of_y - 0.25);
    let (g_above, f_above_y) = (mean_above(x, &g), mean_above(y, &f));
    let (f_above, g_above_y) = (mean_above(x, &f), mean_above(y, &g));
    let scale = (var_x * var_y).sqrt();
    (0..x.len())
        .map(|i| {
            let by_cross = f[i] * g[i] + g_above[i] + f_above_y[i] - 3.0 * cross;
            let by_x = f[i] * f[i] + 2.0 * f_above[i] - 3.0 * of_x;
            let by_y = g[i] * g[i] + 2.0 * g_above_y[i] - 3.0 * of_y;
            by_cross / scale - 0.5 * rho * (by_x / var_x + by_y / var_y)
        })
        .collect()
}

fn mid_distribution(values: &[f64]) -> Vec<f64> {
    let n = values.len() as f64;
    scoring::ranks(values).into_iter().map(|rank| (rank - 0.5) / n).collect()
}

/// Of each value x the mean of `of` over the examples above it, those beside it counted half.
fn mean_above(values: &[f64], of: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[b].total_cmp(&values[a]));
    let (mut out, mut above) = (vec![0.0; values.len()], 0.0);
    for ties in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let own: f64 = ties.iter().map(|&i| of[i]).sum();
        ties.iter().for_each(|&i| out[i] = (above + own / 2.0) / values.len() as f64);
        above += own;
    }
    out
}
