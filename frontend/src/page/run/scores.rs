//! A run's scores after each epoch.

use crate::best::best_score;
use crate::component::text_table::{TableFiles, TextTable};
use crate::format::{NOTHING, duration, score};
use leptos::prelude::*;
use tunemask_shared::event::Evaluation;
use tunemask_shared::metric::Metric;
use tunemask_shared::run::RunId;
use tunemask_shared::state::RunState;
use tunemask_shared::task::Task;

/// A column of the table.
#[derive(Clone, Debug, PartialEq)]
struct Column {
    metric: Metric,
    set: u8,
    title: String,
}

/// Every metric on every development set, and the loss on the first one.
fn columns(task: &Task) -> Vec<Column> {
    let sets = task.development_sets();
    let of = |metric: Metric, set: usize| {
        let named = if sets.len() > 1 { format!(" ({})", sets[set]) } else { String::new() };
        let title = metric.title();
        let title = title[..1].to_uppercase() + &title[1..] + &named;
        Column { metric, set: set as u8, title }
    };
    let metrics = task.metrics().iter().flat_map(|metric| (0..sets.len()).map(move |set| (*metric, set)));
    metrics.chain([(Metric::Loss, 0)]).map(|(metric, set)| of(metric, set)).collect()
}

fn value(evaluation: &Evaluation, column: &Column) -> String {
    let found = evaluation.scores.iter().find(|s| s.metric == column.metric && s.set == column.set);
    found.map_or(NOTHING.into(), |found| score(found.metric, found.value))
}

/// What a cell of a file of scores says: as it is read, or unrounded.
type Written = fn(&Evaluation, &Column) -> String;

fn unrounded(evaluation: &Evaluation, column: &Column) -> String {
    let found = evaluation.scores.iter().find(|s| s.metric == column.metric && s.set == column.set);
    found.filter(|found| found.value.is_finite()).map_or(String::new(), |found| found.value.to_string())
}

/// The table as a file has it.
fn file(run: &RunState, written: Written) -> TextTable {
    let columns = columns(&run.spec.task);
    let heads = ["Epoch", "Step"].map(String::from).into_iter();
    let row = |evaluation: &Evaluation| {
        let place = [evaluation.epoch.to_string(), evaluation.step.to_string()];
        let scores = columns.iter().map(|column| written(evaluation, column));
        place.into_iter().chain(scores).collect()
    };
    TextTable {
        heads: heads.chain(columns.iter().map(|column| column.title.clone())).collect(),
        rows: run.evaluations.iter().map(row).collect(),
    }
}

/// The table; words where there is no score yet.
#[component]
pub fn Scores(run: RunId, state: Memo<Option<RunState>>) -> impl IntoView {
    let table = move || {
        state.with(|run| {
            let run = run.as_ref()?;
            if run.evaluations.is_empty() {
                return Some(view! { <p class="hint">"Scores come after the first epoch."</p> }.into_any());
            }
            let columns = columns(&run.spec.task);
            let best = best_score(run).map(|best| best.epoch);
            let heads = columns.iter().map(|c| view! { <th scope="col" class="n">{c.title.clone()}</th> });
            let rows = run.evaluations.iter().map(|evaluation| {
                let is_best = Some(evaluation.epoch) == best;
                let cells = columns.iter().map(|column| {
                    let text = value(evaluation, column);
                    view! { <td class="n">{if is_best { view! { <b>{text}</b> }.into_any() } else { text.into_any() }}</td> }
                });
                view! {
                    <tr>
                        <th scope="row">{format!("Epoch {}", evaluation.epoch)} {is_best.then_some(" (best)")}</th>
                        {cells.collect_view()}
                        <td class="n">{duration(evaluation.elapsed_secs)}</td>
                    </tr>
                }
            });
            Some(
                view! {
                    <div class="scroll" role="region" tabindex="0" aria-label="Table of scores">
                        <table>
                            <thead>
                                <tr>
                                    <th scope="col">"After"</th>
                                    {heads.collect_view()}
                                    <th scope="col" class="n">"Time of the evaluation"</th>
                                </tr>
                            </thead>
                            <tbody>{rows.collect_view()}</tbody>
                        </table>
                    </div>
                }
                .into_any(),
            )
        })
    };
    let scored =
        Memo::new(move |_| state.with(|run| run.as_ref().is_some_and(|run| !run.evaluations.is_empty())));
    let written = move |written: Written| {
        state.with(|run| run.as_ref().map(|run| file(run, written)).unwrap_or_default())
    };
    let name = run.0;
    view! {
        <section aria-labelledby="scores">
            <h2 id="scores">"Scores"</h2>
            {table}
            <Show when=move || scored.get()>
                <TableFiles what="scores" name=name.clone() shown=move || written(value) exact=move || written(unrounded) />
            </Show>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn every_metric_and_the_loss_have_a_column() {
        let run = sample::run(1, 10);
        let columns = columns(&run.spec.task);
        let titles: Vec<&str> = columns.iter().map(|column| column.title.as_str()).collect();
        assert_eq!(titles, ["Accuracy", "Loss"]);
        let values =
            |epoch: usize| columns.iter().map(|c| value(&run.evaluations[epoch], c)).collect::<Vec<_>>();
        assert_eq!(values(1), ["75.0", &score(Metric::Loss, 0.25)]);
        let sets = columns_of(&Task::mnli());
        assert!(sets.iter().any(|title| title.contains("matched")), "{sets:?}");
    }

    #[test]
    fn a_file_has_every_epoch_as_it_is_read_and_unrounded() {
        let mut run = sample::run(1, 10);
        run.evaluations[0].scores[0].value = 2.0 / 3.0;
        run.evaluations[1].scores[1].value = f64::NAN;
        let shown = file(&run, value);
        assert_eq!(shown.heads, ["Epoch", "Step", "Accuracy", "Loss"]);
        assert_eq!(shown.rows[0][..3], ["1", "5", "66.7"]);
        assert_eq!(file(&run, unrounded).rows[0][..3], ["1", "5", &(2.0_f64 / 3.0).to_string()]);
        // A program reads no words among numbers.
        assert_eq!(file(&run, unrounded).rows[1], ["2", "10", "0.75", ""]);
    }

    fn columns_of(task: &Task) -> Vec<String> {
        columns(task).into_iter().map(|column| column.title).collect()
    }
}
