//! The best score of a run so far.

use tunemask_shared::event::Evaluation;
use tunemask_shared::metric::{Direction, Metric};
use tunemask_shared::state::RunState;

/// A score with the epoch that reached it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BestScore {
    /// The task's first metric.
    pub metric: Metric,
    /// Its value on the first development set.
    pub value: f64,
    /// The epoch, from 1.
    pub epoch: u32,
}

impl BestScore {
    /// The value, turned round where lower is better: of two scores of one metric the better one has the higher rank.
    pub fn rank(self) -> f64 {
        match self.metric.direction() {
            Direction::Higher => self.value,
            Direction::Lower => -self.value,
        }
    }
}

/// The value of the task's first metric at the run's best epoch so far: the earlier of equal ones, and any number before
/// not-a-number.
pub fn best_score(run: &RunState) -> Option<BestScore> {
    let metric = run.spec.task.primary_metric();
    let value = |e: &Evaluation| e.scores.iter().find(|s| s.metric == metric && s.set == 0).map(|s| s.value);
    let mut best: Option<BestScore> = None;
    for evaluation in &run.evaluations {
        let Some(value) = value(evaluation) else { continue };
        if best.is_none_or(|best| metric.improves(value, best.value)) {
            best = Some(BestScore { metric, value, epoch: evaluation.epoch });
        }
    }
    best
}

/// The best of several runs; nothing where they are not scored by one metric.
pub fn best_of<'a>(runs: impl Iterator<Item = &'a RunState>) -> Option<BestScore> {
    let mut best: Option<BestScore> = None;
    for score in runs.filter_map(best_score) {
        match best {
            Some(before) if before.metric != score.metric => return None,
            Some(before) if !score.metric.improves(score.value, before.value) => {}
            _ => best = Some(score),
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn the_earlier_of_two_best_epochs_wins() {
        let mut run = sample::run(1, 10);
        assert_eq!(best_score(&run), Some(BestScore { metric: Metric::Accuracy, value: 0.75, epoch: 2 }));
        run.evaluations[0].scores[0].value = 0.75;
        assert_eq!(best_score(&run).map(|b| b.epoch), Some(1));
        run.evaluations[0].scores[0].value = f64::NAN;
        assert_eq!(best_score(&run).map(|b| b.epoch), Some(2));
        run.evaluations.clear();
        assert_eq!(best_score(&run), None);
    }

    #[test]
    fn the_best_of_several_runs_is_of_one_metric() {
        let (mut one, two) = (sample::run(1, 10), sample::run(2, 10));
        one.evaluations[0].scores[0].value = 0.9;
        let best = |runs: &[&RunState]| best_of(runs.iter().copied()).map(|best| best.value);
        assert_eq!((best(&[&two, &one]), best(&[])), (Some(0.9), None));
        let mut other = sample::run(3, 10);
        other.spec.task = tunemask_shared::task::Task::stsb();
        other.evaluations[0].scores[0].metric = other.spec.task.primary_metric();
        assert_eq!(best(&[&one, &other]), None);
    }

    #[test]
    fn an_error_ranks_higher_the_lower_it_is() {
        let rank = |metric, value| BestScore { metric, value, epoch: 1 }.rank();
        assert!(rank(Metric::Rmse, 0.5) > rank(Metric::Rmse, 0.75));
        assert!(rank(Metric::Spearman, 0.5) < rank(Metric::Spearman, 0.75));
    }
}
