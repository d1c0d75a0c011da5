//! The panel: the picture, and a table that says the same in numbers.

use super::drawing::{Drawing, HEIGHT, MAX_SCHEDULES, draw, style, typical};
use super::file::{diagram, names, table};
use super::lengths::{RunLength, glance, lengths, schedules, words};
use crate::chart::shapes::TickLabel;
use crate::component::resize::on_resize;
use crate::diagram::view::DiagramFiles;
use crate::form::fold::Fold;
use crate::form::list;
use crate::form::state::Form;
use crate::format::{NOTHING, counted, rate, thousands};
use crate::net::client::use_client;
use leptos::html::Div;
use leptos::prelude::*;
use tunemask_shared::plan::TrainingSet;

/// Width in pixels until the browser says another.
const WIDTH: f64 = 640.0;

/// Most runs that the picture's words name; the table has them all.
const MAX_NAMED: usize = 8;

/// The panel.
#[component]
pub fn SchedulePanel(form: Form) -> impl IntoView {
    let training = training_sets(form);
    let runs = Memo::new(move |_| {
        let tasks = form.tasks();
        form.parsed.with(|parsed| training.with(|training| lengths(&parsed.experiment, &tasks, training)))
    });
    let summary = view! {
        <h2>"Schedule"</h2>
        <span class="count">{move || runs.with(|runs| glance(runs))}</span>
    };
    view! {
        <Fold class="panel" open=false summary=summary.into_any()>
            <Picture form=form runs=runs />
            <Numbers runs=runs />
        </Fold>
    }
}

/// How many examples the tasks have, by the latest plan; as before while the next is being made of the same data.
fn training_sets(form: Form) -> Memo<Vec<TrainingSet>> {
    let client = use_client();
    let data = Memo::new(move |_| form.parsed.with(|parsed| parsed.experiment.data.clone()));
    let known = Memo::new(move |before: Option<&(Option<String>, Vec<TrainingSet>)>| {
        let data = data.get();
        let planned = client.planned.with(|planned| match planned {
            Some(Ok(plan)) => Some(plan.training.clone()),
            _ => None,
        });
        let kept = || before.filter(|(of, _)| *of == data).map(|(_, sets)| sets.clone());
        let sets = planned.or_else(kept).unwrap_or_default();
        (data, sets)
    });
    Memo::new(move |_| known.with(|(_, sets)| sets.clone()))
}

/// The learning rate over the steps.
#[component]
fn Picture(form: Form, runs: Memo<Vec<RunLength>>) -> impl IntoView {
    let node = NodeRef::<Div>::new();
    let width = RwSignal::new(WIDTH);
    on_resize(
        node,
        |element| vec![element.clone()],
        move |element| {
            let _ = width.try_set(element.get_bounding_client_rect().width());
        },
    );
    let said_of = Memo::new(move |_| {
        form.parsed.with(|parsed| words(parsed.experiment.warmup_fraction, parsed.experiment.schedule))
    });
    let typical = Memo::new(move |_| {
        form.parsed.with(|parsed| typical(parsed.experiment.warmup_fraction, parsed.experiment.schedule))
    });
    let peaks = Memo::new(move |_| form.parsed.with(|parsed| parsed.experiment.learning_rates.clone()));
    let drawing = Memo::new(move |_| {
        let all = runs.with(|runs| schedules(runs));
        peaks.with(|peaks| draw(&all, typical.get(), peaks, width.get()))
    });
    let label = move || {
        let peaks = peaks.with(|peaks| list::join(peaks.iter().map(|&peak| rate(peak))));
        let runs = runs.with(|runs| runs.iter().filter_map(said).take(MAX_NAMED).collect::<String>());
        format!("Learning rate over the steps. {} Peaks: {peaks}.{runs}", said_of.get())
    };
    let file = move || {
        let names = runs.with_untracked(|runs| names(runs));
        drawing.with_untracked(|drawing| diagram(drawing, &names, width.get_untracked()))
    };
    let csv = Signal::derive(move || runs.with(|runs| table(runs, typical.get()).csv()));
    let left_out = move || runs.with(|runs| schedules(runs).len()).saturating_sub(MAX_SCHEDULES);
    let tick = |TickLabel { x, y, anchor, text }: TickLabel| {
        view! { <text class="tick" x=format!("{x:.1}") y=format!("{y:.1}") text-anchor=anchor>{text}</text> }
    };
    let shapes = move || {
        let Drawing { grid, ticks, across, upwards, curves } = drawing.get();
        let curve = |shape: crate::chart::shapes::Shape| view! { <path class=shape.class d=shape.path /> };
        view! {
            <path class="grid" d=grid />
            {ticks.into_iter().map(tick).collect_view()}
            <text class="axis" x="4" y="12">{upwards}</text>
            <text class="axis" x=format!("{:.1}", width.get() - 16.0) y=format!("{:.1}", HEIGHT - 4.0) text-anchor="end">{across}</text>
            {curves.into_iter().map(curve).collect_view()}
        }
    };
    view! {
        <p class="hint">{move || said_of.get()}</p>
        <div class="schedule-picture" node_ref=node>
            <svg role="img" aria-label=label width=move || width.get().to_string() height=HEIGHT.to_string()>{shapes}</svg>
        </div>
        <Show when=move || { left_out() > 0 }>
            <p class="hint">{move || not_drawn(left_out())}</p>
        </Show>
        <DiagramFiles title="Schedule".to_owned() file=file csv=csv />
    }
}

/// That some schedules are not drawn.
fn not_drawn(schedules: usize) -> String {
    let (are, lists) = if schedules == 1 { ("is", "it too") } else { ("are", "all") };
    format!("{} {are} not drawn; the table lists {lists}.", counted(schedules, "shorter schedule"))
}

/// A run's steps in words; nothing while they are not known.
fn said(length: &RunLength) -> Option<String> {
    let steps = length.steps?.schedule;
    Some(format!(
        " {}: {}, {} of warm-up.",
        length.runs(),
        counted(steps.steps, "step"),
        thousands(steps.warmup_steps as u64)
    ))
}

/// Epochs and steps of each task.
#[component]
fn Numbers(runs: Memo<Vec<RunLength>>) -> impl IntoView {
    let number = |n: Option<usize>| n.map_or_else(|| NOTHING.to_owned(), |n| thousands(n as u64));
    let row = move |length: &RunLength, sample: Option<usize>| {
        let steps = length.steps;
        let sample = sample.map(|place| {
            let class = format!("line {}", style(place).classes());
            view! { <svg class="sample" width="30" height="10" aria-hidden="true"><path class=class d="M0,5H30" /></svg> }
        });
        view! {
            <tr>
                <th scope="row">{sample} {length.runs()}</th>
                <td class="n">{thousands(u64::from(length.epochs))}</td>
                <td class="n">{number(steps.map(|steps| steps.per_epoch))}</td>
                <td class="n">{number(steps.map(|steps| steps.schedule.steps))}</td>
                <td class="n">{number(steps.map(|steps| steps.schedule.warmup_steps))}</td>
            </tr>
        }
    };
    let rows = move || {
        runs.with(|runs| {
            let drawn = schedules(runs);
            let place = |length: &RunLength| {
                let schedule = length.steps?.schedule;
                drawn.iter().take(MAX_SCHEDULES).position(|drawn| *drawn == schedule)
            };
            runs.iter().map(|length| row(length, place(length))).collect_view()
        })
    };
    let unknown = move || runs.with(|runs| runs.iter().any(|length| length.steps.is_none()));
    view! {
        <div class="scroll">
            <table class="schedule-numbers">
                <thead>
                    <tr>
                        <th scope="col">"Runs"</th>
                        <th scope="col" class="n">"Epochs"</th>
                        <th scope="col" class="n">"Steps per epoch"</th>
                        <th scope="col" class="n">"Steps"</th>
                        <th scope="col" class="n">"Warm-up steps"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <Show when=unknown>
            <p class="hint">"Steps and times appear once the task's examples are counted."</p>
        </Show>
    }
}
