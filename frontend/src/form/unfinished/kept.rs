//! Where drafts are kept: in the browser, over reloads and when it is closed. A tab knows its own by a number that it has until it is
//! closed. In a browser that keeps nothing they last as long as the page.

use super::drafts::{Drafts, Place, Unstarted, VERSION};
use crate::component::storage::{store, stored};
use crate::form::draft::Draft;
use crate::root::href;
use leptos::ev;
use leptos::prelude::*;
use web_sys::Storage;

/// Their name in the browser's storage: what another version of the page or another server of this origin keeps is not touched.
fn key() -> String {
    format!("tunemask-drafts-{VERSION}{}", href("/"))
}

/// The name of the tab's number in its own storage.
const TAB_KEY: &str = "tunemask-tab";

/// The drafts. Copies are the same.
#[derive(Clone, Copy)]
pub struct Unfinished {
    tab: StoredValue<String>,
    /// All of them, as any tab left them.
    drafts: RwSignal<Drafts>,
    /// The address of the form whose experiment is being started.
    starting: StoredValue<Option<String>>,
}

impl Unfinished {
    /// Those that the browser keeps, for all that is below.
    pub fn provide() {
        let unfinished = Unfinished {
            tab: StoredValue::new(number_of_tab()),
            drafts: RwSignal::new(Drafts::default()),
            starting: StoredValue::new(None),
        };
        unfinished.refresh();
        // Another tab has changed them. Without a key all has been cleared.
        let _ = window_event_listener(ev::storage, move |event| {
            if event.key().is_none_or(|changed| changed == key()) {
                // What the reader has cleared is not to come back with the next letter that is typed here.
                let kept = stored(&key()).map_or_else(Drafts::default, |text| Drafts::read(&text));
                unfinished.drafts.set(kept);
            }
        });
        provide_context(unfinished);
    }

    /// Reads what the browser keeps by now.
    fn refresh(self) {
        if let Some(text) = stored(&key()) {
            self.drafts.set(Drafts::read(&text));
        }
    }

    /// The one that was typed in this tab at an address.
    pub fn at(self, address: &str) -> Option<Draft> {
        self.refresh();
        self.drafts.with_untracked(|drafts| drafts.at(&self.place(address)).cloned())
    }

    /// The latest that was typed elsewhere.
    pub fn elsewhere(self, address: &str) -> Option<Unstarted> {
        self.drafts.with(|drafts| drafts.elsewhere(&self.place(address)).cloned())
    }

    /// Keeps a draft.
    pub fn keep(self, address: &str, draft: Draft) {
        let kept = Unstarted { place: self.place(address), draft };
        self.change(|drafts| drafts.keep(kept));
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
        let aside = new_number();
        self.change(|drafts| self.tab.with_value(|tab| drafts.take_over(place, tab, &aside)));
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

    /// Changes what is kept by now: other tabs have changed theirs in the meantime.
    fn change(self, change: impl FnOnce(&mut Drafts)) {
        self.refresh();
        self.drafts.update(change);
        // Where there is no room, what is typed is lost with the page, as it would be without this.
        store(&key(), &self.drafts.with_untracked(Drafts::write));
    }
}

/// The number of this tab; a new one where it has none.
///
/// The browser copies what a tab remembers when it is duplicated, and two tabs of one number would overwrite each other's
/// drafts. So the number is remembered only while no page is shown: from when one is left until the next one is there.
fn number_of_tab() -> String {
    let known = tab_storage().and_then(|storage| storage.get_item(TAB_KEY).ok().flatten());
    // A tab that crashes forgets its number; it is another one then, and is offered its drafts.
    let number = known.unwrap_or_else(new_number);
    forget_number();
    let left = number.clone();
    let _ = window_event_listener(ev::pagehide, move |_| {
        let _ = tab_storage().map(|storage| storage.set_item(TAB_KEY, &left));
    });
    // One that the browser kept whole goes on.
    let _ = window_event_listener(ev::pageshow, |_| forget_number());
    number
}

fn new_number() -> String {
    format!("{:016x}", js_sys::Math::random().to_bits())
}

fn forget_number() {
    let _ = tab_storage().map(|storage| storage.remove_item(TAB_KEY));
}

/// What the browser remembers for this tab alone.
fn tab_storage() -> Option<Storage> {
    window().session_storage().ok().flatten()
}

/// The drafts.
pub fn use_unfinished() -> Unfinished {
    expect_context::<Unfinished>()
}
