//! The keys of the page, in a dialog that `?` opens.

use crate::component::confirmation::ask;
use leptos::html::Dialog;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

/// What a part of the page does with keys and the mouse.
struct Part {
    title: &'static str,
    keys: &'static [Shortcut],
}

/// Keys of which each does the like, and what that is. `Shift + X` are two at once.
struct Shortcut {
    keys: &'static [&'static str],
    does: &'static str,
}

const fn shortcut(keys: &'static [&'static str], does: &'static str) -> Shortcut {
    Shortcut { keys, does }
}

const PARTS: &[Part] = &[
    Part {
        title: "Everywhere",
        keys: &[shortcut(&["?"], "Show these keys"), shortcut(&["Esc"], "Close a dialog or a box")],
    },
    Part {
        title: "Charts",
        keys: &[
            shortcut(&["←", "→"], "Read the next point; with Shift ten at once"),
            shortcut(&["Home", "End"], "Read the first or last point"),
            shortcut(&["+", "-"], "Zoom in or out along the steps"),
            shortcut(&[",", "."], "Move along the steps"),
            shortcut(&["↑", "↓"], "Zoom in or out along the values"),
            shortcut(&["0", "Esc"], "Show all of it"),
            shortcut(&["Drag"], "Show a part: sideways the steps, upwards the values"),
            shortcut(&["Shift + Drag"], "Move what is shown"),
            shortcut(&["Double-click"], "Show all of it"),
        ],
    },
    Part {
        title: "Runs beside the charts",
        keys: &[
            shortcut(&["↑", "↓"], "Go to the next run; Page up and Page down go ten runs"),
            shortcut(&["Home", "End"], "Go to the first or last run"),
            shortcut(&["Space"], "Draw the run or hide it"),
            shortcut(&["O"], "Draw this run alone"),
            shortcut(&["P"], "Put the run first, or back"),
            shortcut(&["X"], "Choose the run for a comparison"),
            shortcut(&["←", "→"], "Fold or unfold a group"),
        ],
    },
    Part {
        title: "Diagrams",
        keys: &[
            shortcut(&["←", "→", "↑", "↓"], "Go to the next mark in that direction"),
            shortcut(&["Home", "End"], "Go to the first or last mark"),
            shortcut(&["Enter"], "Open the runs behind a mark"),
        ],
    },
    Part {
        title: "Painting a mask",
        keys: &[
            shortcut(&["←", "→", "↑", "↓"], "Go to the next cell; with Shift paint on the way"),
            shortcut(&["Space", "Enter"], "Paint the cell, or the whole row or column from its head"),
            shortcut(&["Home", "End"], "Go to the row's first or last cell"),
        ],
    },
];

/// The dialog of the keys. Copies are the same.
#[derive(Clone, Copy)]
pub struct Shortcuts {
    dialog: NodeRef<Dialog>,
    /// Whether they are shown: closed, the dialog is empty, and the page has some hundred elements less.
    shown: RwSignal<bool>,
}

impl Shortcuts {
    /// Closed, for all that is below; `?` opens it wherever it is not being typed.
    pub fn provide() {
        let shortcuts = Shortcuts { dialog: NodeRef::new(), shown: RwSignal::new(false) };
        provide_context(shortcuts);
        let _ = window_event_listener(leptos::ev::keydown, move |event| {
            if event.key() == "?" && !is_typing(&event) {
                event.prevent_default();
                shortcuts.show();
            }
        });
    }

    /// Opens it.
    pub fn show(&self) {
        // Over another dialog it would hide that one's question.
        if document().query_selector("dialog[open]").ok().flatten().is_none() {
            self.shown.set(true);
            ask(self.dialog);
        }
    }
}

/// The dialog of the keys on this page.
pub fn use_shortcuts() -> Shortcuts {
    expect_context::<Shortcuts>()
}

/// Whether the key is meant for a text.
fn is_typing(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let is_text = |element: &Element| {
        let takes_text = element.matches("textarea, select, input:not([type=checkbox], [type=radio])");
        takes_text.unwrap_or(false)
            || element.dyn_ref::<HtmlElement>().is_some_and(HtmlElement::is_content_editable)
    };
    target.is_some_and(|target| is_text(&target))
}

/// The dialog; closed until it is asked for.
#[component]
pub fn ShortcutsDialog() -> impl IntoView {
    let Shortcuts { dialog, shown } = use_shortcuts();
    let close = move |_| {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    let key = |text: &'static str| view! { <kbd>{text}</kbd> };
    let chord = move |keys: &&'static str| {
        let keys = keys.split(" + ").map(key).collect_view();
        view! { <span>{keys}</span> }
    };
    let row = move |shortcut: &'static Shortcut| {
        view! {
            <div>
                <dt>{shortcut.keys.iter().map(chord).collect_view()}</dt>
                <dd>{shortcut.does}</dd>
            </div>
        }
    };
    let part = move |part: &'static Part| {
        view! {
            <section>
                <h3>{part.title}</h3>
                <dl>{part.keys.iter().map(row).collect_view()}</dl>
            </section>
        }
    };
    view! {
        <dialog node_ref=dialog class="shortcuts" aria-labelledby="shortcuts" on:close=move |_| shown.set(false)>
            <h2 id="shortcuts">"Keyboard and mouse"</h2>
            <div class="parts" tabindex="0" role="group" aria-labelledby="shortcuts">
                <Show when=move || shown.get()>{PARTS.iter().map(part).collect_view()}</Show>
            </div>
            <div class="actions"><button autofocus on:click=close>"Close"</button></div>
        </dialog>
    }
}
