//! What an experiment takes on the disk, and whose weights stay there.

use crate::component::confirmation::{Confirmation, ask};
use crate::component::debounce::{Action, debounce};
use crate::component::icon::Icon;
use crate::format::{counted, on_disk, thousands};
use crate::net::client::{StorageAnswer, use_client};
use crate::net::store::use_store;
use leptos::html::Dialog;
use leptos::prelude::*;
use std::time::Duration;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::keep_weights::KeepWeights;
use tunemask_shared::run::RunStatus;
use tunemask_shared::storage::{Storage, Weights};

/// Quiet time after what changes the files before the server looks at the disk again.
const LOOK_AFTER: Duration = Duration::from_millis(800);

/// Runs whose weights stay where those of the last ones are chosen anew.
const LAST: u32 = 10;

/// What is chosen of the rules; how many runs the last ones are stands apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum RuleChoice {
    All,
    Picked,
    Last,
    None,
}

const CHOICES: [(RuleChoice, &str); 4] = [
    (RuleChoice::All, "of all runs"),
    (RuleChoice::Picked, "at the learning rates that the results report"),
    (RuleChoice::Last, "of the runs that finished last"),
    (RuleChoice::None, "of none"),
];

impl RuleChoice {
    fn of(rule: KeepWeights) -> RuleChoice {
        match rule {
            KeepWeights::All => RuleChoice::All,
            KeepWeights::Picked => RuleChoice::Picked,
            KeepWeights::Last(_) => RuleChoice::Last,
            KeepWeights::None => RuleChoice::None,
        }
    }

    fn rule(self, last: u32) -> KeepWeights {
        match self {
            RuleChoice::All => KeepWeights::All,
            RuleChoice::Picked => KeepWeights::Picked,
            RuleChoice::Last => KeepWeights::Last(last),
            RuleChoice::None => KeepWeights::None,
        }
    }
}

/// A rule in words, behind "keeps the weights".
fn words(rule: KeepWeights) -> String {
    match rule {
        KeepWeights::Last(runs) => format!("of the last {}", counted(runs as usize, "run")),
        other => {
            let choice = RuleChoice::of(other);
            CHOICES.iter().find(|(known, _)| *known == choice).map_or("", |(_, words)| words).to_owned()
        }
    }
}

/// What the runs take: `12 MiB on the disk`, `3 of 9 finished runs with weights`, …
fn takes(storage: &Storage) -> Vec<String> {
    let Storage { rule, bytes, finished, whole, free, .. } = *storage;
    let mut said = vec![format!("{} on the disk", on_disk(bytes))];
    if whole < finished {
        said.push(format!(
            "{} of {} with weights",
            thousands(whole.into()),
            counted(finished as usize, "finished run")
        ));
    }
    if rule != KeepWeights::All {
        said.push(format!("keeps the weights {}", words(rule)));
    }
    said.extend(free.map(|free| format!("{} free", on_disk(free))));
    said
}

/// What follows from a rule.
fn follows(gives_back: Weights) -> String {
    match gives_back.runs {
        0 => "No weights are dropped now.".to_owned(),
        runs => format!(
            "The weights of {} are dropped, and {} on the disk become free. They do not come back without training.",
            counted(runs as usize, "run"),
            on_disk(gives_back.bytes)
        ),
    }
}

/// What is said where the server did not look.
fn unknown(why: &str) -> String {
    format!("What is on the disk is not known: {why}")
}

/// The line below the progress, and the button that asks for another rule.
#[component]
pub fn StorageLine(id: ExperimentId) -> impl IntoView {
    let (store, client) = (use_store(), use_client());
    let known = RwSignal::new(None::<Storage>);
    let failed = RwSignal::new(None::<String>);
    let gives_back = RwSignal::new(None::<Weights>);
    let choice = RwSignal::new(RuleChoice::All);
    let last = RwSignal::new(LAST);
    let rule = Memo::new(move |_| choice.get().rule(last.get()));
    let dialog = NodeRef::<Dialog>::new();
    // What changes the files: runs that finish, another rule, weights that are dropped.
    let changes = Memo::new(move |_| {
        store.state.with(|s| {
            let held = s.experiments.get(&id)?;
            let runs = || held.runs.iter().filter_map(|run| s.runs.get(run));
            let finished = runs().filter(|run| run.status == RunStatus::Finished).count();
            let bare = runs().filter(|run| run.weights_dropped.is_some()).count();
            Some((finished, bare, held.experiment.keep_weights))
        })
    });
    debounce(LOOK_AFTER, move || {
        // Read, so that it is followed: a memo that nobody reads follows nothing.
        changes.with(|_| ());
        let rule = rule.get_untracked();
        client.is_live().then(|| Box::new(move || client.ask_storage(id, rule)) as Action)
    });
    Effect::new(move |_| {
        let answer = client.storage.get().filter(|answer| answer.experiment_id == id);
        let Some(StorageAnswer { rule: asked, storage, .. }) = answer else { return };
        failed.set(storage.as_ref().err().cloned());
        if let Ok(storage) = storage {
            known.set(Some(storage));
            if asked == rule.get_untracked() {
                gives_back.set(Some(storage.gives_back));
            }
        }
    });
    let look = move || {
        gives_back.set(None);
        failed.set(None);
        // Of no runs there is nothing to be asked.
        if last.get_untracked() > 0 {
            client.ask_storage(id, rule.get_untracked());
        }
    };
    let open = move |_| {
        let now = known.with_untracked(|known| known.map(|known| known.rule)).unwrap_or_default();
        choice.set(RuleChoice::of(now));
        if let KeepWeights::Last(runs) = now {
            last.set(runs);
        }
        look();
        ask(dialog);
    };
    let radio = move |(own, says): (RuleChoice, &'static str)| {
        view! {
            <label class="check">
                <input
                    type="radio"
                    name="keep-rule"
                    prop:checked=move || choice.get() == own
                    on:change=move |_| {
                        choice.set(own);
                        look();
                    }
                />
                {says}
            </label>
        }
    };
    let number = move || {
        view! {
            <div class="field">
                <label for="keep-last">"Runs"</label>
                <input
                    id="keep-last"
                    type="number"
                    min="1"
                    prop:value=move || last.get().to_string()
                    on:input=move |e| {
                        last.set(event_target_value(&e).parse().unwrap_or(0));
                        look();
                    }
                />
            </div>
        }
    };
    let question = move || match (failed.get(), gives_back.get()) {
        _ if last.get() == 0 => "Enter how many runs, at least 1.".to_owned(),
        (Some(why), _) => unknown(&why),
        (None, Some(gives_back)) => follows(gives_back),
        (None, None) => "Looking at what is on the disk…".to_owned(),
    };
    let again = move || {
        let offered = move || {
            view! {
                <button class="link" disabled=move || !client.is_live() on:click=move |_| look()>
                    "Look again"
                </button>
            }
        };
        failed.with(Option::is_some).then(offered)
    };
    let said = move || {
        let mut said = known.get().as_ref().map(takes).unwrap_or_default();
        said.extend(failed.get().filter(|_| said.is_empty()).map(|why| unknown(&why)));
        said.into_iter().map(|text| view! { <span>{text}</span> }).collect_view()
    };
    view! {
        <div class="facts storage">
            {said}
            {move || known.with(Option::is_none).then_some(again)}
            <button class="link" on:click=open disabled=move || known.with(Option::is_none)>
                {Icon::Box.show()}
                "Weights to keep"
            </button>
            <Confirmation
                dialog=dialog
                title=format!("Whose weights of experiment #{id} to keep?")
                word="Keep these"
                otherwise="Leave it"
                possible=Signal::derive(move || client.is_live() && gives_back.with(Option::is_some))
                confirmed=Callback::new(move |()| _ = client.keep_weights(id, rule.get_untracked()))
            >
                <fieldset class="choices">
                    <legend>"Keep the weights"</legend>
                    {CHOICES.map(radio).collect_view()}
                    <Show when=move || choice.get() == RuleChoice::Last>{number}</Show>
                </fieldset>
                <p role="status">{question}</p>
                {again}
                <p class="hint">"Scores, curves and predictions stay. Without its weights a run cannot be exported."</p>
            </Confirmation>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_takes_and_what_becomes_free_is_said() {
        let storage = Storage {
            rule: KeepWeights::Last(3),
            bytes: 5000,
            finished: 9,
            whole: 3,
            gives_back: Weights { runs: 1, bytes: 3 << 20 },
            free: Some(2 << 30),
        };
        let want = [
            "5 KiB on the disk",
            "3 of 9 finished runs with weights",
            "keeps the weights of the last 3 runs",
            "2.0 GiB free",
        ];
        assert_eq!(takes(&storage), want);
        let whole = Storage { rule: KeepWeights::All, whole: 9, free: None, ..storage };
        assert_eq!(takes(&whole), ["5 KiB on the disk"]);
        assert!(
            follows(storage.gives_back)
                .starts_with("The weights of 1 run are dropped, and 3 MiB on the disk")
        );
        for rule in [KeepWeights::All, KeepWeights::Picked, KeepWeights::Last(4), KeepWeights::None] {
            assert_eq!(RuleChoice::of(rule).rule(4), rule);
        }
    }
}
