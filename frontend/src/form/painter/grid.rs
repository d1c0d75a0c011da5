//! The picture: a cell for each module of a block, with the heads of rows and columns. A mouse paints by press and drag, a finger by
//! a touch (so that it can still scroll), keys by arrows and space; with Shift the arrows paint. It is one stop of the Tab key.

use super::layout::{Column, GridPlace, Layout, MODULES};
use super::state::Painter;
use leptos::ev;
use leptos::html::Table;
use leptos::prelude::*;
use tunemask_shared::mask::{Coverage, Tensor};
use wasm_bindgen::JsCast;
use web_sys::{Element, EventTarget, HtmlElement};

/// The picture of a model.
#[component]
pub fn Picture(painter: Painter, layout: Layout) -> impl IntoView {
    let table = NodeRef::<Table>::new();
    let by_touch = StoredValue::new(false);
    let pressed = move |event: ev::PointerEvent| {
        by_touch.set_value(event.pointer_type() == "touch");
        if let Some(place) = place_of(event.target()).filter(|_| event.button() == 0 && !by_touch.get_value())
        {
            painter.cursor.set(place);
            painter.begin(layout, place);
        }
    };
    let moved = move |event: ev::PointerEvent| {
        if event.buttons() & 1 == 0 || by_touch.get_value() {
            return;
        }
        let under = document().element_from_point(event.client_x() as f32, event.client_y() as f32);
        if let Some(place) = under.and_then(place_at) {
            painter.stroke_over(layout, place);
        }
    };
    // A touch, or what a screen reader presses.
    let clicked = move |event: ev::MouseEvent| {
        if let Some(place) = place_of(event.target()).filter(|_| event.detail() == 0 || by_touch.get_value())
        {
            painter.begin(layout, place);
        }
    };
    let key = move |event: ev::KeyboardEvent| {
        let from = layout.within(painter.cursor.get_untracked());
        let step = |down, right| layout.step(from, down, right);
        let to = match event.key().as_str() {
            "ArrowUp" => step(-1, 0),
            "ArrowDown" => step(1, 0),
            "ArrowLeft" => step(0, -1),
            "ArrowRight" => step(0, 1),
            "Home" => layout.start(GridPlace { column: 0, ..from }),
            "End" => layout.start(GridPlace { column: layout.last(), ..from }),
            " " | "Enter" => {
                event.prevent_default();
                return painter.begin(layout, from);
            }
            _ => return,
        };
        event.prevent_default();
        painter.cursor.set(to);
        focus(table, to);
        if event.shift_key() {
            painter.stroke_over(layout, to);
        }
    };
    let focused = move |event: ev::FocusEvent| {
        if let Some(place) = place_of(event.target()) {
            painter.cursor.set(place);
        }
    };
    let column_head = move |column: usize| {
        let text = match layout.column(column) {
            Column::Block(block) => (block + 1).to_string(),
            Column::Embeddings => "Emb".into(),
            Column::Pooler => "Pool".into(),
            Column::Heads => String::new(),
        };
        view! { <th scope="col">{head(painter, layout, GridPlace { row: 0, column }, text)}</th> }
    };
    let row = move |row: usize| {
        let module = &MODULES[row - 1];
        let cells = (1..=layout.last()).map(|column| GridPlace { row, column });
        let cells = cells.filter(|place| layout.start(*place) == *place);
        view! {
            <tr>
                <th scope="row">{head(painter, layout, GridPlace { row, column: 0 }, module.name.into())}</th>
                {cells.map(|place| cell(painter, layout, place)).collect_view()}
            </tr>
        }
    };
    view! {
        <div class="scroll painter-picture">
            <table
                node_ref=table
                class="painter-grid"
                aria-label="Modules by block"
                aria-describedby="painter-keys"
                on:pointerdown=pressed
                on:pointermove=moved
                on:click=clicked
                on:keydown=key
                on:focusin=focused
            >
                <thead>
                    <tr>
                        <th>{head(painter, layout, GridPlace { row: 0, column: 0 }, "All".into())}</th>
                        {(1..=layout.last()).map(column_head).collect_view()}
                    </tr>
                </thead>
                <tbody>{(1..=MODULES.len()).map(row).collect_view()}</tbody>
            </table>
        </div>
    }
}

/// The place that an event happened at.
fn place_of(target: Option<EventTarget>) -> Option<GridPlace> {
    place_at(target?.dyn_into::<Element>().ok()?)
}

fn place_at(element: Element) -> Option<GridPlace> {
    let button = element.closest("[data-row]").ok().flatten()?;
    let number = |name| button.get_attribute(name)?.parse().ok();
    Some(GridPlace { row: number("data-row")?, column: number("data-column")? })
}

fn focus(table: NodeRef<Table>, place: GridPlace) {
    let selector = format!("[data-row='{}'][data-column='{}']", place.row, place.column);
    let found = table.get_untracked().and_then(|table| table.query_selector(&selector).ok().flatten());
    if let Some(button) = found.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = button.focus();
    }
}

/// The head of a row or column: a button over all of it.
fn head(painter: Painter, layout: Layout, place: GridPlace, text: String) -> impl IntoView {
    button(painter, layout, place, "painter-head", view! { {text} }.into_any())
}

/// A module of a block, of the embeddings, or the pooler; its tensors side by side.
fn cell(painter: Painter, layout: Layout, place: GridPlace) -> impl IntoView {
    let tensor = |tensor: Tensor| {
        let class = move || match painter.coverage_of(tensor) {
            Coverage::Nothing => "g0",
            Coverage::Part => "g1",
            Coverage::Whole => "g2",
        };
        view! { <span class=class></span> }
    };
    let tensors = layout.cell(place).into_iter().map(tensor).collect_view().into_any();
    let rows = layout.height(place).to_string();
    view! { <td rowspan=rows>{button(painter, layout, place, "painter-cell", tensors)}</td> }
}

fn button(
    painter: Painter,
    layout: Layout,
    place: GridPlace,
    class: &'static str,
    inner: AnyView,
) -> impl IntoView {
    let checked = move || match painter.coverage(layout, place) {
        Coverage::Nothing => "false",
        Coverage::Part => "mixed",
        Coverage::Whole => "true",
    };
    view! {
        <button
            type="button"
            role="checkbox"
            class=class
            aria-label=layout.name(place)
            title=layout.name(place)
            aria-checked=checked
            tabindex=move || if layout.within(painter.cursor.get()) == place { "0" } else { "-1" }
            data-row=place.row.to_string()
            data-column=place.column.to_string()
        >
            {inner}
        </button>
    }
}
