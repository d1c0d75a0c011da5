//! A button that puts a text on the clipboard, and says whether it did.

use super::announcer::use_announcer;
use super::icon::Icon;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlDocument, HtmlTextAreaElement};

/// How long the button says what became of it.
const SHOWN: Duration = Duration::from_secs(2);

/// The button. `text` is asked for when it is pressed.
#[component]
pub fn CopyButton(
    label: &'static str,
    #[prop(into)] text: Callback<(), String>,
    #[prop(optional, into)] disabled: Signal<bool>,
) -> impl IntoView {
    let announcer = use_announcer();
    let done = RwSignal::new(None::<bool>);
    let copy = move |_| {
        let text = text.run(());
        spawn_local(async move {
            let copied = to_clipboard(&text).await;
            announcer.say(if copied { "Copied" } else { "The browser did not copy it" }.into());
            // The button may be gone by now.
            let _ = done.try_set(Some(copied));
            set_timeout(
                move || {
                    let _ = done.try_set(None);
                },
                SHOWN,
            );
        });
    };
    let word = move || match done.get() {
        None => label,
        Some(true) => "Copied",
        Some(false) => "Not copied",
    };
    view! {
        <button type="button" disabled=move || disabled.get() on:click=copy>
            {Icon::Copy.show()}
            {word}
        </button>
    }
}

/// Puts a text on the clipboard. Whether the browser did it.
async fn to_clipboard(text: &str) -> bool {
    let navigator = window().navigator();
    // A browser has none where a page comes neither over TLS nor from this machine.
    let has = js_sys::Reflect::get(&navigator, &JsValue::from_str("clipboard"));
    if has.is_ok_and(|clipboard| clipboard.is_object()) {
        return JsFuture::from(navigator.clipboard().write_text(text)).await.is_ok();
    }
    copy_selected(text).unwrap_or(false)
}

/// The way from before there was a clipboard: select a text, then copy what is selected.
fn copy_selected(text: &str) -> Result<bool, JsValue> {
    let focused = document().active_element().and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok());
    let area: HtmlTextAreaElement = document().create_element("textarea")?.unchecked_into();
    area.set_class_name("visually-hidden");
    area.set_value(text);
    let Some(body) = document().body() else { return Ok(false) };
    body.append_child(&area)?;
    area.select();
    let copied = document().unchecked_into::<HtmlDocument>().exec_command("copy");
    area.remove();
    if let Some(focused) = focused {
        focused.focus()?;
    }
    copied
}
