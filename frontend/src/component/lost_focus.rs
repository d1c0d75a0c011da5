//! The focus, where what had it has left the page or been moved in it: without help, who works by keys begins at the top again.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// Gives the focus to an element in the next picture, unless something has it by then: the reader has gone on. Where there is no
/// such element, nothing happens.
pub fn catch_focus(element: impl FnOnce() -> Option<Element> + 'static) {
    request_animation_frame(move || {
        let lost = document().active_element().is_none_or(|active| active.tag_name() == "BODY");
        let found = lost.then(element).flatten();
        if let Some(found) = found.and_then(|found| found.dyn_into::<HtmlElement>().ok()) {
            // What cannot be focused stays as it is.
            _ = found.focus();
        }
    });
}
