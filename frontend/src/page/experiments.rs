//! All experiments, the newest first. An empty lab shows the form.

use crate::component::icon::Icon;
use crate::component::part::progress_bar;
use crate::form::experiment_form::ExperimentForm;
use crate::format::{about, ago, counted};
use crate::net::store::use_store;
use crate::progress::{Progress, words};
use crate::root::href;
use crate::route::{Page, Prefill};
use leptos::prelude::*;
use tunemask_shared::comparison::Comparison;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::overview::{About, Summary};
use tunemask_shared::task::TaskName;

/// The page at `/`.
#[component]
pub fn ExperimentsPage() -> impl IntoView {
    let store = use_store();
    let empty = Memo::new(move |_| store.overview.with(|o| o.experiments.is_empty()));
    move || {
        if empty.get() {
            return view! {
                <ExperimentForm
                    prefill=Prefill::Nothing
                    lead="Nothing has been trained here yet. The form is filled in to compare four masks \
                          of the built-in tiny model on two built-in tasks: press Start and watch."
                />
            }
            .into_any();
        }
        view! { <List /> }.into_any()
    }
}

/// The experiments that are looked for.
#[component]
fn List() -> impl IntoView {
    let store = use_store();
    let (words, archived) = (RwSignal::new(String::new()), RwSignal::new(false));
    let chosen = RwSignal::new(Vec::new());
    let put_away = Memo::new(move |_| {
        store.overview.with(|o| o.experiments.values().filter(|s| s.about.archived).count())
    });
    let ids = Memo::new(move |_| {
        let (words, archived) = (words.get(), archived.get());
        store.overview.with(|o| {
            let shown = o.experiments.iter().rev().filter(|(_, s)| archived || !s.about.archived);
            shown.filter(|(id, s)| is_found(&words, **id, &s.about)).map(|(id, _)| *id).collect::<Vec<_>>()
        })
    });
    let nothing = move || {
        let hidden = put_away.get();
        match (words.with(|words| words.trim().is_empty()), archived.get()) {
            (true, false) => format!("All {hidden} experiments are archived."),
            (false, false) if hidden > 0 => "No experiment matches; archived ones were not searched.".into(),
            _ => "No experiment matches.".to_owned(),
        }
    };
    view! {
        <div class="page-head">
            <h1>"Experiments"</h1>
            <a class="button primary" href=href("/new")>{Icon::Plus.show()} "New experiment"</a>
        </div>
        <search class="finder">
            <input
                type="search"
                aria-label="Search experiments"
                placeholder="Name, tag, task, mask, model"
                prop:value=move || words.get()
                on:input=move |e| words.set(event_target_value(&e))
            />
            <Show when=move || put_away.get() != 0>
                <label class="tick">
                    <input type="checkbox" prop:checked=move || archived.get() on:change=move |e| archived.set(event_target_checked(&e)) />
                    {move || format!("Archived ({})", put_away.get())}
                </label>
            </Show>
        </search>
        <Show when=move || ids.with(Vec::is_empty)>
            <p class="hint" role="status">{nothing}</p>
        </Show>
        <ChosenExperiments chosen=chosen />
        <ol class="experiments">
            <For each=move || ids.get() key=|id| *id let:id>
                <Item id=id chosen=chosen />
            </For>
        </ol>
    }
}

/// Whether an experiment has every word somewhere in what is known of it, whatever the case; `#3` is its number.
fn is_found(words: &str, id: ExperimentId, about: &About) -> bool {
    let known = [&about.name, &about.model, &about.note].into_iter().chain(about.data.as_ref());
    let known = known.chain(&about.tags).chain(&about.tasks).chain(&about.masks);
    let text = known.fold(format!("#{id}"), |all, more| all + "\n" + more).to_lowercase();
    words.to_lowercase().split_whitespace().all(|word| text.contains(word))
}

/// What stands in the list.
#[derive(Clone, PartialEq)]
struct Card {
    name: String,
    model: String,
    grid: String,
    created_ms: u64,
    tags: Vec<String>,
    note: String,
    archived: bool,
    same_runs_as: Option<ExperimentId>,
    progress: Progress,
}

/// Says that another experiment has exactly the same runs.
pub fn same_runs(other: ExperimentId) -> impl IntoView {
    view! { <span>"same runs as " <a href=href(&format!("/experiments/{other}"))>{format!("#{other}")}</a></span> }
}

/// How many are chosen, and the way to their comparison; nothing until one is.
#[component]
fn ChosenExperiments(chosen: RwSignal<Vec<ExperimentId>>) -> impl IntoView {
    let bar = move || {
        let ids = chosen.get();
        let count = ids.len();
        let way = match Comparison::Experiments(ids).checked() {
            Ok(comparison) => {
                let address = href(&Page::Compare(Ok(comparison)).url());
                view! { <a class="button primary" href=address>{Icon::Compare.show()} {format!("Compare {count}")}</a> }.into_any()
            }
            Err(_) if count < 2 => {
                view! { <span class="hint">"Choose another to compare them."</span> }.into_any()
            }
            Err(why) => view! { <span class="hint">{why.to_string()}</span> }.into_any(),
        };
        view! {
            <div class="chosen-experiments" role="group" aria-label="Chosen to be compared">
                <span role="status">{format!("{} chosen", counted(count, "experiment"))}</span>
                {way}
                <button class="quiet" on:click=move |_| chosen.set(Vec::new())>"Clear"</button>
            </div>
        }
    };
    view! { <Show when=move || !chosen.with(Vec::is_empty)>{bar}</Show> }
}

#[component]
fn Item(id: ExperimentId, chosen: RwSignal<Vec<ExperimentId>>) -> impl IntoView {
    let store = use_store();
    let card = Memo::new(move |_| {
        store.summary(id, |Summary { about, progress }| {
            let names: Vec<TaskName> = about.tasks.iter().filter_map(|name| name.parse().ok()).collect();
            let tasks: Vec<&str> = names.iter().map(TaskName::title).collect();
            Card {
                name: about.name.clone(),
                model: about.model.rsplit('/').next().unwrap_or_default().to_owned(),
                grid: format!("{} · {}", tasks.join(", "), about.masks.join(", ")),
                created_ms: about.created_ms,
                tags: about.tags.clone(),
                note: about.note.lines().next().unwrap_or_default().to_owned(),
                archived: about.archived,
                same_runs_as: about.same_runs_as,
                progress: progress.clone(),
            }
        })
    });
    let choose = move |_| {
        chosen.update(|ids| match ids.iter().position(|other| *other == id) {
            Some(at) => drop(ids.remove(at)),
            None => ids.push(id),
        });
    };
    let choice = move |name: String| {
        view! {
            <label class="choose" title="Choose to compare">
                <input
                    type="checkbox"
                    aria-label=format!("Choose {name} to be compared")
                    prop:checked=move || chosen.with(|ids| ids.contains(&id))
                    on:change=choose
                />
            </label>
        }
    };
    let now = js_sys::Date::now() as u64;
    let shown = move |card: Card| {
        let p = &card.progress;
        let left = p.seconds_left.map(|s| format!("about {} left", about(s)));
        let state = if p.is_active() { "active" } else { "over" };
        let tags = card.tags.iter().map(|tag| view! { <li>{tag.clone()}</li> }).collect_view();
        view! {
            <article class=state>
                <h2><a href=href(&format!("/experiments/{id}"))>{card.name.clone()}</a></h2>
                {choice(card.name.clone())}
                <p class="facts">
                    <span>{format!("#{id}")}</span>
                    <span>{card.model.clone()}</span>
                    <span>{counted(p.runs, "run")}</span>
                    <span>{ago(card.created_ms, now)}</span>
                    {card.archived.then(|| view! { <span>"archived"</span> })}
                    {card.same_runs_as.map(same_runs)}
                </p>
                <p class="grid-words">{card.grid.clone()}</p>
                {(!card.note.is_empty()).then(|| view! { <p class="written-note">{card.note.clone()}</p> })}
                {(!card.tags.is_empty()).then(|| view! { <ul class="tags" aria-label="Tags">{tags}</ul> })}
                <div class="progress">
                    {progress_bar(p, format!("Progress of {}", card.name))}
                    <span>{words(p)}</span>
                    <span class="left">{left}</span>
                </div>
            </article>
        }
    };
    view! { <li>{move || card.get().map(shown)}</li> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn experiments_are_found_by_all_that_is_known_of_them() {
        let e = About {
            name: "LayerNorms β".into(),
            model: "builtin:tiny".into(),
            masks: vec!["layernorm_a".into()],
            tags: vec!["Paper".into()],
            note: "for the appendix".into(),
            ..About::default()
        };
        for words in ["", " layernorms", "Β paper", "#12", "APPENDIX layernorm_a", "tiny"] {
            assert!(is_found(words, ExperimentId(12), &e), "{words}");
        }
        for words in ["bitfit", "paper draft", "#2 "] {
            assert!(!is_found(words, ExperimentId(12), &e), "{words}");
        }
    }
}
