//! What choosing epoch and learning rate on the tested examples adds, and scores without it.
//!
//! The best of many epochs and rates on a development set is better there than it is: its score holds what chance gave
//! it on these examples, and more so the more there was to choose from. Here the development set is halved, epochs and rates are chosen
//! on one half and scored on the other, and back; the mean of both over several halvings is a score that no choice has
//! flattered (cross-validation about the choice; Stone, 1974; Varma and Simon, 2006). Masks are halved alike. A choice on half the
//! examples is a little worse than one on all, so such scores err on the low side, for all masks.

use crate::results::predictions::Predictions;
use rayon::prelude::*;
use tunemask_shared::experiment::{RatePick, ReportedEpoch};
use tunemask_shared::metric::Metric;
use tunemask_shared::philox::{Purpose, Stream};

/// What a cell's runs predicted after each epoch: `[rate][seed][epoch]`.
#[derive(Clone, Debug)]
pub struct Candidates(pub Vec<Vec<Vec<Predictions>>>);

/// How epoch and learning rate are chosen.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Which epoch.
    pub epoch: ReportedEpoch,
    /// Which rate.
    pub rate: RatePick,
}

/// What choosing does to a cell, in the metric's own unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Choosing {
    /// The score of each seed where epoch and rate are chosen on other examples than those that are scored.
    pub scores: Vec<f64>,
    /// The score of each seed after its last epoch, at the rates chosen on all examples.
    pub last_epoch: Vec<f64>,
}

/// What is known of the choice in a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Choice {
    /// There was nothing to choose.
    Nothing,
    /// What it does.
    Known(Choosing),
    /// It was made, but a metric is undefined on half the examples, or there are too few of them.
    Unknown,
}

/// Halvings, where they take little time.
const HALVINGS: usize = 20;
/// Predictions that are scored at most in all halvings, if there are two halvings or more.
const WORK: usize = 400_000_000;

impl Candidates {
    /// Whether there is anything to choose.
    fn is_choice(&self, rule: Rule) -> bool {
        let epochs = self.0.iter().flatten().map(Vec::len).max().unwrap_or(0);
        self.0.len() > 1 || rule.epoch == ReportedEpoch::Best && epochs > 1
    }

    /// What is known of the choice.
    pub fn choice(&self, metric: Metric, rule: Rule) -> Choice {
        if self.is_choice(rule) {
            self.choosing(metric, rule).map_or(Choice::Unknown, Choice::Known)
        } else {
            Choice::Nothing
        }
    }

    fn choosing(&self, metric: Metric, rule: Rule) -> Option<Choosing> {
        let examples = self.0.first()?.first()?.first()?.len();
        let runs = self.0.iter().flatten().map(Vec::len).sum::<usize>();
        if examples < 2 {
            return None;
        }
        let every: Vec<u32> = (0..examples as u32).collect();
        let whole = self.scored(metric, &every);
        let chosen = rule.choose(metric, &whole)?;
        let last_epoch = chosen.iter().enumerate().map(|(s, c)| Some(*whole[c.rate][s].last()?));
        let halvings = (WORK / (runs * examples).max(1)).clamp(2, HALVINGS);
        let all: Vec<Option<Vec<f64>>> = (0..halvings as u32)
            .into_par_iter()
            .map(|halving| {
                let mut order = every.clone();
                Stream::new(1, Purpose::Bootstrap, halving).shuffle(&mut order);
                let (one, other) = order.split_at(examples / 2);
                let scores = [self.scored(metric, one), self.scored(metric, other)];
                let crossed = |on: usize| {
                    let chosen = rule.choose(metric, &scores[on])?;
                    let beyond = &scores[1 - on];
                    Some(
                        chosen
                            .iter()
                            .enumerate()
                            .map(|(s, c)| beyond[c.rate][s][c.epoch])
                            .collect::<Vec<f64>>(),
                    )
                };
                let (there, back) = (crossed(0)?, crossed(1)?);
                Some(there.iter().zip(&back).map(|(a, b)| (a + b) / 2.0).collect())
            })
            .collect();
        let all: Vec<Vec<f64>> = all.into_iter().flatten().collect();
        let mean = |s: usize| all.iter().map(|scores| scores[s]).sum::<f64>() / all.len() as f64;
        let scores: Vec<f64> = (0..self.0[0].len()).map(mean).collect();
        let defined = scores.iter().all(|score| score.is_finite());
        defined.then_some(Choosing { scores, last_epoch: last_epoch.collect::<Option<Vec<f64>>>()? })
    }

    fn scored(&self, metric: Metric, examples: &[u32]) -> Vec<Vec<Vec<f64>>> {
        let epochs = |run: &Vec<Predictions>| run.iter().map(|p| p.score(metric, examples)).collect();
        self.0.iter().map(|seeds| seeds.iter().map(epochs).collect()).collect()
    }
}

/// What is chosen for a seed.
#[derive(Clone, Copy, Debug)]
struct Chosen {
    rate: usize,
    epoch: usize,
}

impl Rule {
    /// What it chooses for each seed by `scores[rate][seed][epoch]`; the earlier one wins a tie. `None` where nothing has a
    /// number.
    fn choose(self, metric: Metric, scores: &[Vec<Vec<f64>>]) -> Option<Vec<Chosen>> {
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
        let chosen = |rate: usize, seed: usize| Chosen { rate, epoch: epochs[rate][seed] };
        match self.rate {
            RatePick::BestMean => {
                let mean = |rate: usize| (0..seeds).map(|s| at(rate, s)).sum::<f64>() / seeds as f64;
                let rate = best(metric, (0..scores.len()).map(mean))?;
                Some((0..seeds).map(|seed| chosen(rate, seed)).collect())
            }
            RatePick::PerSeed => (0..seeds)
                .map(|seed| Some(chosen(best(metric, (0..scores.len()).map(|rate| at(rate, seed)))?, seed)))
                .collect(),
        }
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
