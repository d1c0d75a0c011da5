//! Drafts by the tab and the address of the form that they were typed into, the latest last.

use crate::form::draft::Draft;
use serde::{Deserialize, Serialize};

/// Raised when what is kept is to be read otherwise.
pub const VERSION: u32 = 2;

/// Most drafts that are kept, of all tabs; the oldest goes first.
const MAX_DRAFTS: usize = 32;

/// The drafts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Drafts {
    version: u32,
    drafts: Vec<Unstarted>,
}

/// A draft and where it was typed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Unstarted {
    /// Its place.
    pub place: Place,
    /// What stood there.
    pub draft: Draft,
}

/// A form in a tab.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The tab.
    pub tab: String,
    /// The form's address.
    pub address: String,
}

impl Default for Drafts {
    fn default() -> Drafts {
        Drafts { version: VERSION, drafts: Vec::new() }
    }
}

impl Drafts {
    /// Reads what was kept; nothing if another version of the page wrote it.
    pub fn read(text: &str) -> Drafts {
        serde_json::from_str(text).ok().filter(|read: &Drafts| read.version == VERSION).unwrap_or_default()
    }

    /// What is kept.
    pub fn write(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The one that was typed at a place.
    pub fn at(&self, place: &Place) -> Option<&Draft> {
        self.drafts.iter().find(|kept| kept.place == *place).map(|kept| &kept.draft)
    }

    /// The latest that was typed elsewhere: in this tab, or else in another.
    pub fn elsewhere(&self, place: &Place) -> Option<&Unstarted> {
        let elsewhere = || self.drafts.iter().rev().filter(|kept| kept.place != *place);
        elsewhere().find(|kept| kept.place.tab == place.tab).or_else(|| elsewhere().next())
    }

    /// Keeps a draft in place of the one before at its place.
    pub fn keep(&mut self, kept: Unstarted) {
        self.forget(&kept.place);
        self.drafts.push(kept);
        let excess = self.drafts.len().saturating_sub(MAX_DRAFTS);
        self.drafts.drain(..excess);
    }

    /// Forgets the one of a place.
    pub fn forget(&mut self, place: &Place) {
        self.drafts.retain(|kept| kept.place != *place);
    }

    /// Gives this tab the draft of a place; one that it has at that address goes to a tab `aside`, so that none is lost.
    pub fn take_over(&mut self, place: &Place, tab: &str, aside: &str) {
        let there = |kept: &&mut Unstarted| kept.place.address == place.address;
        for kept in self.drafts.iter_mut().filter(there) {
            if kept.place.tab == place.tab {
                tab.clone_into(&mut kept.place.tab);
            } else if kept.place.tab == tab {
                aside.clone_into(&mut kept.place.tab);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::field::Field;

    fn place(tab: &str, address: &str) -> Place {
        Place { tab: tab.into(), address: address.into() }
    }

    fn unstarted(tab: &str, address: &str, name: &str) -> Unstarted {
        let mut draft = Draft::default();
        draft.set(Field::Name, name.into());
        Unstarted { place: place(tab, address), draft }
    }

    fn name(draft: Option<&Draft>) -> Option<&str> {
        draft.map(|draft| draft.text(Field::Name))
    }

    #[test]
    fn each_address_has_its_own_draft() {
        let mut drafts = Drafts::default();
        for (address, name) in [("/new", "a"), ("/new?from=3", "b"), ("/new", "c")] {
            drafts.keep(unstarted("1", address, name));
        }
        let at = |address: &str| place("1", address);
        assert_eq!(name(drafts.at(&at("/new"))), Some("c"));
        assert_eq!(name(drafts.at(&at("/new?from=4"))), None);
        assert_eq!(
            drafts.elsewhere(&at("/new?from=4")).map(|kept| kept.place.address.as_str()),
            Some("/new")
        );
        assert_eq!(drafts.elsewhere(&at("/new")), Some(&unstarted("1", "/new?from=3", "b")));
        drafts.forget(&at("/new"));
        assert_eq!((drafts.at(&at("/new")), drafts.elsewhere(&at("/new?from=3"))), (None, None));
        for n in 0..100 {
            drafts.keep(unstarted("1", &format!("/new?from={n}"), "x"));
        }
        assert_eq!(drafts.drafts.len(), MAX_DRAFTS);
        assert!(drafts.at(&at("/new?from=99")).is_some());
    }

    #[test]
    fn each_tab_has_its_own_draft_and_is_offered_those_of_others() {
        let mut drafts = Drafts::default();
        for (tab, address, name) in [("1", "/new", "a"), ("1", "/new?from=3", "b"), ("2", "/new", "c")] {
            drafts.keep(unstarted(tab, address, name));
        }
        let (mine, theirs) = (place("2", "/new"), place("1", "/new"));
        assert_eq!([name(drafts.at(&mine)), name(drafts.at(&theirs))], [Some("c"), Some("a")]);
        // Its own first, then the latest of all.
        assert_eq!(drafts.elsewhere(&theirs).map(|kept| name(Some(&kept.draft))), Some(Some("b")));
        assert_eq!(drafts.elsewhere(&mine).map(|kept| name(Some(&kept.draft))), Some(Some("b")));
        assert_eq!(
            drafts.elsewhere(&place("3", "/new")).map(|kept| name(Some(&kept.draft))),
            Some(Some("c"))
        );
        // Its own goes aside, where the other tab, if it is still open, does not write over it.
        drafts.take_over(&theirs, "2", "4");
        assert_eq!([name(drafts.at(&mine)), name(drafts.at(&theirs))], [Some("a"), None]);
        drafts.keep(unstarted("1", "/new", "typed on"));
        assert_eq!(name(drafts.at(&place("4", "/new"))), Some("c"));
        drafts.take_over(&place("1", "/new?from=3"), "2", "5");
        assert_eq!(name(drafts.at(&place("2", "/new?from=3"))), Some("b"));
        assert_eq!(drafts.at(&place("1", "/new?from=3")), None);
    }

    #[test]
    fn what_is_kept_is_read_and_what_is_older_is_dropped() {
        let mut drafts = Drafts::default();
        let mut kept = unstarted("1", "/new", "γ, \"β\"");
        kept.draft.set(Field::LearningRates, "not a number".into());
        drafts.keep(kept);
        let text = drafts.write();
        assert_eq!(Drafts::read(&text), drafts);
        for other in [
            String::new(),
            "[]".into(),
            text.replace("\"version\":2", "\"version\":1"),
            text.replace("\"learning_rates\"", "\"rates\""),
            text.replace("\"pooler_trains\"", "\"pooler\""),
            text.replace("\"engine\":\"tunemask\"", "\"engine\":\"torch\""),
        ] {
            assert_ne!(other, text);
            assert_eq!(Drafts::read(&other), Drafts::default(), "{other}");
        }
    }
}
