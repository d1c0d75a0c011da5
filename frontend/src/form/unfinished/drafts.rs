//! Drafts by the address of the form that they were typed into, the latest last.

use crate::form::draft::Draft;
use serde::{Deserialize, Serialize};

/// Raised when what is kept is to be read otherwise.
const VERSION: u32 = 1;

/// Most drafts that are kept; the oldest goes first.
const MAX_DRAFTS: usize = 8;

/// The drafts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Drafts {
    version: u32,
    drafts: Vec<Unstarted>,
}

/// A draft and where it was typed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Unstarted {
    /// The address of its form.
    pub address: String,
    /// What stood there.
    pub draft: Draft,
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

    /// The one that was typed at an address.
    pub fn at(&self, address: &str) -> Option<&Draft> {
        self.drafts.iter().find(|kept| kept.address == address).map(|kept| &kept.draft)
    }

    /// The latest that was typed elsewhere.
    pub fn elsewhere(&self, address: &str) -> Option<&Unstarted> {
        self.drafts.iter().rev().find(|kept| kept.address != address)
    }

    /// Keeps a draft in place of the one before at its address.
    pub fn keep(&mut self, kept: Unstarted) {
        self.forget(&kept.address);
        self.drafts.push(kept);
        let excess = self.drafts.len().saturating_sub(MAX_DRAFTS);
        self.drafts.drain(..excess);
    }

    /// Forgets the one of an address.
    pub fn forget(&mut self, address: &str) {
        self.drafts.retain(|kept| kept.address != address);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::field::Field;

    fn unstarted(address: &str, name: &str) -> Unstarted {
        let mut draft = Draft::default();
        draft.set(Field::Name, name.into());
        Unstarted { address: address.into(), draft }
    }

    #[test]
    fn each_address_has_its_own_draft() {
        let mut drafts = Drafts::default();
        for (address, name) in [("/new", "a"), ("/new?from=3", "b"), ("/new", "c")] {
            drafts.keep(unstarted(address, name));
        }
        let name = |draft: Option<&Draft>| draft.map(|draft| draft.text(Field::Name).to_owned());
        assert_eq!(name(drafts.at("/new")).as_deref(), Some("c"));
        assert_eq!(name(drafts.at("/new?from=4")), None);
        assert_eq!(drafts.elsewhere("/new?from=4").map(|kept| kept.address.as_str()), Some("/new"));
        assert_eq!(drafts.elsewhere("/new"), Some(&unstarted("/new?from=3", "b")));
        drafts.forget("/new");
        assert_eq!((drafts.at("/new"), drafts.elsewhere("/new?from=3")), (None, None));
        for n in 0..20 {
            drafts.keep(unstarted(&format!("/new?from={n}"), "x"));
        }
        assert_eq!(drafts.drafts.len(), MAX_DRAFTS);
        assert!(drafts.at("/new?from=19").is_some());
    }

    #[test]
    fn what_is_kept_is_read_and_what_is_older_is_dropped() {
        let mut drafts = Drafts::default();
        let mut kept = unstarted("/new", "γ, \"β\"");
        kept.draft.set(Field::LearningRates, "not a number".into());
        drafts.keep(kept);
        let text = drafts.write();
        assert_eq!(Drafts::read(&text), drafts);
        for other in [
            String::new(),
            "[]".into(),
            text.replace("\"version\":1", "\"version\":0"),
            text.replace("\"learning_rates\"", "\"rates\""),
            text.replace("\"pooler_trains\"", "\"pooler\""),
            text.replace("\"engine\":\"tunemask\"", "\"engine\":\"torch\""),
        ] {
            assert_ne!(other, text);
            assert_eq!(Drafts::read(&other), Drafts::default(), "{other}");
        }
    }
}
