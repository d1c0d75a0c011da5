//! What trains and what waits, in order, and how it is put in another.

use crate::component::icon::Icon;
use crate::component::lost_focus::catch_focus;
use crate::format::{about, counted};
use crate::net::client::use_client;
use crate::net::store::use_store;
use crate::progress::Progress;
use crate::root::href;
use crate::route::Page;
use leptos::prelude::*;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::queue::QueuePlace;

/// The ways to move, with their words.
const MOVES: [(QueuePlace, &str); 3] =
    [(QueuePlace::First, "First"), (QueuePlace::Up, "Up"), (QueuePlace::Down, "Down")];

/// Whether the queue is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum QueueState {
    Open,
    Paused,
}

/// Where an experiment of the queue stands: `trains, 3 runs wait, about 2 min left`.
fn words(progress: &Progress, queue: QueueState) -> String {
    let waits = match progress.queued {
        0 => String::new(),
        1 => "1 run waits".to_owned(),
        runs => format!("{} wait", counted(runs, "run")),
    };
    let trains = match (progress.running, queue) {
        (0, _) => "",
        (_, QueueState::Paused) => "paused",
        (_, QueueState::Open) => "trains",
    };
    let left = progress.seconds_left.map(|secs| format!("about {} left", about(secs))).unwrap_or_default();
    [trains, &waits, &left].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// Whether a move would change nothing.
fn is_idle(queue: &[ExperimentId], id: ExperimentId, to: QueuePlace) -> bool {
    tunemask_shared::queue::moved(queue, id, to).is_none()
}

/// The experiments of which runs train or wait.
#[component]
pub fn QueueList() -> impl IntoView {
    let store = use_store();
    let queue = Memo::new(move |_| store.overview.with(|o| o.queue.clone()));
    // What is moved in a document loses the focus.
    let pressed = RwSignal::new(None::<String>);
    Effect::new(move |_| {
        queue.track();
        if let Some(button) = pressed.try_update_untracked(Option::take).flatten() {
            catch_focus(move || document().get_element_by_id(&button));
        }
    });
    view! {
        <Show when=move || queue.with(Vec::is_empty)>
            <p class="hint">"Nothing trains or waits."</p>
        </Show>
        <ol class="queue" aria-label="Queue">
            <For each=move || queue.get() key=|id| *id let:id>
                <Item id=id queue=queue pressed=pressed />
            </For>
        </ol>
    }
}

#[component]
fn Item(
    id: ExperimentId,
    queue: Memo<Vec<ExperimentId>>,
    /// The button that moved a row last, by its id.
    pressed: RwSignal<Option<String>>,
) -> impl IntoView {
    let (store, client) = (use_store(), use_client());
    let name = Memo::new(move |_| store.summary(id, |s| s.about.name.clone()).unwrap_or_default());
    let said = move || {
        let paused = store.overview.with(|o| o.paused);
        let queue = if paused { QueueState::Paused } else { QueueState::Open };
        store.summary(id, |s| words(&s.progress, queue))
    };
    let button = move |(to, word): (QueuePlace, &'static str)| {
        // Not disabled: who moves it to the end by keyboard stays at the button.
        let idle = move || queue.with(|queue| is_idle(queue, id, to)).to_string();
        let label = move || format!("{word}: {}", name.get());
        let icon = match to {
            QueuePlace::First => Icon::Top,
            QueuePlace::Up => Icon::Up,
            QueuePlace::Down => Icon::Down,
        };
        let control = format!("queue-{id}-{}", word.to_lowercase());
        view! {
            <button
                class="quiet small"
                id=control.clone()
                aria-label=label
                aria-disabled=idle
                title=word
                on:click=move |_| {
                    pressed.set(Some(control.clone()));
                    client.move_in_queue(id, to);
                }
            >
                {icon.show()}
            </button>
        }
    };
    view! {
        <li>
            <div>
                <a href=href(&Page::Experiment(id).url())>{format!("#{id} ")} {move || name.get()}</a>
                <span class="hint">{said}</span>
            </div>
            <Show when=move || queue.with(|queue| queue.len() > 1)>
                <span class="moves">{MOVES.map(button).collect_view()}</span>
            </Show>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_experiment_of_the_queue_says_where_it_stands() {
        let progress = Progress { running: 2, queued: 3, seconds_left: Some(120.0), ..Progress::default() };
        assert_eq!(words(&progress, QueueState::Open), "trains, 3 runs wait, about 2 min left");
        assert_eq!(words(&progress, QueueState::Paused), "paused, 3 runs wait, about 2 min left");
        assert_eq!(words(&Progress { queued: 1, ..Progress::default() }, QueueState::Open), "1 run waits");
        let queue = [1, 2].map(ExperimentId);
        assert!(
            is_idle(&queue, ExperimentId(1), QueuePlace::Up)
                && !is_idle(&queue, ExperimentId(1), QueuePlace::Down)
        );
    }
}
