//! How charts are set and which runs are shown; all of it stands in the address.

use super::part::swatch;
use crate::chart::board::Board;
use crate::chart::setting::{Axis, Grouping};
use crate::decimal;
use crate::format::rate;
use crate::legend::{DASHES, Legend};
use crate::nav::use_nav;
use crate::net::lab::use_lab;
use crate::route::{STATUS_WORDS, View};
use crate::signal::Memo;
use leptos::prelude::*;

/// The controls above the charts.
#[component]
pub fn Toolbar(board: Board) -> impl IntoView {
    let nav = use_nav();
    let axes = Axis::ALL.map(|axis| {
        let checked = move || board.setting.with(|s| s.axis == axis);
        let word = axis.word();
        view! {
            <label>
                <input
                    type="radio"
                    name="axis"
                    value=word
                    prop:checked=checked
                    on:change=move |_| nav.show(|v| v.setting.axis = axis)
                />
                <span>{word[..1].to_uppercase() + &word[1..]}</span>
            </label>
        }
    });
    let smoothing = move || board.setting.with(|s| s.smoothing);
    let set_smoothing = move |event| {
        if let Some(weight) = decimal::read(&event_target_value(&event)) {
            nav.show(|v| v.setting.smoothing = weight);
        }
    };
    let grouped = move || board.setting.with(|s| s.grouping == Grouping::Seeds);
    let group = move |event| {
        let grouping = if event_target_checked(&event) { Grouping::Seeds } else { Grouping::Runs };
        nav.show(|v| v.setting.grouping = grouping);
    };
    let several_seeds = move || board.legend.with(|l| l.seeds.len() > 1);
    view! {
        <div class="toolbar">
            <fieldset class="segments">
                <legend>"X axis"</legend>
                {axes.into_iter().collect_view()}
            </fieldset>
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
            <label class="check">
                <input
                    type="checkbox"
                    name="log"
                    prop:checked=move || board.setting.with(|s| s.log_loss)
                    on:change=move |e| nav.show(|v| v.setting.log_loss = event_target_checked(&e))
                />
                "Log y axis"
            </label>
            <Show when=several_seeds>
                <label class="check">
                    <input type="checkbox" name="group" prop:checked=grouped on:change=group />
                    "Mean over seeds"
                </label>
            </Show>
            <Show when=move || board.zoom.with(Option::is_some)>
                <button on:click=move |_| board.zoom.set(None)>"Reset zoom"</button>
            </Show>
        </div>
        <Filters board=board />
        <Key board=board />
    }
}

fn chip(
    pressed: impl Fn() -> bool + Send + Sync + 'static,
    toggle: impl Fn() + 'static,
    content: impl IntoView + 'static,
) -> impl IntoView {
    view! {
        <button class="chip" aria-pressed=move || if pressed() { "true" } else { "false" } on:click=move |_| toggle()>
            {content}
        </button>
    }
}

fn toggle<T: PartialEq>(list: &mut Vec<T>, item: T) {
    match list.iter().position(|i| *i == item) {
        Some(at) => {
            list.remove(at);
        }
        None => list.push(item),
    }
}

/// Which runs are shown: none pressed in a row means all of it.
#[component]
fn Filters(board: Board) -> impl IntoView {
    let (lab, nav) = (use_lab(), use_nav());
    let words = move |words: Vec<(String, AnyView)>,
                      name: &'static str,
                      list: fn(&mut View) -> &mut Vec<String>| {
        let chips = words.into_iter().map(|(word, content)| {
            let (pressed_word, toggled) = (word.clone(), word);
            let pressed = move || nav.route.with(|r| list(&mut r.view.clone()).contains(&pressed_word));
            chip(pressed, move || nav.show(|v| toggle(list(v), toggled.clone())), content)
        });
        view! { <div class="chips" role="group" aria-label=format!("Show {name}")><span>{name}</span>{chips.collect_view()}</div> }
    };
    let tasks = move || {
        let tasks = board.legend.with(|l| l.tasks.clone());
        let chips = tasks.iter().map(|t| (t.to_string(), t.title().into_any())).collect::<Vec<_>>();
        (chips.len() > 1).then(|| words(chips, "Tasks", |v| &mut v.tasks))
    };
    let masks = move || {
        let legend = board.legend.get();
        let chip = |m: &tunemask_shared::mask::Mask| {
            let patch = legend.mask_colour(m).map(swatch);
            (m.to_string(), view! { {patch} {m.to_string()} }.into_any())
        };
        let chips = legend.masks.iter().map(chip).collect::<Vec<_>>();
        (chips.len() > 1).then(|| words(chips, "Masks", |v| &mut v.masks))
    };
    let present = Memo::new(move || {
        lab.state.with(|s| {
            let ids = s.experiments.get(&board.id).map(|e| &e.runs[..]).unwrap_or_default();
            let has = |status| ids.iter().filter_map(|id| s.runs.get(id)).any(|r| r.status == status);
            STATUS_WORDS.into_iter().filter(|(s, _)| has(*s)).collect::<Vec<_>>()
        })
    });
    let status = move || {
        let chips = present.get().into_iter().map(|(status, word)| {
            let pressed = move || nav.route.with(|r| r.view.status.contains(&status));
            chip(pressed, move || nav.show(|v| toggle(&mut v.status, status)), word)
        });
        let chips = chips.collect_view();
        view! { <div class="chips" role="group" aria-label="Show status"><span>"Status"</span>{chips}</div> }
    };
    let filtered = move || {
        nav.route.with(|r| !(r.view.tasks.is_empty() && r.view.masks.is_empty() && r.view.status.is_empty()))
    };
    let clear = move |_| {
        nav.show(|v| {
            v.tasks.clear();
            v.masks.clear();
            v.status.clear();
        });
    };
    view! {
        <div class="filters">
            {masks} {tasks} {status}
            <Show when=filtered>
                <button class="quiet" on:click=clear>"Show all"</button>
            </Show>
        </div>
    }
}

/// What colours and dashes mean where the filters do not say it.
#[component]
fn Key(board: Board) -> impl IntoView {
    let entry = |colour: Option<usize>, dash: usize, word: String| {
        let class = format!("line d{dash} {}", colour.map_or("plain".into(), |c| format!("s{c}")));
        view! {
            <li>
                <svg width="28" height="8" aria-hidden="true"><path class=class d="M1 4h26" /></svg>
                {word}
            </li>
        }
    };
    move || {
        let Legend { masks, rates, seeds, .. } = board.legend.get();
        let (name, entries) = match (masks.len(), rates.len(), seeds.len()) {
            (2.., 2..=DASHES, _) => {
                let all = rates.iter().enumerate().map(|(i, &r)| entry(None, i, rate(r)));
                ("Learning rate", all.collect_view())
            }
            (0..=1, 2.., _) => {
                let all = rates.iter().enumerate().map(|(i, &r)| entry(Some(i), 0, rate(r)));
                ("Learning rate", all.collect_view())
            }
            (0..=1, _, 2..) => {
                let all = seeds.iter().enumerate().map(|(i, s)| entry(Some(i), 0, s.to_string()));
                ("Seed", all.collect_view())
            }
            _ => return None,
        };
        Some(view! { <div class="key"><span>{name}</span><ul>{entries}</ul></div> })
    }
}
