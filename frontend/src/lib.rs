//! The page.

/// Numbers, shares and times for people.
mod format;
/// Decimal numbers that people write.
mod decimal;
/// How runs are told apart.
mod legend;
/// How a line is drawn.
mod style;
/// A mask as a small picture.
mod glyph;
/// Where the page's own addresses begin.
mod root;
/// Where the reader is, as a URL.
mod route;
/// The address bar.
mod nav;
/// The websocket and what is known through it.
mod net;
/// An experiment's runs: filters, progress, best scores.
mod roster;
/// The order of the table of runs.
mod sort;
/// The form of a new experiment.
mod form;
/// Charts.
mod chart;
/// The pages.
mod view;

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
            leptos::mount::mount_to(place, view::shell::App).forget();
        }
        None => leptos::mount::mount_to_body(view::shell::App),
    }
}
