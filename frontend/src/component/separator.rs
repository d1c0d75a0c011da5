//! A separator between two columns: a pointer drags it, arrows move it, Enter puts it back, and the browser remembers where
//! it stands.

use super::storage::{store, stored};
use crate::format::parse_finite;
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{KeyboardEvent, PointerEvent};

/// Pixels that an arrow moves it by.
const STEP: f64 = 16.0;

/// How wide the column before the separator may be, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Widths {
    /// The least.
    pub least: f64,
    /// The most.
    pub most: f64,
    /// At first.
    pub usual: f64,
}

impl Widths {
    fn clamp(self, width: f64) -> f64 {
        width.clamp(self.least, self.most).round()
    }

    /// What was remembered, as far as it may be.
    fn read(self, text: Option<&str>) -> f64 {
        self.clamp(text.and_then(parse_finite).unwrap_or(self.usual))
    }

    /// The width after a key; nothing for a key that does nothing here.
    fn after_key(self, key: &str, width: f64) -> Option<f64> {
        let to = match key {
            "ArrowLeft" => width - STEP,
            "ArrowRight" => width + STEP,
            "Home" => self.least,
            "End" => self.most,
            "Enter" => self.usual,
            _ => return None,
        };
        Some(self.clamp(to))
    }
}

/// A column's width that the reader chooses. Copies are the same.
#[derive(Clone, Copy)]
pub struct ColumnWidth {
    widths: Widths,
    key: &'static str,
    /// In pixels.
    pub now: RwSignal<f64>,
}

impl ColumnWidth {
    /// As it was left last, under a key of the browser's memory.
    pub fn remembered(key: &'static str, widths: Widths) -> ColumnWidth {
        ColumnWidth { widths, key, now: RwSignal::new(widths.read(stored(key).as_deref())) }
    }

    fn set(&self, width: f64) {
        let width = self.widths.clamp(width);
        if self.now.get_untracked() != width {
            self.now.set(width);
            store(self.key, &width.to_string());
        }
    }
}

/// The separator behind a column, inside of what holds both.
#[component]
pub fn Separator(
    width: ColumnWidth,
    /// What it sets: `Width of the list of runs`.
    label: &'static str,
) -> impl IntoView {
    let node = NodeRef::<Div>::new();
    let dragged = RwSignal::new(false);
    let key = move |event: KeyboardEvent| {
        if let Some(to) = width.widths.after_key(&event.key(), width.now.get_untracked()) {
            event.prevent_default();
            width.set(to);
        }
    };
    let press = move |event: PointerEvent| {
        if event.button() == 0 {
            dragged.set(true);
            event.prevent_default();
            let target = event.current_target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
            let _ = target.map(|t| t.set_pointer_capture(event.pointer_id()));
        }
    };
    let drag = move |event: PointerEvent| {
        let holder = node.get_untracked().and_then(|element| element.parent_element());
        if let Some(holder) = holder.filter(|_| dragged.get_untracked()) {
            width.set(f64::from(event.client_x()) - holder.get_bounding_client_rect().left());
        }
    };
    view! {
        <div
            class="separator"
            class:dragged=move || dragged.get()
            node_ref=node
            role="separator"
            tabindex="0"
            aria-orientation="vertical"
            aria-label=label
            aria-valuemin=width.widths.least.to_string()
            aria-valuemax=width.widths.most.to_string()
            aria-valuenow=move || width.now.get().to_string()
            aria-valuetext=move || format!("{} pixels", width.now.get())
            title="Drag, or use the arrow keys; Enter puts it back"
            on:keydown=key
            on:pointerdown=press
            on:pointermove=drag
            on:pointerup=move |_| dragged.set(false)
            on:pointercancel=move |_| dragged.set(false)
            on:dblclick=move |_| width.set(width.widths.usual)
        ></div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTHS: Widths = Widths { least: 200.0, most: 600.0, usual: 300.0 };

    #[test]
    fn keys_move_it_within_its_bounds() {
        let after = |key, width| WIDTHS.after_key(key, width);
        assert_eq!((after("ArrowLeft", 300.0), after("ArrowRight", 300.0)), (Some(284.0), Some(316.0)));
        assert_eq!((after("ArrowLeft", 205.0), after("ArrowRight", 595.0)), (Some(200.0), Some(600.0)));
        assert_eq!(
            (after("Home", 300.0), after("End", 300.0), after("Enter", 512.0)),
            (Some(200.0), Some(600.0), Some(300.0))
        );
        assert_eq!(after("a", 300.0), None);
    }

    #[test]
    fn what_is_remembered_is_taken_as_far_as_it_may_be() {
        let read = |text| WIDTHS.read(text);
        assert_eq!(
            (read(None), read(Some("412")), read(Some("9000")), read(Some("wide"))),
            (300.0, 412.0, 600.0, 300.0)
        );
    }
}
