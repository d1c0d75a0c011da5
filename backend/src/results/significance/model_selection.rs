//! What selecting epoch and learning rate on the tested examples adds, and scores without it.
//!
//! The best of many epochs and rates on a development set is better there than it is: its score holds what chance gave
//! it on these examples, and more so the more there was to choose from. Here the development set is halved, epochs and rates are selected
//! on one half and scored on the other, and back; the mean of both over several halvings is a score without that optimism
//! (cross-validation about the selection; Stone, 1974; Varma and Simon, 2006). Masks are halved alike.
//!
//! A rate that is selected for all seeds has its luck with these seeds as well: the mean of seven equally good rates over three
//! seeds is best at the one whose seeds happened to end well, whatever the examples. So seeds are halved, too, and the rate of one
//! half is selected by the other. That score has no optimism, but its spread between seeds is too small where the selection
//! wavers between rates (a seed takes part in the selection for the others); the spread at a rate selected by all seeds is
//! not. So a difference has to pass the test by both, see `Estimate`. Where each seed picks its own rate
//! (`RatePick::PerSeed`), the best of several runs is what a seed is, and stays so.
//!
//! A choice on half the examples and half the seeds is a little worse than one on all, so such scores err on the low side, for all
//! masks.

use super::Rule;
use super::rule::Selected;
use crate::results::predictions::Predictions;
use rayon::prelude::*;
use tunemask_shared::experiment::{RatePick, ReportedEpoch};
use tunemask_shared::metric::Metric;
use tunemask_shared::philox::{Purpose, Stream};

/// What a cell's runs predicted after each epoch: `[rate][seed][epoch]`.
#[derive(Clone, Debug)]
pub struct Candidates(pub Vec<Vec<Vec<Predictions>>>);

/// How epoch and learning rate of a cell were selected, and what is known of what that adds. Scores are in the metric's
/// own unit, one per seed.
#[derive(Clone, Debug, PartialEq)]
pub enum ModelSelection {
    /// They were not: there is one learning rate, and one epoch counts.
    Fixed {
        /// The mean score over halves of the development set, beside those of a cell that is cross-validated; `None` where no
        /// cell is, predictions are not stored, or the metric is undefined on a half.
        half_scores: Option<Vec<f64>>,
    },
    /// They were, and each was scored on other examples than those that it was selected on.
    CrossValidated(CrossValidated),
    /// They were, on the examples that are scored, and what that adds is not known: predictions after each epoch are not stored,
    /// the metric is undefined on half the examples, or there are too few of them.
    Optimistic,
}

impl ModelSelection {
    /// What is known of a cell of so many learning rates before predictions are seen.
    pub fn unseen(rates: usize, epoch: ReportedEpoch) -> Self {
        if rates > 1 || epoch == ReportedEpoch::Best {
            ModelSelection::Optimistic
        } else {
            ModelSelection::Fixed { half_scores: None }
        }
    }

    /// The mean score of each seed over halves of the development set, where it is known.
    pub fn half_scores(&self) -> Option<&[f64]> {
        match self {
            ModelSelection::Fixed { half_scores } => half_scores.as_deref(),
            ModelSelection::CrossValidated(found) => Some(&found.scores),
            ModelSelection::Optimistic => None,
        }
    }

    /// The same at a rate that all seeds selected.
    pub fn half_scores_by_all_seeds(&self) -> Option<&[f64]> {
        match self {
            ModelSelection::CrossValidated(found) => Some(&found.by_all_seeds),
            ModelSelection::Fixed { .. } | ModelSelection::Optimistic => self.half_scores(),
        }
    }
}

/// A cell whose selection was cross-validated.
#[derive(Clone, Debug, PartialEq)]
pub struct CrossValidated {
    /// The score of each seed where epoch and rate are selected on other examples than those that are scored, and a rate
    /// for all seeds by other seeds.
    pub scores: Vec<f64>,
    /// The same where all seeds take part in the selection of a rate.
    pub by_all_seeds: Vec<f64>,
    /// The score of each seed after its last epoch, at the rates selected on all examples.
    pub last_epoch: Vec<f64>,
}

/// Halvings, where they take little time.
const HALVINGS: usize = 20;
/// Predictions that are scored at most in all halvings, if there are two halvings or more.
const WORK: usize = 400_000_000;

impl Candidates {
    /// The predictions that a cell reports, one for each seed, as if nothing else had been there.
    pub(super) fn of_reported(predictions: &[Predictions]) -> Self {
        Self(vec![predictions.iter().map(|reported| vec![reported.clone()]).collect()])
    }

    /// What is known of the selection among these.
    pub(super) fn selection(&self, metric: Metric, rule: Rule) -> ModelSelection {
        let epochs = self.0.iter().flatten().map(Vec::len).max().unwrap_or(0);
        if self.0.len() > 1 || rule.epoch == ReportedEpoch::Best && epochs > 1 {
            self.cross_validated(metric, rule)
                .map_or(ModelSelection::Optimistic, ModelSelection::CrossValidated)
        } else {
            ModelSelection::Fixed { half_scores: None }
        }
    }

    /// The mean score of each seed over halves, where there is one candidate a seed.
    pub(super) fn half_scores(&self, metric: Metric) -> Option<Vec<f64>> {
        let only = Rule { epoch: ReportedEpoch::Last, rate: RatePick::BestMean };
        self.cross_validated(metric, only).map(|found| found.scores)
    }

    /// `None` where the metric is undefined on halves, or there are too few examples.
    fn cross_validated(&self, metric: Metric, rule: Rule) -> Option<CrossValidated> {
        let examples = self.0.first()?.first()?.first()?.len();
        if examples < 2 {
            return None;
        }
        let predictions = self.0.iter().flatten().map(Vec::len).sum::<usize>();
        let halvings = (WORK / (predictions * examples).max(1)).clamp(2, HALVINGS);
        let all: Vec<[Vec<f64>; 2]> = (0..halvings as u32)
            .into_par_iter()
            .filter_map(|number| self.halving(number, examples, metric, rule))
            .collect();
        let mean = |which: usize| {
            let of_seed =
                |s: usize| all.iter().map(|scores| scores[which][s]).sum::<f64>() / all.len() as f64;
            let scores: Vec<f64> = (0..self.0[0].len()).map(of_seed).collect();
            scores.iter().all(|score| score.is_finite()).then_some(scores)
        };
        let (scores, by_all_seeds) = (mean(0)?, mean(1)?);
        let whole = self.scored(metric, &(0..examples as u32).collect::<Vec<u32>>());
        let selected = rule.select(metric, &whole, &|_, _| true)?;
        let last_epoch = selected.iter().enumerate().map(|(seed, s)| whole[s.rate][seed].last().copied());
        Some(CrossValidated { scores, by_all_seeds, last_epoch: last_epoch.collect::<Option<Vec<f64>>>()? })
    }

    /// The score of each seed on the half of the examples that its epoch and rate were not selected on, and back: with the rate
    /// selected by the half of the seeds to which it does not belong, and by all.
    fn halving(&self, number: u32, examples: usize, metric: Metric, rule: Rule) -> Option<[Vec<f64>; 2]> {
        // The number alone decides, so that all masks are halved alike.
        let mut stream = Stream::new(1, Purpose::Bootstrap, number);
        let (mut order, mut seeds) =
            ((0..examples as u32).collect::<Vec<_>>(), (0..self.0[0].len()).collect::<Vec<_>>());
        stream.shuffle(&mut order);
        stream.shuffle(&mut seeds);
        let (one, other) = order.split_at(examples / 2);
        let scores = [self.scored(metric, one), self.scored(metric, other)];
        let first_half = &seeds[..seeds.len() / 2];
        let apart = |seed: usize, voter: usize| {
            seeds.len() == 1 || first_half.contains(&seed) != first_half.contains(&voter)
        };
        let crossed = |votes: &dyn Fn(usize, usize) -> bool| {
            let beyond = |on: usize| {
                let selected = rule.select(metric, &scores[on], votes)?;
                let score = |(seed, s): (usize, &Selected)| scores[1 - on][s.rate][seed][s.epoch];
                Some(selected.iter().enumerate().map(score).collect::<Vec<f64>>())
            };
            Some(beyond(0)?.iter().zip(&beyond(1)?).map(|(a, b)| (a + b) / 2.0).collect())
        };
        Some([crossed(&apart)?, crossed(&|_, _| true)?])
    }

    fn scored(&self, metric: Metric, examples: &[u32]) -> Vec<Vec<Vec<f64>>> {
        let epochs = |run: &Vec<Predictions>| run.iter().map(|p| p.score(metric, examples)).collect();
        self.0.iter().map(|seeds| seeds.iter().map(epochs).collect()).collect()
    }
}
