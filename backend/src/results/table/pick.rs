//! Which learning rate a cell reports.

use super::{RateResult, ResultCell, SeedResult};
use tunemask_shared::experiment::RatePick;
use tunemask_shared::metric::Metric;

/// The learning rates that a cell reports and the runs behind it.
pub(super) struct Pick<'a> {
    pub rates: Vec<f64>,
    pub runs: Vec<&'a SeedResult>,
}

/// The rate with the best mean over the seeds, or the best of each seed; the earlier one wins a tie.
///
/// A run without a number is none of a pick, see [`super::gap`]. A rate that has a number for fewer seeds than another
/// does not win, be it that its runs diverged, predict nothing that can be scored, or are still to come: the mean
/// over the easy seeds is no fair one.
pub(super) fn pick(rates: &[RateResult], metric: Metric, how: RatePick) -> Pick<'_> {
    match how {
        RatePick::BestMean => best_mean(rates, metric),
        RatePick::PerSeed => per_seed(rates, metric),
    }
}

fn best_mean(rates: &[RateResult], metric: Metric) -> Pick<'_> {
    let mut best: Option<&RateResult> = None;
    for rate in rates.iter().filter(|r| !r.primary.mean.is_nan()) {
        let wins = best.is_none_or(|b| {
            let more = rate.primary.n.cmp(&b.primary.n);
            more.is_gt() || more.is_eq() && metric.improves(rate.primary.mean, b.primary.mean)
        });
        if wins {
            best = Some(rate);
        }
    }
    Pick {
        rates: best.iter().map(|r| r.learning_rate).collect(),
        runs: best.iter().flat_map(|r| &r.seeds).filter(|s| s.value(metric, 0).is_some()).collect(),
    }
}

fn per_seed(rates: &[RateResult], metric: Metric) -> Pick<'_> {
    let mut pick = Pick { rates: Vec::new(), runs: Vec::new() };
    for seed in 0..rates.first().map_or(0, |r| r.seeds.len()) {
        let mut best: Option<(f64, f64, &SeedResult)> = None;
        for rate in rates {
            let Some(run) = rate.seeds.get(seed) else { continue };
            let value = run.value(metric, 0).unwrap_or(f64::NAN);
            if metric.improves(value, best.map_or(f64::NAN, |b| b.0)) {
                best = Some((value, rate.learning_rate, run));
            }
        }
        if let Some((_, rate, run)) = best {
            pick.rates.push(rate);
            pick.runs.push(run);
        }
    }
    pick
}

impl ResultCell {
    /// The runs behind the figures, in the order of the seeds: those at the picked rate, or each seed's at its own.
    pub fn reported(&self, how: RatePick) -> Vec<&SeedResult> {
        super::pick::pick(&self.rates, self.task.primary_metric(), how).runs
    }
}
