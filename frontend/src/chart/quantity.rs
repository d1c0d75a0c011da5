//! What charts show, and the columns it is read from.

use crate::net::fold::Series;
use crate::setting::Axis;
use tunemask_shared::event::Points;
use tunemask_shared::metric::Metric;
use tunemask_shared::state::RunState;
use tunemask_shared::task::Task;

/// What a chart shows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Quantity {
    /// Loss of each step's batch.
    TrainingLoss,
    /// A metric of a task on one of its development sets, after each epoch.
    Development(Task, Metric, u8),
    /// Loss on the first development set of any task, after each epoch.
    DevelopmentLoss,
    /// Learning rate of each step.
    LearningRate,
    /// Norm of each step's gradient.
    GradientNorm,
    /// Speed of each step.
    TokensPerSecond,
}

impl Quantity {
    /// The charts of an experiment with these tasks: one metric a task, or all of them of a single task.
    pub fn of_tasks(tasks: &[Task]) -> Vec<Quantity> {
        let mut charts = vec![Quantity::TrainingLoss];
        for task in tasks {
            let all = tasks.len() == 1;
            let sets = if all { task.development_sets().len() } else { 1 };
            let metrics = if all { task.metrics() } else { &task.metrics()[..1] };
            for &metric in metrics {
                charts.extend((0..sets).map(|set| Quantity::Development(task.clone(), metric, set as u8)));
            }
        }
        use Quantity::*;
        charts.extend([DevelopmentLoss, GradientNorm, LearningRate, TokensPerSecond]);
        charts
    }

    /// The caption.
    pub fn title(&self) -> String {
        match self {
            Quantity::TrainingLoss => "Training loss".into(),
            Quantity::Development(task, metric, set) => {
                let sets = task.development_sets();
                let name =
                    if sets.len() > 1 { format!(" ({})", sets[usize::from(*set)]) } else { String::new() };
                format!("{} {}{name}", task.title(), metric.title())
            }
            Quantity::DevelopmentLoss => "Development loss".into(),
            Quantity::LearningRate => "Learning rate".into(),
            Quantity::GradientNorm => "Gradient norm".into(),
            Quantity::TokensPerSecond => "Tokens per second".into(),
        }
    }

    /// The word in an address.
    pub fn word(&self) -> String {
        match self {
            Quantity::TrainingLoss => "loss".into(),
            Quantity::Development(task, metric, 0) => format!("{task}:{}", metric.name()),
            Quantity::Development(task, metric, set) => format!("{task}:{}:{set}", metric.name()),
            Quantity::DevelopmentLoss => "dev-loss".into(),
            Quantity::LearningRate => "rate".into(),
            Quantity::GradientNorm => "norm".into(),
            Quantity::TokensPerSecond => "speed".into(),
        }
    }

    /// What stands behind the caption.
    pub fn unit(&self) -> &'static str {
        match self {
            Quantity::Development(_, metric, _) if metric.in_percent() => "× 100, per epoch",
            Quantity::Development(..) | Quantity::DevelopmentLoss => "per epoch",
            Quantity::TrainingLoss => "batch mean",
            Quantity::LearningRate => "per step",
            Quantity::GradientNorm => "trained parameters",
            Quantity::TokensPerSecond => "without padding, own share of time",
        }
    }

    /// Whether it may stand on a logarithmic axis.
    pub fn may_be_log(&self) -> bool {
        matches!(self, Quantity::TrainingLoss | Quantity::DevelopmentLoss | Quantity::GradientNorm)
    }

    /// Whether it is noise to be smoothed.
    pub fn is_noisy(&self) -> bool {
        use Quantity::*;
        match self {
            TrainingLoss | GradientNorm | TokensPerSecond => true,
            Development(..) | DevelopmentLoss | LearningRate => false,
        }
    }

    /// Whether its points are few and each is to be seen.
    pub fn is_per_epoch(&self) -> bool {
        use Quantity::*;
        match self {
            Development(..) | DevelopmentLoss => true,
            TrainingLoss | LearningRate | GradientNorm | TokensPerSecond => false,
        }
    }

    /// Whether a chart of it may have a line of this run.
    pub fn concerns(&self, run: &RunState) -> bool {
        !matches!(self, Quantity::Development(task, ..) if *task != run.spec.task)
    }

    /// Whether a run has a point of it.
    pub fn has_points(&self, run: &RunState, series: Option<&Series>) -> bool {
        match self.is_per_epoch() {
            true => !run.evaluations.is_empty(),
            false => series.is_some_and(|series| !series.step.is_empty()),
        }
    }

    /// A run's line: x and y. Empty where the run has none of it.
    pub fn columns(&self, run: &RunState, series: Option<&Series>, axis: Axis) -> (Vec<f64>, Vec<f64>) {
        match self {
            Quantity::Development(task, metric, set) if run.spec.task == *task => {
                scores(run, series, axis, *metric, *set)
            }
            Quantity::Development(..) => Default::default(),
            Quantity::DevelopmentLoss => scores(run, series, axis, Metric::Loss, 0),
            Quantity::TrainingLoss => per_step(series, axis, |points| &points.loss),
            Quantity::LearningRate => per_step(series, axis, |points| &points.learning_rate),
            Quantity::GradientNorm => per_step(series, axis, |points| &points.gradient_norm),
            Quantity::TokensPerSecond => per_step(series, axis, |points| &points.tokens_per_s),
        }
    }
}

/// A column of the points, which every step has.
fn per_step(
    series: Option<&Series>,
    axis: Axis,
    column: impl Fn(&Points) -> &Vec<f64>,
) -> (Vec<f64>, Vec<f64>) {
    let Some(series) = series else { return Default::default() };
    let x = match axis {
        Axis::Step => &series.step,
        Axis::Epoch => &series.points.epoch,
        Axis::Time => &series.points.elapsed_secs,
    };
    (x.clone(), column(&series.points).clone())
}

fn scores(
    run: &RunState,
    series: Option<&Series>,
    axis: Axis,
    metric: Metric,
    set: u8,
) -> (Vec<f64>, Vec<f64>) {
    let factor = if metric.in_percent() { 100.0 } else { 1.0 };
    run.evaluations
        .iter()
        .filter_map(|e| {
            let score = e.scores.iter().find(|s| s.metric == metric && s.set == set)?;
            let x = match axis {
                Axis::Step => e.step as f64,
                Axis::Epoch => f64::from(e.epoch),
                Axis::Time => {
                    let series = series?;
                    let at = series.points.step.partition_point(|&s| s < e.step);
                    *series.points.elapsed_secs.get(at.min(series.step.len().checked_sub(1)?))?
                }
            };
            Some((x, score.value * factor))
        })
        .unzip()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use Quantity::*;

    #[test]
    fn one_task_shows_all_its_metrics() {
        let one = Quantity::of_tasks(&[Task::mnli()]);
        assert!(one.contains(&Development(Task::mnli(), Metric::Accuracy, 1)));
        assert_eq!(Development(Task::mnli(), Metric::Accuracy, 1).title(), "MNLI accuracy (mismatched)");
        let two = Quantity::of_tasks(&[Task::cola(), Task::rte()]);
        assert_eq!(two.iter().filter(|q| matches!(q, Development(..))).count(), 2);
    }

    #[test]
    fn columns_follow_the_axis() {
        let (run, series) = (sample::run(1, 10), sample::series(10));
        let line = |q: Quantity, axis| q.columns(&run, Some(&series), axis);
        assert_eq!(line(TrainingLoss, Axis::Step).0[9], 10.0);
        assert_eq!(line(TrainingLoss, Axis::Epoch).0[9], 2.0);
        assert_eq!(line(TrainingLoss, Axis::Time).0[9], 5.0);
        let metric = Development(Task::sentiment(), Metric::Accuracy, 0);
        assert_eq!(line(metric.clone(), Axis::Step), (vec![5.0, 10.0], vec![50.0, 75.0]));
        assert_eq!(line(metric.clone(), Axis::Time).0, [2.5, 5.0]);
        assert_eq!(metric.columns(&run, None, Axis::Epoch).0, [1.0, 2.0]);
        assert!(metric.columns(&run, None, Axis::Time).0.is_empty());
        assert!(Development(Task::rte(), Metric::Accuracy, 0).columns(&run, None, Axis::Epoch).0.is_empty());
        assert!(TrainingLoss.columns(&run, None, Axis::Step).0.is_empty());
    }
}
