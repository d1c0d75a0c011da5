//! The question before a run is cancelled, one for all pages: a table of thousands of runs has no room for one in each row.

use crate::component::confirmation::{Confirmation, ask};
use crate::nav::use_nav;
use crate::net::client::use_client;
use crate::net::store::use_store;
use leptos::html::Dialog;
use leptos::prelude::*;
use tunemask_shared::run::{RunId, RunStatus};

/// The question. Copies are the same.
#[derive(Clone, Copy)]
pub struct Cancelling {
    asked: RwSignal<Option<Asked>>,
    dialog: NodeRef<Dialog>,
}

/// What is asked about.
#[derive(Clone, Debug, PartialEq)]
struct Asked {
    run: RunId,
    name: String,
}

impl Cancelling {
    /// For all that is below.
    pub fn provide() {
        provide_context(Cancelling { asked: RwSignal::new(None), dialog: NodeRef::new() });
    }

    /// Asks whether a run of this name is to be cancelled, and does it if so.
    pub fn ask(self, run: RunId, name: String) {
        self.asked.set(Some(Asked { run, name }));
        ask(self.dialog);
    }
}

/// The question of this page.
pub fn use_cancelling() -> Cancelling {
    expect_context::<Cancelling>()
}

/// Its dialog.
#[component]
pub fn CancelQuestion() -> impl IntoView {
    let (store, client, Cancelling { asked, dialog }) = (use_store(), use_client(), use_cancelling());
    let name = move || asked.with(|asked| asked.as_ref().map(|asked| asked.name.clone()));
    // Its page may be left by the browser's way back, and then nothing is known of it.
    let nav = use_nav();
    let page = Memo::new(move |_| nav.route.with(|route| route.page.clone()));
    Effect::watch(
        move || page.get(),
        move |_, _, _| {
            if let Some(dialog) = dialog.get_untracked() {
                dialog.close();
            }
            asked.set(None);
        },
        false,
    );
    // It may end while it is asked about.
    let is_open = Memo::new(move |_| {
        let open =
            |asked: &Asked| store.state.with(|s| s.runs.get(&asked.run).is_some_and(|r| !r.status.is_over()));
        asked.with(|asked| asked.as_ref().is_some_and(open))
    });
    let consequence = move || {
        let (status, step) = asked.with(|asked| {
            let known = |asked: &Asked| {
                store.state.with(|s| s.runs.get(&asked.run).map(|run| (run.status, run.step)))
            };
            asked.as_ref().and_then(known).unwrap_or((RunStatus::Queued, 0))
        });
        match (is_open.get(), step, status) {
            (false, ..) => "It has ended in the meantime.",
            (true, 1.., _) => "Undo or Retry continues it from its last checkpoint.",
            (true, 0, RunStatus::Running) => "It has taken no step yet; Undo or Retry queues it again.",
            (true, 0, _) => "It has not begun; Undo or Retry queues it again.",
        }
    };
    let cancel = move |()| {
        if let Some(Asked { run, .. }) = asked.get_untracked() {
            client.cancel(vec![run]);
        }
    };
    view! {
        <Confirmation
            dialog=dialog
            title="Cancel this run?".to_owned()
            word="Cancel run"
            otherwise="Keep it"
            possible=Signal::derive(move || client.is_live() && is_open.get())
            confirmed=Callback::new(cancel)
        >
            <p>{name}</p>
            <p>{consequence}</p>
        </Confirmation>
    }
}
