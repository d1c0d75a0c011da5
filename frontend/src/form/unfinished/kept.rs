//! Where drafts are kept: in the browser, over reloads and when it is closed. A tab knows its own by a number that it has until it is
//! closed. A browser that keeps nothing keeps none of these either.

use super::drafts::{Drafts, Place, Unstarted};
use crate::component::storage::{store, stored};
use crate::form::draft::Draft;
use leptos::prelude::*;

/// Their name in the browser's storage.
const KEY: &str = "tunemask-drafts";

/// The name of the tab's number in its own storage.
const TAB_KEY: &str = "tunemask-tab";

/// The drafts. Copies are the same.
#[derive(Clone, Copy)]
pub struct Unfinished {
    tab: StoredValue<String>,
    /// All of them as they were when the page came, and what this tab has changed since.
    drafts: RwSignal<Drafts>,
    /// The address of the form whose experiment is being started.
    starting: StoredValue<Option<String>>,
}

impl Unfinished {
    /// Those that the browser kept, for all that is below.
    pub fn provide() {
        provide_context(Unfinished {
            tab: StoredValue::new(tab()),
            drafts: RwSignal::new(kept()),
            starting: StoredValue::new(None),
        });
    }

    /// The one that was typed in this tab at an address.
    pub fn at(self, address: &str) -> Option<Draft> {
        self.drafts.with_untracked(|drafts| drafts.at(&self.place(address)).cloned())
    }

    /// The latest that was typed elsewhere.
    pub fn elsewhere(self, address: &str) -> Option<Unstarted> {
        self.drafts.with(|drafts| drafts.elsewhere(&self.place(address)).cloned())
    }

    /// Keeps a draft.
    pub fn keep(self, address: &str, draft: Draft) {
        let kept = Unstarted { place: self.place(address), draft };
        self.change(|drafts| drafts.keep(kept.clone()));
    }

    /// Forgets the draft of this tab at an address.
    pub fn forget(self, address: &str) {
        self.discard(&self.place(address));
    }

    /// Forgets a draft.
    pub fn discard(self, place: &Place) {
        self.change(|drafts| drafts.forget(place));
    }

    /// Makes a draft this tab's own.
    pub fn take_over(self, place: &Place) {
        self.change(|drafts| self.tab.with_value(|tab| drafts.take_over(place, tab)));
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

    fn place(self, address: &str) -> Place {
        Place { tab: self.tab.get_value(), address: address.to_owned() }
    }

    /// Changes what is shown here, and what is kept by now: other tabs have changed theirs meanwhile.
    fn change(self, change: impl Fn(&mut Drafts)) {
        self.drafts.update(&change);
        let mut now = kept();
        change(&mut now);
        // Where there is no room, what is typed is lost with the page, as it would be without this.
        store(KEY, &now.write());
    }
}

/// What the browser keeps.
fn kept() -> Drafts {
    stored(KEY).map(|text| Drafts::read(&text)).unwrap_or_default()
}

/// The number of this tab; a new one where it has none.
fn tab() -> String {
    let storage = window().session_storage().ok().flatten();
    let known = storage.as_ref().and_then(|storage| storage.get_item(TAB_KEY).ok().flatten());
    known.unwrap_or_else(|| {
        let new = format!("{:016x}", js_sys::Math::random().to_bits());
        // A tab that cannot remember it is another one after a reload, and is offered its drafts.
        let _ = storage.map(|storage| storage.set_item(TAB_KEY, &new));
        new
    })
}

/// The drafts.
pub fn use_unfinished() -> Unfinished {
    expect_context::<Unfinished>()
}
