//! Which epoch and learning rate scores select.

use tunemask_shared::experiment::{RatePick, ReportedEpoch};
use tunemask_shared::metric::Metric;

/// How epoch and learning rate are selected.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Which epoch.
    pub epoch: ReportedEpoch,
    /// Which rate.
    pub rate: RatePick,
}

/// What is selected for a seed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Selected {
    pub rate: usize,
    pub epoch: usize,
}

impl Rule {
    /// What it selects for each seed by `scores[rate][seed][epoch]`; the earlier one wins a tie. A rate that is one for all is
    /// selected for a seed by those seeds that have a vote, `votes(seed, voter)`. `None` where nothing has a number.
    pub(super) fn select(
        self,
        metric: Metric,
        scores: &[Vec<Vec<f64>>],
        votes: &dyn Fn(usize, usize) -> bool,
    ) -> Option<Vec<Selected>> {
        let epoch = |run: &Vec<f64>| match self.epoch {
            ReportedEpoch::Last => run.len().checked_sub(1),
            ReportedEpoch::Best => best(metric, run.iter().copied()),
        };
        let epochs: Vec<Vec<usize>> =
            scores.iter().map(|seeds| seeds.iter().map(|run| epoch(run).unwrap_or(0)).collect()).collect();
        let at = |rate: usize, seed: usize| {
            scores[rate][seed].get(epochs[rate][seed]).copied().unwrap_or(f64::NAN)
        };
        let seeds = scores.first()?.len();
        let selected = |seed: usize| {
            let voters: Vec<usize> = match self.rate {
                RatePick::BestMean => (0..seeds).filter(|&voter| votes(seed, voter)).collect(),
                RatePick::PerSeed => vec![seed],
            };
            let mean = |rate: usize| voters.iter().map(|&s| at(rate, s)).sum::<f64>() / voters.len() as f64;
            let rate = best(metric, (0..scores.len()).map(mean))?;
            Some(Selected { rate, epoch: epochs[rate][seed] })
        };
        (0..seeds).map(selected).collect()
    }
}

/// The place of the best number, the first of several; `None` if there is none.
fn best(metric: Metric, values: impl Iterator<Item = f64>) -> Option<usize> {
    let mut best: Option<(usize, f64)> = None;
    for (place, value) in values.enumerate() {
        if metric.improves(value, best.map_or(f64::NAN, |b| b.1)) {
            best = Some((place, value));
        }
    }
    best.map(|b| b.0)
}
