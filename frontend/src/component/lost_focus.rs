//! The focus, where what had it has left the page or been moved in it: without help, who works by keys begins at the top again.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, FocusOptions, HtmlElement};

/// Gives the focus to an element in the next picture, unless something has it by then: the reader has gone on. Where there is no
/// such element, nothing happens.
pub fn catch_focus(element: impl FnOnce() -> Option<Element> + 'static) {
    request_animation_frame(move || {
        let found = is_lost().then(element).flatten();
        if let Some(found) = found.and_then(|found| found.dyn_into::<HtmlElement>().ok()) {
            // What cannot be focused stays as it is.
            _ = found.focus();
        }
    });
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

fn is_lost() -> bool {
    document().active_element().is_none_or(|active| active.tag_name() == "BODY")
}
