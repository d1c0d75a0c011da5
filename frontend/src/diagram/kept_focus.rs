//! The figure that has the focus, across reports: one that comes anew has other links in the place of those before.

use crate::component::focus_move::FocusMove;
use crate::component::lost_focus::is_lost;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, FocusEvent, FocusOptions, HtmlElement};

/// A figure by its diagram's title and its place there.
#[derive(Clone, Debug, PartialEq)]
struct Figure {
    title: String,
    at: usize,
}

/// The figure that has the focus, if one has. Copies are the same.
#[derive(Clone, Copy)]
pub struct KeptFocus(RwSignal<Option<Figure>>);

impl KeptFocus {
    /// None has it yet, for all that is below.
    pub fn provide() {
        provide_context(KeptFocus(RwSignal::new(None)));
    }

    /// That of the report around; of a diagram without one its own.
    pub fn around() -> KeptFocus {
        use_context().unwrap_or_else(|| KeptFocus(RwSignal::new(None)))
    }

    /// The place that had the focus in a diagram.
    pub fn place_in(self, title: &str) -> Option<usize> {
        self.0.with_untracked(|kept| kept.as_ref().filter(|kept| kept.title == title).map(|kept| kept.at))
    }

    /// A figure has it now.
    pub fn came(self, title: String, at: usize) {
        self.0.set(Some(Figure { title, at }));
    }

    /// It left a figure: for something else, or for nothing, as when the figure goes.
    pub fn left(self, event: &FocusEvent) {
        if FocusMove::of(event) == FocusMove::Elsewhere {
            self.0.set(None);
        }
    }

    /// Gives it back to a link of a diagram that was drawn anew, unless something else has it.
    pub fn give_back(self, links: &Element, title: &str) {
        let Some(at) = self.place_in(title) else { return };
        let link = links.query_selector(&format!("[data-at='{at}']")).ok().flatten();
        if let Some(link) = link.filter(|_| is_lost()).and_then(|link| link.dyn_into::<HtmlElement>().ok()) {
            let options = FocusOptions::new();
            options.set_prevent_scroll(true);
            // What cannot be focused stays as it is.
            let _ = link.focus_with_options(&options);
        }
    }
}
