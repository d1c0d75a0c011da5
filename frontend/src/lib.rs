//! The page: configure experiments and watch them.
//!
//! `component`, `chart`, `diagram`, `form`, `report` and `page` show; `net` speaks with the server; all else is pure. In reading order:

#![forbid(unsafe_code)]

mod format;
mod style;
mod visibility;
mod root;
mod best;
mod progress;
mod grouping;
mod setting;
mod interval;
mod keep_rule;
mod legend;
mod filter;
mod sort;
mod trial;
mod route;
mod nav;
mod net;
mod component;
mod chart;
mod diagram;
mod form;
mod report;
mod page;

#[cfg(test)]
mod sample;

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Starts the page in the place of what `static/index.html` shows before.
#[wasm_bindgen::prelude::wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
    let place = document().get_element_by_id("app").and_then(|e| e.dyn_into::<HtmlElement>().ok());
    match place {
        Some(place) => {
            place.set_inner_html("");
            leptos::mount::mount_to(place, page::app::App).forget();
        }
        None => leptos::mount::mount_to_body(page::app::App),
    }
}
