//! Where the text is written, and what is asked.

use super::Trying;
use crate::component::icon::Icon;
use crate::legend::Legend;
use leptos::prelude::*;
use tunemask_shared::prediction::RateChoice;
use tunemask_shared::task::{Task, TaskName};

/// The fields.
#[component]
pub fn Form(trying: Trying, legend: Legend) -> impl IntoView {
    let tasks = StoredValue::new(legend.tasks);
    // The one that is asked if none is chosen, too.
    let task = Memo::new(move |_| {
        let chosen = trying.trial.with(|trial| trial.task.clone());
        tasks.with_value(|tasks| {
            let named = tasks.iter().find(|task| Some(task.name()) == chosen.as_ref());
            named.or(tasks.first()).cloned()
        })
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        trying.ask();
    };
    let has_pairs = move || task.with(|task| task.as_ref().is_some_and(Task::has_pairs));
    let label = move || match task.get() {
        Some(task) if task.has_pairs() => "First text",
        Some(task) if task.kind().is_tagging() => "Words, separated by spaces",
        _ => "Text",
    };
    let button = move || {
        if trying.asking.get() {
            view! { <button type="button" on:click=move |_| trying.stop()>{Icon::Ban.show()} "Stop"</button> }
                .into_any()
        } else {
            let live = move || trying.client.is_live();
            view! {
                <button class="primary" type="submit" disabled=move || !live()>{Icon::Play.show()} "Read it"</button>
            }
            .into_any()
        }
    };
    view! {
        <form class="try-form panel" on:submit=submit>
            <div class="fields">
                <TaskChoice trying=trying tasks=tasks.get_value() task=task />
                <RateField trying=trying />
                <SeedField trying=trying seeds=legend.seeds />
            </div>
            <TextField
                trying=trying
                id="try-text"
                label=Signal::derive(label)
                text=Signal::derive(move || trying.trial.with(|trial| trial.text.clone()))
                write=Callback::new(move |text| trying.write(|trial| trial.text = text))
            />
            <Show when=has_pairs>
                <TextField
                    trying=trying
                    id="try-pair"
                    label="Second text"
                    text=Signal::derive(move || trying.trial.with(|trial| trial.pair.clone()))
                    write=Callback::new(move |text| trying.write(|trial| trial.pair = text))
                />
            </Show>
            <div class="actions">{button} <span class="hint">"Enter reads it; Shift+Enter starts a new line."</span></div>
        </form>
    }
}

#[component]
fn TaskChoice(trying: Trying, tasks: Vec<Task>, task: Memo<Option<Task>>) -> impl IntoView {
    let option = move |own: Task| {
        let name = own.name().clone();
        let chosen = move || task.with(|task| task.as_ref().is_some_and(|task| *task.name() == name));
        view! { <option value=own.name().to_string() prop:selected=chosen>{own.title().to_owned()}</option> }
    };
    let choose = move |event| {
        let named: Option<TaskName> = event_target_value(&event).parse().ok();
        trying.stop();
        trying.client.predicted.set(None);
        // Another task may read one text where this one reads two.
        trying.write(|trial| {
            trial.task = named;
            trial.pair.clear();
        });
    };
    view! {
        <div class="field">
            <label for="try-task">"Task"</label>
            <select id="try-task" on:change=choose>{tasks.into_iter().map(option).collect_view()}</select>
        </div>
    }
}

#[component]
fn RateField(trying: Trying) -> impl IntoView {
    let all = move || trying.trial.with(|trial| trial.rates == RateChoice::All);
    let choose = move |event| {
        let rates = if event_target_value(&event) == "all" { RateChoice::All } else { RateChoice::Picked };
        trying.trial.update(|trial| trial.rates = rates);
    };
    view! {
        <div class="field">
            <label for="try-rates">"Learning rates"</label>
            <select id="try-rates" on:change=choose>
                <option value="picked" prop:selected=move || !all()>"The picked one of each mask"</option>
                <option value="all" prop:selected=all>"All"</option>
            </select>
        </div>
    }
}

#[component]
fn SeedField(trying: Trying, seeds: Vec<u64>) -> impl IntoView {
    let chosen = move || trying.trial.with(|trial| trial.seed);
    let option = move |seed: u64| {
        let text = seed.to_string();
        view! { <option value=text.clone() prop:selected=move || chosen() == Some(seed)>{text.clone()}</option> }
    };
    let choose = move |event| {
        let seed = event_target_value(&event).parse().ok();
        trying.trial.update(|trial| trial.seed = seed);
    };
    let several = seeds.len() > 1;
    several.then(|| {
        view! {
            <div class="field">
                <label for="try-seed">"Seeds"</label>
                <select id="try-seed" on:change=choose>
                    <option value="" prop:selected=move || chosen().is_none()>"Mean over all"</option>
                    {seeds.into_iter().map(option).collect_view()}
                </select>
            </div>
        }
    })
}

/// A field of prose in which Enter asks.
#[component]
fn TextField(
    trying: Trying,
    id: &'static str,
    #[prop(into)] label: Signal<&'static str>,
    text: Signal<String>,
    write: Callback<String>,
) -> impl IntoView {
    let key = move |event: leptos::ev::KeyboardEvent| {
        // While a text is being composed Enter ends that.
        if event.key() == "Enter" && !event.shift_key() && !event.is_composing() {
            event.prevent_default();
            trying.ask();
        }
    };
    view! {
        <div class="field">
            <label for=id>{move || label.get()}</label>
            <textarea
                id=id
                rows="2"
                autocomplete="off"
                prop:value=move || text.get()
                on:input=move |event| write.run(event_target_value(&event))
                on:keydown=key
            ></textarea>
        </div>
    }
}
