//! The focus, where what had it has left the page or been moved in it: without help, who works by keys begins at the top again.

use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen::JsCast;
use web_sys::{Element, FocusOptions, HtmlElement};

/// How often what has the focus is looked at.
const EVERY: Duration = Duration::from_millis(50);

/// How many times.
const LOOKS: u32 = 40;

/// Gives the focus to an element once what has it now is gone, in the next picture or soon after: what goes is often told by a later
/// message. Nothing happens where something else has it by then, for the reader has gone on, or where there is no such element.
pub fn catch_focus(element: impl FnOnce() -> Option<Element> + 'static) {
    request_animation_frame(move || catch_from(document().active_element(), element, LOOKS));
}

fn catch_from(before: Option<Element>, element: impl FnOnce() -> Option<Element> + 'static, looks: u32) {
    if is_lost() {
        if let Some(found) = element().and_then(|found| found.dyn_into::<HtmlElement>().ok()) {
            // What cannot be focused stays as it is.
            _ = found.focus();
        }
    } else if looks > 0 && document().active_element() == before {
        set_timeout(move || catch_from(before, element, looks - 1), EVERY);
    }
}

/// Gives the focus back to an element that is moved, if moving it takes the focus away: in the next pictures, or not at all.
pub fn keep_focus(element: impl FnOnce() -> Option<Element> + 'static) {
    request_animation_frame(move || catch_from(document().active_element(), element, 2));
}

/// Gives the focus to the first of these elements that the page which has come has, without scrolling to it: the focus went with
/// the page before.
pub fn catch_focus_in_new_page(selectors: &'static [&'static str]) {
    request_animation_frame(move || {
        let element = |selector: &&str| document().query_selector(selector).ok().flatten();
        let found = selectors.iter().find_map(element).filter(|_| is_lost());
        if let Some(found) = found.and_then(|found| found.dyn_into::<HtmlElement>().ok()) {
            let options = FocusOptions::new();
            options.set_prevent_scroll(true);
            _ = found.focus_with_options(&options);
        }
    });
}

/// Whether nothing has the focus.
pub fn is_lost() -> bool {
    document().active_element().is_none_or(|active| active.tag_name() == "BODY")
}
