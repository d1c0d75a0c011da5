//! How charts are set and which runs are shown; all of it stands in the address.

use super::colours::ColourChoice;
use super::filters::Filters;
use crate::chart::board::Board;
use crate::chart::choice::{MAX_LINES, automatic_grouping};
use crate::chart::quantity::Quantity;
use crate::component::icon::Icon;
use crate::component::part::{chip, plain_sample, sample};
use crate::format::{counted, parse_finite};
use crate::grouping::{Field, Grouping};
use crate::legend::{Dimension, KeyGroup};
use crate::nav::use_nav;
use crate::net::store::use_store;
use crate::setting::{Axis, Outliers, ScaleKind, Setting};
use crate::style::Style;
use leptos::prelude::*;
use tunemask_shared::run::{RunId, RunStatus};

/// What a logarithmic horizontal axis leaves out.
const NOT_AT_0: &str = "Points at 0 have no place on a logarithmic axis";

/// What is left of the values without outliers.
const MIDDLE: &str = "The y axes span the middle 90 % of the values";

/// The controls above the charts of an experiment.
#[component]
pub fn Toolbar(board: Board) -> impl IntoView {
    view! {
        <div class="toolbar">
            <Drawing board=board />
            <GroupingChoice board=board />
        </div>
        <Hints board=board />
        <HiddenCharts board=board />
        <Filters board=board />
        <Key board=board />
    }
}

/// The controls above the charts of a comparison.
#[component]
pub fn ComparedToolbar(board: Board) -> impl IntoView {
    view! {
        <div class="toolbar">
            <Drawing board=board />
        </div>
        <Hints board=board />
        <Key board=board />
    }
}

/// How the lines are drawn, whichever they are.
#[component]
fn Drawing(board: Board) -> impl IntoView {
    let set = move || board.setting.get();
    let scale = |is_on| if is_on { ScaleKind::Logarithmic } else { ScaleKind::Linear };
    let is_log = |scale: ScaleKind| scale == ScaleKind::Logarithmic;
    let ignore = |setting: &mut Setting, is_on| {
        setting.outliers = if is_on { Outliers::Ignored } else { Outliers::Shown };
    };
    view! {
            <AxisChoice board=board />
            <Smoothing board=board />
            {switch("log", "Log y axis", None, move || is_log(set().loss_scale), move |s, is_on| s.loss_scale = scale(is_on))}
            {switch("log-x", "Log x axis", Some(NOT_AT_0), move || is_log(set().x_scale), move |s, is_on| s.x_scale = scale(is_on))}
            {switch("outliers", "Ignore outliers", Some(MIDDLE), move || set().outliers == Outliers::Ignored, ignore)}
            <ColourChoice board=board />
            <Show when=move || board.is_zoomed()>
                <button on:click=move |_| board.reset_zoom()>"Reset zoom"</button>
            </Show>
    }
}

/// What stands on the horizontal axis.
#[component]
fn AxisChoice(board: Board) -> impl IntoView {
    let nav = use_nav();
    let choice = move |axis: Axis| {
        let word = axis.word();
        view! {
            <label>
                <input
                    type="radio"
                    name="axis"
                    value=word
                    prop:checked=move || board.setting.with(|s| s.axis == axis)
                    on:change=move |_| {
                        nav.update_view(|v| {
                            v.setting.axis = axis;
                            v.zoom = None;
                        });
                    }
                />
                <span>{word[..1].to_uppercase() + &word[1..]}</span>
            </label>
        }
    };
    view! {
        <fieldset class="segments">
            <legend>"X axis"</legend>
            {Axis::ALL.map(choice).into_iter().collect_view()}
        </fieldset>
    }
}

/// How much lines are smoothed.
#[component]
fn Smoothing(board: Board) -> impl IntoView {
    let nav = use_nav();
    let smoothing = move || board.setting.with(|s| s.smoothing);
    let set_smoothing = move |event| {
        if let Some(weight) = parse_finite(&event_target_value(&event)) {
            nav.update_view(|v| v.setting.smoothing = weight);
        }
    };
    view! {
        <label class="slider">
            "Smoothing"
            <input
                type="range"
                name="smoothing"
                min="0"
                max="0.99"
                step="0.01"
                prop:value=move || smoothing().to_string()
                on:input=set_smoothing
            />
            <output>{move || format!("{:.2}", smoothing())}</output>
        </label>
    }
}

/// A part of the setting that is on or off.
fn switch(
    name: &'static str,
    label: &'static str,
    title: Option<&'static str>,
    is_on: impl Fn() -> bool + Send + Sync + 'static,
    change: impl Fn(&mut Setting, bool) + 'static,
) -> impl IntoView {
    let nav = use_nav();
    let choose = move |event| nav.update_view(|view| change(&mut view.setting, event_target_checked(&event)));
    view! {
        <label class="check" title=title>
            <input type="checkbox" name=name prop:checked=is_on on:change=choose />
            {label}
        </label>
    }
}

/// Charts that are not shown, each with its way back.
#[component]
fn HiddenCharts(board: Board) -> impl IntoView {
    let nav = use_nav();
    let hidden = Memo::new(move |_| {
        let words = nav.route.with(|r| r.view.charts.hidden.clone());
        let mut charts = Quantity::of_tasks(&board.legend.with(|l| l.tasks.clone()));
        charts.retain(|chart| words.contains(&chart.word()));
        charts
    });
    let chips = move || {
        let back = move |chart: Quantity| {
            let (word, title) = (chart.word(), chart.title());
            let show = move || nav.update_view(|view| view.charts.hidden.retain(|other| *other != word));
            view! { <button class="chip" on:click=move |_| show()>{Icon::Eye.show()} {title}</button> }
        };
        let chips = hidden.get().into_iter().map(back).collect_view();
        view! { <div class="chips" role="group" aria-label="Show hidden charts"><span>"Hidden charts"</span>{chips}</div> }
    };
    view! { <Show when=move || !hidden.with(Vec::is_empty)>{chips}</Show> }
}

/// Which runs make one line: those that are alike in the fields that are chosen. That seeds are taken together is asked for
/// most.
#[component]
fn GroupingChoice(board: Board) -> impl IntoView {
    let nav = use_nav();
    let seeds = Memo::new(move |_| board.legend.with(|l| l.seeds.len()));
    let choose_grouping = move |chosen: Grouping| {
        // What would be done anyway need not be remembered.
        let automatic = automatic_grouping(board.drawn.with_untracked(Vec::len), seeds.get_untracked());
        nav.update_view(|v| v.setting.grouping = Some(chosen).filter(|grouping| *grouping != automatic));
    };
    let choose = move |event| {
        choose_grouping(if event_target_checked(&event) { Grouping::over_seeds() } else { Grouping::Runs });
    };
    let fields = Memo::new(move |_| {
        let several = |dimension| board.legend.with(|legend| legend.count(dimension) > 1);
        let is_told = |field: &Field| match field {
            Field::Mask => several(Dimension::Mask),
            Field::Task => several(Dimension::Task),
            Field::Rate => several(Dimension::Rate),
            Field::Seed => several(Dimension::Seed),
            Field::Status => true,
            Field::Node => board.legend.with(|legend| legend.nodes.several().is_some()),
        };
        Field::ALL.into_iter().filter(is_told).collect::<Vec<_>>()
    });
    let chips = move || {
        let one = |field: Field| {
            let toggle = move || choose_grouping(board.grouping.get_untracked().toggled(field));
            chip(move || board.grouping.get().has(field), toggle, field.title())
        };
        fields.get().into_iter().map(one).collect_view()
    };
    view! {
        <div class="chips" role="group" aria-label="Group by"><span>"Group by"</span> {chips}</div>
        <Show when=move || { seeds.get() > 1 }>
            <label class="check">
                <input
                    type="checkbox"
                    name="group"
                    prop:checked=move || board.grouping.get() == Grouping::over_seeds()
                    on:change=choose
                />
                "Mean over seeds"
            </label>
        </Show>
    }
}

/// What must be known of the charts as they are set.
#[component]
fn Hints(board: Board) -> impl IntoView {
    let runs = Memo::new(move |_| board.drawn.with(Vec::len));
    let store = use_store();
    let failed = Memo::new(move |_| {
        let has_failed = |id: &RunId| {
            store.state.with(|s| s.runs.get(id).is_some_and(|run| run.status == RunStatus::Failed))
        };
        board.drawn.with(|drawn| drawn.iter().any(has_failed))
    });
    let grouped_by_itself = move || {
        board.can_be_ordered()
            && board.grouping.get() != Grouping::Runs
            && board.setting.with(|s| s.grouping.is_none())
    };
    view! {
        <Show when=move || board.grouping.get() != Grouping::Runs>
            <p class="hint chart-hint">"A line is the mean of a group of runs, its band one standard deviation to either side."</p>
        </Show>
        <Show when=grouped_by_itself>
            <p class="hint chart-hint">
                {move || {
                    let runs = counted(runs.get(), "run");
                    format!("Lines are means over seeds: {runs} are more than the {MAX_LINES} lines that a chart has room for.")
                }}
            </p>
        </Show>
        <Show when=move || failed.get()>
            <p class="hint chart-hint">"× marks where a run failed: point at it for the reason."</p>
        </Show>
        <Show when=move || board.setting.with(|s| s.axis == Axis::Time)>
            <p class="hint chart-hint">
                "Time is a run's own: runs that train together share the time of each step by the arithmetic that each would need alone."
            </p>
        </Show>
    }
}

/// What each style of the lines means, but for the masks', which their filters show; and what no style tells.
#[component]
fn Key(board: Board) -> impl IntoView {
    let groups = Memo::new(move |_| board.legend.with(|l| l.key(board.grouping.get())));
    let alike = Memo::new(move |_| board.legend.with(|l| l.alike(board.grouping.get())));
    let group = |KeyGroup { title, coloured, entries }: KeyGroup| {
        let entry = |(style, word): (Style, String)| {
            let line = if coloured { sample(style).into_any() } else { plain_sample(style).into_any() };
            view! { <li>{line} {word}</li> }
        };
        let entries = entries.into_iter().map(entry).collect_view();
        view! { <div class="key"><span>{title}</span><ul aria-label=format!("Key: {title}")>{entries}</ul></div> }
    };
    view! {
        <div class="keys">{move || groups.get().into_iter().map(group).collect_view()}</div>
        <Show when=move || !alike.with(Vec::is_empty)>
            <p class="hint chart-hint alike">
                {Icon::Warning.show()}
                {move || {
                    let sides = alike.get().join(" or ");
                    format!(
                        "There are more lines than styles: those that differ only in {sides} look the same. Choose fewer above, or point at a row of the table of runs.",
                    )
                }}
            </p>
        </Show>
    }
}
