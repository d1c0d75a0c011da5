//! The question before a run is cancelled, one for all pages: a table of thousands of runs has no room for one in each row.

use crate::component::confirmation::{Confirmation, ask};
use crate::net::client::use_client;
use crate::net::store::use_store;
use leptos::html::Dialog;
use leptos::prelude::*;
use tunemask_shared::run::RunId;

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
    // It may end while it is asked about.
    let is_open = Memo::new(move |_| {
        let open =
            |asked: &Asked| store.state.with(|s| s.runs.get(&asked.run).is_some_and(|r| !r.status.is_over()));
        asked.with(|asked| asked.as_ref().is_some_and(open))
    });
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
            otherwise="Go on"
            possible=Signal::derive(move || client.is_live() && is_open.get())
            confirmed=Callback::new(cancel)
        >
            <p>{name}</p>
            <p>
                {move || match is_open.get() {
                    true => "Undo or Retry continues it from its last checkpoint.",
                    false => "It has ended meanwhile.",
                }}
            </p>
        </Confirmation>
    }
}
