//! Light and dark: as the system has it, or as the reader chose.

use super::storage::{store, stored};
use leptos::prelude::*;

const KEY: &str = "tunemask-theme";
const THEMES: [(&str, &str); 3] = [("auto", "Auto"), ("light", "Light"), ("dark", "Dark")];

fn apply(theme: &str) {
    let Some(root) = document().document_element() else { return };
    let _ = match theme {
        "light" | "dark" => root.set_attribute("data-theme", theme),
        _ => root.remove_attribute("data-theme"),
    };
}

/// The choice of a theme; remembered by the browser.
#[component]
pub fn ThemeChoice() -> impl IntoView {
    let chosen = stored(KEY).unwrap_or_else(|| "auto".into());
    apply(&chosen);
    let options = THEMES.map(|(word, title)| {
        let selected = word == chosen;
        view! { <option value=word selected=selected>{title}</option> }
    });
    let choose = move |event| {
        let theme = event_target_value(&event);
        store(KEY, &theme);
        apply(&theme);
    };
    view! {
        <label class="theme">
            <span>"Theme"</span>
            <select name="theme" on:change=choose>{options.collect_view()}</select>
        </label>
    }
}
