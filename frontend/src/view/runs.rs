//! The runs of an experiment as a table.

use super::icon::Icon;
use super::part::{bar, mask_glyph, status, swatch};
use crate::chart::board::Board;
use crate::format::{NOTHING, counted, duration, number, rate, score, thousands};
use crate::legend::Seeds;
use crate::nav::{Nav, use_nav};
use crate::net::lab::{Question, use_lab};
use crate::roster::{best, done};
use crate::signal::{Memo, RwSignal};
use crate::sort::{Column, Sort, Way};
use leptos::prelude::*;
use tunemask_shared::run::{RunId, RunStatus};
use tunemask_shared::shape::ModelShape;
use tunemask_shared::state::RunState;

/// Rows shown until more are asked for.
const FIRST_ROWS: usize = 100;

/// The columns: what sorts by them, their titles, and the class of their heads.
const HEADS: [(Column, &str, &str); 10] = [
    (Column::Mask, "Mask", ""),
    (Column::Task, "Task", ""),
    (Column::Rate, "Learning rate", "n"),
    (Column::Seed, "Seed", "n"),
    (Column::Trainable, "Trainable", "n"),
    (Column::Status, "Status", ""),
    (Column::Steps, "Steps", ""),
    (Column::Loss, "Last loss", "n"),
    (Column::Best, "Best dev @ epoch", "n"),
    (Column::Time, "Time", "n"),
];

/// What stands in a row, rounded to what is seen, so that a row changes only when it looks different.
#[derive(Clone, PartialEq)]
struct Row {
    status: RunStatus,
    percent: f64,
    steps: String,
    loss: String,
    best: String,
    time: String,
    note: Option<(bool, String)>,
}

impl Row {
    fn of(run: &RunState) -> Row {
        let time = match run.status {
            RunStatus::Running => run.seconds_left().map(|s| format!("{} left", duration(s))),
            _ if run.elapsed_secs > 0.0 => Some(duration(run.elapsed_secs)),
            _ => None,
        };
        let note = match (&run.failure, &run.outcome) {
            (Some(reason), _) if run.status == RunStatus::Failed => Some((true, reason.clone())),
            (_, Some(outcome)) if outcome.frozen_unchanged => {
                Some((false, "frozen weights unchanged".into()))
            }
            (_, Some(_)) => Some((true, "frozen weights changed".into())),
            _ => None,
        };
        let steps = if run.steps > 0 {
            format!("{} / {}", thousands(run.step), thousands(run.steps))
        } else {
            String::new()
        };
        let best = best(run).map(|(metric, value, epoch)| format!("{} @ {epoch}", score(metric, value)));
        Row {
            status: run.status,
            percent: (done(run) * 100.0).round(),
            steps,
            loss: run.last_loss.map_or(NOTHING.into(), |l| number(l.0)),
            best: best.unwrap_or(NOTHING.into()),
            time: time.unwrap_or(NOTHING.into()),
            note,
        }
    }
}

/// The table of the runs shown.
#[component]
pub fn Runs(board: Board, question: Question) -> impl IntoView {
    let (lab, nav) = (use_lab(), use_nav());
    let all = RwSignal::new(false);
    let shape = Memo::new(move || {
        lab.facts.with(|f| match f.get(&question).and_then(|f| f.model.as_ref()) {
            Some(Ok(model)) => Some(model.shape),
            _ => None,
        })
    });
    let count = Memo::new(move || board.runs.with(Vec::len));
    let sort = Memo::new(move || nav.route.with(|r| r.view.sort));
    let rows = Memo::new(move || {
        let most = if all.get() { usize::MAX } else { FIRST_ROWS };
        let mut runs = match sort.get() {
            None => board.runs.get(),
            Some(sort) => board.sorted(sort),
        };
        runs.truncate(most);
        runs
    });
    view! {
        <section aria-labelledby="runs">
            <h2 id="runs">"Runs" <span class="count">{move || thousands(count.get() as u64)}</span></h2>
            <div class="scroll" role="region" tabindex="0" aria-label="Table of runs">
                <table class="runs">
                    <thead>
                        <tr>
                            {HEADS.map(|it| head(nav, it)).into_iter().collect_view()}
                            <th scope="col"><span class="visually-hidden">"Action"</span></th>
                        </tr>
                    </thead>
                    <tbody>
                        <For each=move || rows.get() key=|id| id.clone() let:run>
                            <RunRow board=board run=run shape=shape />
                        </For>
                    </tbody>
                </table>
            </div>
            <Show when=move || count.get() == 0>
                <p class="hint">"No run matches the filters above."</p>
            </Show>
            <Show when=move || { count.get() > FIRST_ROWS && !all.get() }>
                <button on:click=move |_| all.set(true)>
                    {move || format!("Show all {}", counted(count.get(), "run"))}
                </button>
            </Show>
        </section>
    }
}

/// A head that sorts by its column: once its way, once the other, then no more.
fn head(nav: Nav, (column, title, class): (Column, &'static str, &'static str)) -> impl IntoView {
    let way = move || nav.route.with(|r| r.view.sort.filter(|s| s.column == column).map(|s| s.way));
    let word = move || way().map(|way| if way == Way::Rising { "ascending" } else { "descending" });
    let click = move |_| nav.show(|v| v.sort = Sort::clicked(v.sort, column));
    view! {
        <th scope="col" class=class aria-sort=word>
            <button class="sort" on:click=click>{title}</button>
        </th>
    }
}

#[component]
fn RunRow(board: Board, run: RunId, shape: Memo<Option<ModelShape>>) -> impl IntoView {
    let lab = use_lab();
    let id = StoredValue::new(run);
    let find = move |s: &tunemask_shared::state::LabState| id.with_value(|id| s.runs.get(id).map(Row::of));
    let row = Memo::new(move || lab.state.with(find));
    let found = lab
        .state
        .with_untracked(|s| id.with_value(|id| s.runs.get(id).map(|r| (r.spec.clone(), r.trainable))));
    let (spec, trainable) = found?;
    let (style, name) = board.legend.with_untracked(|l| (l.style(&spec), l.name(&spec, Seeds::Apart)));
    let mask = spec.mask.clone();
    let picture = move || shape.get().map(|shape| mask_glyph(&mask, &shape, spec.switches));
    let text = move |get: fn(&Row) -> String| move || row.with(|r| r.as_ref().map(get));
    let state = Memo::new(move || row.with(|r| r.as_ref().map(|r| r.status)));
    let note = move || {
        row.with(|r| r.as_ref().and_then(|r| r.note.clone())).map(|(wrong, text)| {
            view! { <span class=if wrong { "note wrong" } else { "note" }>{text}</span> }
        })
    };
    let action = move || {
        let name = name.clone();
        state.get().and_then(|state| match state {
            RunStatus::Finished => None,
            s if s.is_over() => Some(
                view! {
                    <button
                        class="quiet small"
                        aria-label=format!("Retry run {name}")
                        on:click=move |_| lab.retry(vec![id.get_value()])
                    >
                        {Icon::Retry.show()}
                        "Retry"
                    </button>
                }
                .into_any(),
            ),
            _ => Some(
                view! {
                    <button
                        class="quiet small"
                        aria-label=format!("Cancel run {name}")
                        on:click=move |_| lab.cancel(vec![id.get_value()])
                    >
                        {Icon::Ban.show()}
                        "Cancel"
                    </button>
                }
                .into_any(),
            ),
        })
    };
    let bar_name = format!("Progress of seed {}", spec.seed);
    Some(view! {
        <tr
            on:pointerenter=move |_| board.hot.set(Some(id.get_value()))
            on:pointerleave=move |_| board.hot.set(None)
        >
            <th scope="row">
                <span class="mask">{swatch(style.colour)} {picture} <code>{spec.mask.to_string()}</code></span>
            </th>
            <td>{spec.task.title()}</td>
            <td class="n">{rate(spec.learning_rate)}</td>
            <td class="n">{spec.seed}</td>
            <td class="n">{thousands(trainable)}</td>
            <td class="state">{move || state.get().map(status)} {note}</td>
            <td class="steps">
                <div>
                    {move || row.with(|r| r.as_ref().map(|r| bar(r.percent / 100.0, bar_name.clone())))}
                    <span>{text(|r| r.steps.clone())}</span>
                </div>
            </td>
            <td class="n">{text(|r| r.loss.clone())}</td>
            <td class="n">{text(|r| r.best.clone())}</td>
            <td class="n">{text(|r| r.time.clone())}</td>
            <td>{action}</td>
        </tr>
    })
}
