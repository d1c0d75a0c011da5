//! A place where files are chosen or dropped.

use super::icon::Icon;
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{DragEvent, FileList, HtmlInputElement};

/// Whether one file is taken or several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Take {
    /// One.
    One,
    /// Any number.
    Several,
}

/// The place: a button with a hint, and what becomes of the files below.
#[component]
pub fn FileDrop(
    /// The id of its control.
    id: &'static str,
    /// The button's words.
    label: &'static str,
    /// What may be chosen.
    hint: String,
    /// What the file dialog offers first.
    accept: &'static str,
    take: Take,
    #[prop(optional, into)] disabled: Signal<bool>,
    /// Takes what was chosen or dropped.
    taken: Callback<FileList>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let over = RwSignal::new(false);
    let choose = move |event: ev::Event| {
        let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        let Some(input) = input else { return };
        if let Some(files) = input.files() {
            taken.run(files);
        }
        // The same file may be chosen again once it is mended.
        input.set_value("");
    };
    let dropped = move |event: DragEvent| {
        over.set(false);
        if let Some(files) = event.data_transfer().and_then(|data| data.files()).filter(|f| f.length() > 0) {
            taken.run(files);
        }
    };
    // One that misses its place is not opened by the browser, which would take the page with it.
    let keep = |event: &DragEvent| {
        let files = event.data_transfer().is_some_and(|data| data.types().includes(&"Files".into(), 0));
        if files {
            event.prevent_default();
        }
    };
    let listeners = [
        window_event_listener(ev::dragover, move |event| keep(&event)),
        window_event_listener(ev::drop, move |event| keep(&event)),
    ];
    on_cleanup(move || listeners.into_iter().for_each(|listener| listener.remove()));
    let described = format!("{id}-hint");
    view! {
        <div
            class="drop"
            class:over=move || over.get()
            on:dragover=move |_| over.set(true)
            on:dragleave=move |_| over.set(false)
            on:drop=dropped
        >
            <input
                id=id
                class="visually-hidden"
                type="file"
                multiple=take == Take::Several
                accept=accept
                disabled=move || disabled.get()
                on:change=choose
                aria-describedby=described.clone()
            />
            <label for=id class="button">{Icon::Upload.show()} {label}</label>
            <p class="hint" id=described>{hint}</p>
            {children.map(|children| children())}
        </div>
    }
}
