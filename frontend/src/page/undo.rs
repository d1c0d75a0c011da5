//! What was cancelled, and the way back.

use crate::component::icon::Icon;
use crate::component::lost_focus::catch_focus;
use crate::format::counted;
use crate::net::client::use_client;
use crate::net::store::use_store;
use leptos::html::Button;
use leptos::prelude::*;

/// The notice after a cancel, until it is undone or dismissed.
#[component]
pub fn CancelNotice() -> impl IntoView {
    let (store, client) = (use_store(), use_client());
    // A run ends between two steps: until then there is nothing to put back. What is not watched is taken to be over.
    let over = Memo::new(move |_| {
        client.cancelled.with(|runs| {
            store.state.with(|s| {
                let over = |run| s.runs.get(run).is_none_or(|run| run.status.is_over());
                runs.iter().flatten().all(over)
            })
        })
    });
    let undo = move |_| {
        if let Some(runs) = client.cancelled.get_untracked() {
            client.retry(runs);
        }
    };
    let count = Memo::new(move |_| client.cancelled.with(|runs| runs.as_ref().map_or(0, Vec::len)));
    let said = move || match over.get() {
        true => {
            format!("{} cancelled. Undo continues from the last checkpoint.", counted(count.get(), "run"))
        }
        false => format!("Cancelling {}…", counted(count.get(), "run")),
    };
    // The button that cancelled goes when the last run has ended. Who works by keys goes on here then, not at the top of the page.
    let button = NodeRef::<Button>::new();
    Effect::new(move |_| {
        if count.get() > 0 && over.get() {
            catch_focus(move || button.get_untracked().map(Into::into));
        }
    });
    view! {
        <Show when=move || count.get() != 0>
            <div class="message notice">
                {Icon::Ban.show()}
                <span role="status">{said}</span>
                <button class="small" node_ref=button disabled=move || !over.get() || !client.is_live() on:click=undo>
                    {Icon::Undo.show()}
                    "Undo"
                </button>
                <button class="quiet small" on:click=move |_| client.cancelled.set(None)>"Dismiss"</button>
            </div>
        </Show>
    }
}
