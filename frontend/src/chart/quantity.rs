//! What charts show, and the columns it is read from.

use crate::net::fold::Series;
use crate::setting::Axis;
use tunemask_shared::buckets::Extremes;
use tunemask_shared::event::{Evaluation, Points};
use tunemask_shared::metric::Metric;
use tunemask_shared::series::StepsPerPoint;
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
            false => series.is_some_and(|series| !series.buckets.is_empty()),
        }
    }

    /// A run's line. Empty where the run has none of it.
    pub fn columns(&self, run: &RunState, series: Option<&Series>, axis: Axis) -> Columns {
        match self {
            Quantity::Development(task, metric, set) if run.spec.task == *task => {
                scores(run, series, axis, *metric, *set)
            }
            Quantity::Development(..) => Columns::default(),
            Quantity::DevelopmentLoss => scores(run, series, axis, Metric::Loss, 0),
            Quantity::TrainingLoss => per_step(series, axis, |points| &points.loss, |ends| &ends.loss),
            Quantity::LearningRate => {
                per_step(series, axis, |points| &points.learning_rate, |ends| &ends.learning_rate)
            }
            Quantity::GradientNorm => {
                per_step(series, axis, |points| &points.gradient_norm, |ends| &ends.gradient_norm)
            }
            Quantity::TokensPerSecond => {
                per_step(series, axis, |points| &points.tokens_per_s, |ends| &ends.tokens_per_s)
            }
        }
    }
}

/// What a run's line is drawn from: columns of equal length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Columns {
    /// Positions; they never fall.
    pub x: Vec<f64>,
    /// Values; means where a point stands for several steps.
    pub y: Vec<f64>,
    /// What a point stands for, where that is several steps.
    pub bucketed: Option<Bucketed>,
}

/// A line of which a point stands for several steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Bucketed {
    /// Steps of a point.
    pub per_point: StepsPerPoint,
    /// Steps of all points.
    pub steps: usize,
    /// The lowest value of each point's steps.
    pub lowest: Vec<f64>,
    /// The highest.
    pub highest: Vec<f64>,
    /// The value of the last step.
    pub newest: f64,
}

/// A column of the points, which every step has, with its ends where a point stands for several.
fn per_step(
    series: Option<&Series>,
    axis: Axis,
    column: impl Fn(&Points) -> &Vec<f64>,
    ends: impl Fn(&Extremes) -> &Vec<f64>,
) -> Columns {
    let Some(Series { buckets, .. }) = series else { return Columns::default() };
    let points = buckets.points();
    let x = match axis {
        Axis::Step => points.step.iter().map(|&step| step as f64).collect(),
        Axis::Epoch => points.epoch.clone(),
        Axis::Time => points.elapsed_secs.clone(),
    };
    let bucketed = buckets.extremes().map(|[lowest, highest]| Bucketed {
        per_point: StepsPerPoint { each: buckets.stride(), last: buckets.in_last() },
        steps: buckets.steps(),
        lowest: ends(lowest).clone(),
        highest: ends(highest).clone(),
        newest: column(&buckets.newest()).last().copied().unwrap_or(f64::NAN),
    });
    Columns { x, y: column(points).clone(), bucketed }
}

fn scores(run: &RunState, series: Option<&Series>, axis: Axis, metric: Metric, set: u8) -> Columns {
    let factor = if metric.in_percent() { 100.0 } else { 1.0 };
    let of = |e: &Evaluation| {
        let score = e.scores.iter().find(|s| s.metric == metric && s.set == set)?;
        let x = match axis {
            Axis::Step => e.step as f64,
            Axis::Epoch => f64::from(e.epoch),
            Axis::Time => secs_at(series?.buckets.points(), e.step)?,
        };
        Some((x, score.value * factor))
    };
    let (x, y) = run.evaluations.iter().filter_map(of).unzip();
    Columns { x, y, bucketed: None }
}

/// Seconds of training at a step, of which a point may stand for several; `None` where no point is known.
fn secs_at(points: &Points, step: u64) -> Option<f64> {
    let at = points.step.partition_point(|&s| s < step);
    let Some((&after, &secs)) = points.step.get(at).zip(points.elapsed_secs.get(at)) else {
        return points.elapsed_secs.last().copied();
    };
    let before =
        at.checked_sub(1).map_or((0, 0.0), |before| (points.step[before], points.elapsed_secs[before]));
    let share = (step - before.0) as f64 / (after - before.0) as f64;
    Some(if step == after { secs } else { before.1 + (secs - before.1) * share })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use Quantity::*;
    use tunemask_shared::buckets::Buckets;

    #[test]
    fn one_task_shows_all_its_metrics() {
        let one = Quantity::of_tasks(&[Task::mnli()]);
        assert!(one.contains(&Development(Task::mnli(), Metric::Accuracy, 1)));
        assert_eq!(Development(Task::mnli(), Metric::Accuracy, 1).title(), "MNLI accuracy (mismatched)");
        let two = Quantity::of_tasks(&[Task::cola(), Task::rte()]);
        assert_eq!(two.iter().filter(|q| matches!(q, Development(..))).count(), 2);
    }

    #[test]
    fn an_evaluation_has_its_own_time_where_a_point_stands_for_several_steps() {
        let points = sample::series(100).buckets.points().clone();
        let buckets = Buckets::of(&points, 10);
        assert_eq!(buckets.stride(), 16);
        for step in [1, 8, 16, 17, 90, 99, 100] {
            assert_eq!(secs_at(buckets.points(), step), Some(step as f64 / 2.0));
        }
        assert_eq!((secs_at(buckets.points(), 101), secs_at(&Points::default(), 1)), (Some(50.0), None));
    }

    #[test]
    fn columns_follow_the_axis() {
        let (run, series) = (sample::run(1, 10), sample::series(10));
        let line = |q: Quantity, axis| q.columns(&run, Some(&series), axis);
        assert_eq!(line(TrainingLoss, Axis::Step).x[9], 10.0);
        assert_eq!(line(TrainingLoss, Axis::Epoch).x[9], 2.0);
        assert_eq!(line(TrainingLoss, Axis::Time).x[9], 5.0);
        let metric = Development(Task::sentiment(), Metric::Accuracy, 0);
        let scores = line(metric.clone(), Axis::Step);
        assert_eq!((scores.x, scores.y), (vec![5.0, 10.0], vec![50.0, 75.0]));
        assert_eq!(line(metric.clone(), Axis::Time).x, [2.5, 5.0]);
        assert_eq!(metric.columns(&run, None, Axis::Epoch).x, [1.0, 2.0]);
        assert!(metric.columns(&run, None, Axis::Time).x.is_empty());
        assert!(Development(Task::rte(), Metric::Accuracy, 0).columns(&run, None, Axis::Epoch).x.is_empty());
        assert!(TrainingLoss.columns(&run, None, Axis::Step).x.is_empty());
    }
}
