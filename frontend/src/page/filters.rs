//! Which runs are shown: a row of chips for each thing in which they differ. None pressed in a row means all of it.

use super::chip_row::{Chips, Row, toggle};
use crate::chart::board::Board;
use crate::component::part::{chip, picture, sample, swatch};
use crate::filter::{Filter, WordList};
use crate::format::counted;
use crate::legend::{Dimension, Legend};
use crate::nav::use_nav;
use crate::net::store::use_store;
use crate::style::COLOURS;
use leptos::prelude::*;
use tunemask_shared::run::RunStatus;

const MASKS: Row = Row {
    title: "Masks",
    plural: "masks",
    few: 24,
    values: |legend| legend.values(Dimension::Mask),
    label: mask_label,
    list: WordList::Masks,
};

const TASKS: Row = Row {
    title: "Tasks",
    plural: "tasks",
    few: 24,
    values: |legend| legend.tasks.iter().map(ToString::to_string).collect(),
    label: task_label,
    list: WordList::Tasks,
};

const RATES: Row = Row {
    title: "Learning rates",
    plural: "learning rates",
    few: 12,
    values: |legend| legend.values(Dimension::Rate),
    label: plain_label,
    list: WordList::Rates,
};

const SEEDS: Row = Row {
    title: "Seeds",
    plural: "seeds",
    few: 12,
    values: |legend| legend.values(Dimension::Seed),
    label: plain_label,
    list: WordList::Seeds,
};

const NODES: Row = Row {
    title: "Nodes",
    plural: "nodes",
    few: 24,
    values: |legend| legend.nodes.begun().to_vec(),
    label: plain_label,
    list: WordList::Nodes,
};

/// A mask with its colour and its picture.
fn mask_label(legend: &Legend, word: &str) -> AnyView {
    let mask = legend.masks.iter().find(|mask| mask.to_string() == word);
    let marked = legend.masks.len() > COLOURS;
    let patch = mask.and_then(|mask| legend.mask_style(mask)).map(|style| match marked {
        true => sample(style).into_any(),
        false => swatch(style.colour).into_any(),
    });
    let pictured = mask.and_then(|mask| picture(legend, mask));
    view! { {patch} {pictured} {word.to_owned()} }.into_any()
}

fn task_label(legend: &Legend, word: &str) -> AnyView {
    let task = legend.tasks.iter().find(|task| task.to_string() == word);
    task.map_or_else(|| word.to_owned(), |task| task.title().to_owned()).into_any()
}

fn plain_label(_: &Legend, word: &str) -> AnyView {
    word.to_owned().into_any()
}

/// All rows.
#[component]
pub fn Filters(board: Board) -> impl IntoView {
    let nav = use_nav();
    let filtered = move || nav.route.with(|r| !r.view.filter.is_empty());
    let clear = move |_| nav.update_view(|v| v.filter = Filter::default());
    view! {
        <div class="filters">
            <Chips board=board row=MASKS />
            <Chips board=board row=TASKS />
            <Chips board=board row=RATES />
            <Chips board=board row=SEEDS />
            <Statuses board=board />
            <Chips board=board row=NODES />
            <ChosenRuns />
            <Show when=filtered>
                <button class="quiet" on:click=clear>"Show all"</button>
            </Show>
        </div>
    }
}

/// Where runs stand. A status that is pressed has its chip though no run stands there any more.
#[component]
fn Statuses(board: Board) -> impl IntoView {
    let (store, nav) = (use_store(), use_nav());
    // Pressed, now or before: what is released keeps the focus.
    let asked = Memo::new(move |before: Option<&Vec<RunStatus>>| {
        let before = before.cloned().unwrap_or_default();
        let pressed = nav.route.with(|r| r.view.filter.statuses.clone());
        let new = pressed.into_iter().filter(|status| !before.contains(status)).collect::<Vec<_>>();
        [before, new].concat()
    });
    let shown = Memo::new(move |_| {
        store.state.with(|s| {
            let ids = s.experiments.get(&board.id).map(|e| &e.runs[..]).unwrap_or_default();
            let has = |status| ids.iter().filter_map(|id| s.runs.get(id)).any(|r| r.status == status);
            let is_shown = |status: &RunStatus| has(*status) || asked.with(|asked| asked.contains(status));
            RunStatus::ALL.into_iter().filter(is_shown).collect::<Vec<_>>()
        })
    });
    let one = move |status: RunStatus| {
        let pressed = move || nav.route.with(|r| r.view.filter.statuses.contains(&status));
        chip(pressed, move || nav.update_view(|v| toggle(&mut v.filter.statuses, status)), status.name())
    };
    view! {
        <div class="chips" role="group" aria-label="Show status">
            <span>"Status"</span>
            <For each=move || shown.get() key=|status| status.name() let:status>{one(status)}</For>
        </div>
    }
}

/// Runs that a figure of a report led to: how many, and back to all.
#[component]
fn ChosenRuns() -> impl IntoView {
    let nav = use_nav();
    let count = Memo::new(move |_| nav.route.with(|r| r.view.filter.runs.len()));
    let chips = move || {
        let back =
            chip(|| true, move || nav.update_view(|v| v.filter.runs.clear()), counted(count.get(), "run"));
        view! { <div class="chips" role="group" aria-label="Show chosen runs"><span>"Chosen"</span>{back}</div> }
    };
    view! { <Show when=move || count.get() != 0>{chips}</Show> }
}
