//! The page.

use leptos::prelude::*;

/// Starts the page.
#[wasm_bindgen::prelude::wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
    leptos::mount::mount_to_body(|| view! { <p>"…"</p> });
}
