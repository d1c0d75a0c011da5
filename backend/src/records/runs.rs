//! One row a run: what determines it, where it stands, and how it scored.
//!
//! `spec` is the JSON of all that determines the result, of which the run's id is the hash; the columns beside it say the
//! same one by one. `best_…` and `last_…` are what each metric of the experiment's tasks was at the best epoch so far, by
//! the task's first metric, and at the last; those of a further development set end in its name.

use super::{Column, ColumnType, Value};
use serde::Serialize;
use tunemask_shared::event::{Evaluation, ExperimentId};
use tunemask_shared::metric::Metric;
use tunemask_shared::run::RunId;
use tunemask_shared::state::{ExperimentState, LabState, RunState};
use tunemask_shared::task::Task;

/// A figure that some of an experiment's runs have.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Figure {
    metric: Metric,
    /// The development set's name; `None` for the first one.
    set: Option<String>,
}

/// A cell with its column's name.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Named {
    pub(super) name: String,
    pub(super) value: Value,
}

/// What makes rows of an experiment's runs.
#[derive(Debug)]
pub(super) struct RunRows<'a> {
    id: ExperimentId,
    held: &'a ExperimentState,
    figures: Vec<Figure>,
}

impl<'a> RunRows<'a> {
    pub(super) fn new(state: &LabState, id: ExperimentId, held: &'a ExperimentState) -> Self {
        let tasks = held.tasks(&state.runs);
        let mut figures: Vec<Figure> = Vec::new();
        for metric in Metric::ALL {
            for task in tasks.iter().filter(|t| metric == Metric::Loss || t.metrics().contains(&metric)) {
                for set in 0..task.development_sets().len() {
                    let figure = Figure { metric, set: further_set(task, set) };
                    if !figures.contains(&figure) {
                        figures.push(figure);
                    }
                }
            }
        }
        Self { id, held, figures }
    }

    pub(super) fn columns(&self) -> Vec<Column> {
        use ColumnType::{Decimal, Flag, Text, Time, Whole};
        let named = |which: &str| {
            let name = move |figure: &Figure| match &figure.set {
                Some(set) => format!("{which}_{}_{set}", figure.metric.name()),
                None => format!("{which}_{}", figure.metric.name()),
            };
            self.figures.iter().map(|figure| Column::new(name(figure), Decimal)).collect::<Vec<_>>()
        };
        let settings = [
            ("experiment", Whole),
            ("experiment_name", Text),
            ("experiment_note", Text),
            ("experiment_tags", Text),
            ("run", Text),
            ("task", Text),
            ("mask", Text),
            ("learning_rate", Decimal),
            ("seed", Whole),
            ("epochs", Whole),
            ("model", Text),
            ("model_sha256", Text),
            ("delta", Text),
            ("data", Text),
            ("data_sha256", Text),
            ("engine", Text),
            ("engine_version", Whole),
            ("precision", Text),
            ("batch_size", Whole),
            ("max_length", Whole),
            ("train_limit", Whole),
            ("eval_limit", Whole),
            ("warmup_fraction", Decimal),
            ("dropout", Decimal),
            ("adam_beta1", Decimal),
            ("adam_beta2", Decimal),
            ("adam_epsilon", Decimal),
            ("epsilon_place", Text),
            ("weight_decay", Decimal),
            ("weight_decay_on", Text),
            ("max_gradient_norm", Decimal),
            ("schedule", Text),
            ("gradient_accumulation", Whole),
            ("early_stopping", Whole),
            ("class_weights", Text),
            ("pooler_trains", Flag),
            ("embedding_norm_counts", Flag),
            ("outlier_pool", Text),
            ("outlier_statistic", Text),
            ("clip_predictions", Flag),
            ("trainable", Whole),
            ("status", Text),
            ("device", Text),
            ("together", Whole),
            ("steps", Whole),
            ("step", Whole),
            ("train_loss", Decimal),
            ("best_epoch", Whole),
        ];
        let ends = [
            ("stopped_after", Whole),
            ("frozen_unchanged", Flag),
            ("trained_sha256", Text),
            ("weights_dropped", Text),
            ("elapsed_secs", Decimal),
            ("created_at", Time),
            ("started_at", Time),
            ("ended_at", Time),
            ("failure", Text),
            ("failure_cause", Text),
            ("notes", Text),
            ("spec", Text),
        ];
        let plain = |(name, column_type): (&str, ColumnType)| Column::new(name, column_type);
        let mut columns: Vec<Column> = settings.into_iter().map(plain).collect();
        columns.extend(named("best"));
        columns.push(Column::new("last_epoch", Whole));
        columns.extend(named("last"));
        columns.extend(ends.into_iter().map(plain));
        columns
    }

    /// What was set of a run: what determines it, and how many scalars train.
    pub(super) fn settings(&self, run: &RunId, state: &RunState) -> Vec<Named> {
        let mut named = self.named(run, state);
        let end = named.iter().position(|cell| cell.name == "status").unwrap_or(named.len());
        named.truncate(end);
        named
    }

    /// What became of a run, its spec left out.
    pub(super) fn results(&self, run: &RunId, state: &RunState) -> Vec<Named> {
        let mut named = self.named(run, state);
        let begin = named.iter().position(|cell| cell.name == "status").unwrap_or(0);
        named.drain(..begin);
        named.retain(|cell| cell.name != "spec");
        named
    }

    fn named(&self, run: &RunId, state: &RunState) -> Vec<Named> {
        let cells = self.columns().into_iter().zip(self.row(run, state));
        cells.map(|(column, value)| Named { name: column.name, value }).collect()
    }

    /// The row of a run of the experiment.
    pub(super) fn row(&self, run: &RunId, state: &RunState) -> Vec<Value> {
        let (spec, experiment) = (&state.spec, &self.held.experiment);
        let (best, last) = (best(state), state.evaluations.last());
        let [beta1, beta2, epsilon] = spec.adam;
        let epoch = |evaluation: Option<&Evaluation>| {
            Value::or_missing(evaluation, |evaluation| Value::Whole(evaluation.epoch.into()))
        };
        let mut row = vec![
            Value::Whole(self.id.0),
            Value::text(&experiment.name),
            Value::or_missing(Some(&self.held.note).filter(|note| !note.is_empty()), Value::text),
            Value::or_missing(Some(self.held.tags.join(", ")).filter(|tags| !tags.is_empty()), Value::Text),
            Value::text(run),
            Value::text(&spec.task),
            Value::text(&spec.mask),
            Value::Decimal(spec.learning_rate),
            Value::Whole(spec.seed),
            Value::Whole(spec.epochs.into()),
            Value::text(&experiment.model),
            Value::text(&spec.model),
            Value::or_missing(experiment.delta_file(), Value::text),
            Value::or_missing(experiment.data.as_deref().filter(|d| !d.trim().is_empty()), Value::text),
            Value::text(&spec.data),
            word(&spec.engine_kind),
            Value::Whole(spec.engine.into()),
            word(&spec.precision.unwrap_or_default()),
            Value::Whole(spec.batch_size.into()),
            Value::Whole(spec.max_length.into()),
            Value::or_missing(spec.train_limit, |limit| Value::Whole(limit.into())),
            Value::or_missing(spec.eval_limit, |limit| Value::Whole(limit.into())),
            Value::Decimal(spec.warmup_fraction),
            Value::or_missing(spec.dropout, Value::Decimal),
            Value::Decimal(beta1),
            Value::Decimal(beta2),
            Value::Decimal(epsilon),
            word(&spec.epsilon_place),
            Value::Decimal(spec.weight_decay),
            word(&spec.weight_decay_on),
            Value::or_missing(spec.max_gradient_norm, Value::Decimal),
            word(&spec.schedule),
            Value::Whole(spec.gradient_accumulation.into()),
            Value::or_missing(spec.early_stopping, |epochs| Value::Whole(epochs.into())),
            Value::or_missing(spec.class_weights.as_ref(), Value::text),
            Value::Flag(spec.switches.pooler_trains),
            Value::Flag(spec.switches.embedding_norm_counts),
            word(&spec.switches.outlier_pool),
            word(&spec.switches.outlier_statistic),
            Value::Flag(spec.clips_predictions()),
            Value::Whole(state.trainable),
            Value::text(state.status.name()),
            Value::or_missing(state.device.as_ref(), Value::text),
            Value::or_missing(state.together, |runs| Value::Whole(runs.into())),
            // Before it starts nobody has counted them.
            Value::or_missing(Some(state.steps).filter(|steps| *steps > 0), Value::Whole),
            Value::Whole(state.step),
            Value::or_missing(state.last_loss, |loss| Value::Decimal(loss.0)),
            epoch(best),
        ];
        row.extend(self.figures.iter().map(|figure| value(figure, &spec.task, best)));
        row.push(epoch(last));
        row.extend(self.figures.iter().map(|figure| value(figure, &spec.task, last)));
        let outcome = state.outcome.as_ref();
        row.extend([
            Value::or_missing(outcome.and_then(|o| o.stopped_after), |epoch| Value::Whole(epoch.into())),
            Value::or_missing(outcome, |outcome| Value::Flag(outcome.frozen_unchanged)),
            Value::or_missing(outcome, |outcome| Value::text(&outcome.trained_sha256)),
            Value::or_missing(state.weights_dropped.as_ref(), Value::text),
            Value::Decimal(state.elapsed_secs),
            Value::Time(self.held.created_ms),
            Value::or_missing(state.started_ms, Value::Time),
            Value::or_missing(state.ended_ms, Value::Time),
            Value::or_missing(state.failure.as_ref(), Value::text),
            Value::or_missing(state.failure_cause.word(), Value::text),
            Value::or_missing(Some(state.notes.join("\n")).filter(|notes| !notes.is_empty()), Value::Text),
            Value::or_missing(serde_json::to_string(spec).ok(), Value::Text),
        ]);
        row
    }
}

/// The name of a development set that is not a task's first.
fn further_set(task: &Task, set: usize) -> Option<String> {
    if set == 0 { None } else { task.development_sets().get(set).cloned() }
}

/// The evaluation at the best epoch: of a run that has finished as its last line says, of any other so far.
fn best(run: &RunState) -> Option<&Evaluation> {
    if let Some(outcome) = &run.outcome {
        return run.evaluations.iter().find(|evaluation| evaluation.epoch == outcome.best_epoch);
    }
    let metric = run.spec.task.primary_metric();
    let primary = |evaluation: &Evaluation| {
        let found = evaluation.scores.iter().find(|score| score.metric == metric && score.set == 0);
        found.map_or(f64::NAN, |score| score.value)
    };
    let better = |best, new| if metric.improves(primary(new), primary(best)) { new } else { best };
    run.evaluations.iter().reduce(better)
}

fn value(figure: &Figure, task: &Task, evaluation: Option<&Evaluation>) -> Value {
    let scores = evaluation.into_iter().flat_map(|evaluation| &evaluation.scores);
    let mut own = scores.filter(|score| {
        score.metric == figure.metric && further_set(task, usize::from(score.set)) == figure.set
    });
    Value::or_missing(own.next(), |score| Value::Decimal(score.value))
}

/// A choice by its name in experiment files.
fn word(choice: &impl Serialize) -> Value {
    let named = serde_json::to_value(choice).ok();
    Value::or_missing(named.as_ref().and_then(|name| name.as_str()), Value::text)
}
