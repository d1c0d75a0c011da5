//! The way to a control that needs a change.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// Opens what hides the first control with an error, and goes there.
pub fn focus_first_error() {
    let error = document().query_selector("form [data-field] .error").ok().flatten();
    if let Some(owner) = error.and_then(|error| error.closest("[data-field]").ok().flatten()) {
        focus_within(&owner);
    }
}

/// Opens what hides a control, and goes there.
pub fn focus_control(control: &str) {
    if let Ok(Some(owner)) = document().query_selector(&format!("form [data-field='{control}']")) {
        focus_within(&owner);
    }
}

fn focus_within(owner: &Element) {
    let mut around = Some(owner.clone());
    while let Some(details) = around.and_then(|e| e.closest("details").ok().flatten()) {
        let _ = details.set_attribute("open", "");
        around = details.parent_element();
    }
    let first = |selector| owner.query_selector(selector).ok().flatten();
    let input = first("input, select").or_else(|| first("button"));
    if let Some(input) = input.and_then(|i| i.dyn_into::<HtmlElement>().ok()) {
        let _ = input.focus();
    }
}
