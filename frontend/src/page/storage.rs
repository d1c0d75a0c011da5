//! What an experiment takes on the disk, and whose weights stay there.

use crate::component::confirmation::{Confirmation, ask};
use crate::component::debounce::{Action, debounce};
use crate::component::icon::Icon;
use crate::component::lost_focus::catch_focus;
use crate::format::{counted, on_disk, thousands};
use crate::keep_rule::{LAST, RuleChoice};
use crate::net::client::{StorageAnswer, use_client};
use crate::net::store::use_store;
use leptos::html::{Dialog, Div};
use leptos::prelude::*;
use std::time::Duration;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::keep_weights::KeepWeights;
use tunemask_shared::run::RunStatus;
use tunemask_shared::storage::{Storage, Weights};

/// Quiet time after what changes the files before the server looks at the disk again.
const LOOK_AFTER: Duration = Duration::from_millis(800);

/// A rule in words, behind "keeps the weights".
fn words(rule: KeepWeights) -> String {
    match rule {
        KeepWeights::Last(runs) => format!("of the last {}", counted(runs as usize, "run")),
        other => RuleChoice::of(other).says().to_owned(),
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
    format!("Disk use is not known: {why}")
}

/// The line below the progress, and the button that asks for another rule.
#[component]
pub fn StorageLine(id: ExperimentId) -> impl IntoView {
    let (store, client) = (use_store(), use_client());
    let known = RwSignal::new(None::<Storage>);
    // Why nothing is known. It stands, and the button below it, until the next look succeeds: the focus stays there.
    let failed = RwSignal::new(None::<String>);
    let looking = RwSignal::new(false);
    let gives_back = RwSignal::new(None::<Weights>);
    let choice = RwSignal::new(RuleChoice::All);
    let last = RwSignal::new(LAST);
    let rule = Memo::new(move |_| choice.get().rule(last.get()));
    let (line, dialog) = (NodeRef::<Div>::new(), NodeRef::<Dialog>::new());
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
        looking.set(false);
        let had_failed = failed.with_untracked(Option::is_some);
        failed.set(storage.as_ref().err().cloned());
        if had_failed && storage.is_ok() {
            catch_focus(move || next_control(line, dialog));
        }
        if let Ok(storage) = storage {
            known.set(Some(storage));
            if asked == rule.get_untracked() {
                gives_back.set(Some(storage.gives_back));
            }
        }
    });
    let look = move || {
        gives_back.set(None);
        // Of no runs there is nothing to be asked.
        if last.get_untracked() > 0 {
            looking.set(true);
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
    let radio = move |own: RuleChoice| {
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
                {own.says()}
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
        (Some(why), _) if !looking.get() => unknown(&why),
        (_, Some(gives_back)) => follows(gives_back),
        (_, None) => "Looking at what is on the disk…".to_owned(),
    };
    let has_failed = Memo::new(move |_| failed.with(Option::is_some));
    let again = move || {
        let waits = move || looking.get() || !client.is_live();
        let offered = move || {
            // What is disabled loses the focus in some browsers.
            view! {
                <button
                    class="link"
                    aria-disabled=move || waits().then_some("true")
                    on:click=move |_| {
                        if !untrack(waits) {
                            look();
                        }
                    }
                >
                    {move || if looking.get() { "Looking…" } else { "Look again" }}
                </button>
            }
        };
        has_failed.get().then(offered)
    };
    let said = move || {
        let mut said = known.get().as_ref().map(takes).unwrap_or_default();
        said.extend(failed.get().filter(|_| said.is_empty()).map(|why| unknown(&why)));
        said.into_iter().map(|text| view! { <span>{text}</span> }).collect_view()
    };
    view! {
        <div class="facts storage" node_ref=line>
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
                    {RuleChoice::ALL.map(radio).collect_view()}
                    <Show when=move || choice.get() == RuleChoice::Last>{number}</Show>
                </fieldset>
                <p role="status">{question}</p>
                {again}
                <p class="hint">"Scores, curves and predictions stay. Without its weights a run cannot be exported."</p>
            </Confirmation>
        </div>
    }
}

/// Where keys go on when the button that looked again is gone: the rule that is chosen, or what asks for one.
fn next_control(line: NodeRef<Div>, dialog: NodeRef<Dialog>) -> Option<web_sys::Element> {
    let asks = dialog.get_untracked().is_some_and(|dialog| dialog.open());
    let control = if asks { "dialog input:checked" } else { ":scope > button:not(:disabled)" };
    line.get_untracked()?.query_selector(control).ok().flatten()
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
    }
}
