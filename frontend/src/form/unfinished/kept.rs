//! Where drafts are kept: in the browser, for this tab, over reloads. A browser that keeps nothing keeps none of these either.

use super::drafts::{Drafts, Unstarted};
use crate::form::draft::Draft;
use leptos::prelude::*;
use web_sys::Storage;

/// Their name in the browser's storage.
const KEY: &str = "tunemask-drafts";

/// The drafts of this tab. Copies are the same.
#[derive(Clone, Copy)]
pub struct Unfinished {
    drafts: RwSignal<Drafts>,
    /// The address of the form whose experiment is being started.
    starting: StoredValue<Option<String>>,
}

impl Unfinished {
    /// Those that the browser kept, for all that is below.
    pub fn provide() {
        let kept = storage().and_then(|storage| storage.get_item(KEY).ok().flatten());
        let drafts = kept.map(|text| Drafts::read(&text)).unwrap_or_default();
        provide_context(Unfinished { drafts: RwSignal::new(drafts), starting: StoredValue::new(None) });
    }

    /// The one that was typed at an address.
    pub fn at(self, address: &str) -> Option<Draft> {
        self.drafts.with_untracked(|drafts| drafts.at(address).cloned())
    }

    /// The latest that was typed elsewhere.
    pub fn elsewhere(self, address: &str) -> Option<Unstarted> {
        self.drafts.with(|drafts| drafts.elsewhere(address).cloned())
    }

    /// Keeps a draft.
    pub fn keep(self, address: &str, draft: Draft) {
        self.change(|drafts| drafts.keep(Unstarted { address: address.to_owned(), draft }));
    }

    /// Forgets the draft of an address.
    pub fn forget(self, address: &str) {
        self.change(|drafts| drafts.forget(address));
    }

    /// The experiment of this address' form is being started.
    pub fn starts(self, address: &str) {
        self.starting.set_value(Some(address.to_owned()));
    }

    /// It was.
    pub fn started(self) {
        if let Some(address) = self.starting.try_update_value(Option::take).flatten() {
            self.forget(&address);
        }
    }

    fn change(self, change: impl FnOnce(&mut Drafts)) {
        self.drafts.update(change);
        let text = self.drafts.with_untracked(Drafts::write);
        // Where there is no room, what is typed is lost with the page, as it would be without this.
        let _ = storage().map(|storage| storage.set_item(KEY, &text));
    }
}

fn storage() -> Option<Storage> {
    window().session_storage().ok().flatten()
}

/// The drafts of this tab.
pub fn use_unfinished() -> Unfinished {
    expect_context::<Unfinished>()
}
