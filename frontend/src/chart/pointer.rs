//! The pointer and the keys over a chart: crosshair, zoom.

use super::board::{Board, Cursor};
use super::drawing::Drawing;
use super::quantity::Quantity;
use super::reading::{nearest_line, neighbour, values_at};
use leptos::prelude::*;
use tunemask_shared::run::RunId;
use wasm_bindgen::JsCast;
use web_sys::{KeyboardEvent, PointerEvent};

/// Pixels that a pointer must be dragged for a zoom.
const DRAG_PIXELS: f64 = 6.0;

/// A part of the horizontal axis that is being dragged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drag {
    /// The value at which it began.
    pub from: f64,
    /// The value at which it is.
    pub to: f64,
}

/// Follows pointer and keys over one chart. Copies are the same handler.
#[derive(Clone, Copy)]
pub struct PointerHandler {
    board: Board,
    quantity: StoredValue<Quantity>,
    drawing: Memo<Drawing>,
    /// What is being dragged.
    pub drag: RwSignal<Option<Drag>>,
    /// Whether the crosshair is led by keys, so that its values are to be spoken.
    pub by_keys: RwSignal<bool>,
}

impl PointerHandler {
    /// Over this chart.
    pub fn new(board: Board, quantity: StoredValue<Quantity>, drawing: Memo<Drawing>) -> PointerHandler {
        PointerHandler { board, quantity, drawing, drag: RwSignal::new(None), by_keys: RwSignal::new(false) }
    }

    /// The value under the pointer, inside of the plot.
    fn value_under(&self, event: &PointerEvent) -> Option<f64> {
        let target: web_sys::Element = event.current_target()?.dyn_into().ok()?;
        let pixel = f64::from(event.client_x()) - target.get_bounding_client_rect().left();
        self.drawing.with_untracked(|d| Some(d.x.pixel_to_value(d.area().clamp_column(pixel))))
    }

    /// The key of the line under the pointer.
    fn line_under(&self, event: &PointerEvent, x: f64) -> Option<String> {
        let target: web_sys::Element = event.current_target()?.dyn_into().ok()?;
        let pixel = f64::from(event.client_y()) - target.get_bounding_client_rect().top();
        self.drawing.with_untracked(|d| nearest_line(d, &values_at(d, x), pixel))
    }

    fn move_cursor(&self, x: f64) {
        self.board.cursor.set(Some(Cursor { x, leader: self.quantity.get_value() }));
    }

    /// The pointer moved.
    pub fn pointer_moved(&self, event: &PointerEvent) {
        let Some(x) = self.value_under(event) else { return };
        self.by_keys.set(false);
        self.move_cursor(x);
        let near = self.line_under(event, x).map(RunId);
        if self.board.highlighted.with_untracked(|now| *now != near) {
            self.board.highlighted.set(near);
        }
        if let Some(drag) = self.drag.get_untracked() {
            self.drag.set(Some(Drag { to: x, ..drag }));
        }
    }

    /// A button went down. Fingers scroll; only a mouse or a pen drags.
    pub fn button_pressed(&self, event: &PointerEvent) {
        if event.button() == 0 && event.pointer_type() != "touch" {
            self.drag.set(self.value_under(event).map(|x| Drag { from: x, to: x }));
            // A drag may end beyond the chart. A browser that cannot follow it there ends it at the edge.
            let target = event.current_target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
            let _ = target.map(|t| t.set_pointer_capture(event.pointer_id()));
        }
    }

    /// The button went up.
    pub fn button_released(&self) {
        let Some(Drag { from, to }) = self.drag.get_untracked() else { return };
        self.drag.set(None);
        let pixels =
            self.drawing.with_untracked(|d| (d.x.value_to_pixel(from) - d.x.value_to_pixel(to)).abs());
        if pixels >= DRAG_PIXELS {
            self.board.zoom.set(Some((from.min(to), from.max(to))));
        } else {
            self.board.sought.set(self.board.highlighted.get_untracked());
        }
    }

    /// The pointer or the focus went elsewhere.
    pub fn left(&self) {
        self.drag.set(None);
        self.by_keys.set(false);
        self.board.cursor.set(None);
        self.board.highlighted.set(None);
    }

    /// A key went down.
    pub fn key_pressed(&self, event: &KeyboardEvent) {
        let (low, high) = self.drawing.with_untracked(|d| d.x.domain);
        let at = self.board.cursor.get_untracked().map_or((low + high) / 2.0, |cursor| cursor.x);
        let far = if event.shift_key() { 10 } else { 1 };
        let step = |steps| self.drawing.with_untracked(|d| neighbour(d, at, steps));
        let span = |factor: f64| ((at - low) * factor, (high - at) * factor);
        let target = match event.key().as_str() {
            "ArrowLeft" => step(-far),
            "ArrowRight" => step(far),
            "Home" => Some(low),
            "End" => Some(high),
            "+" | "=" => {
                let (before, after) = span(0.5);
                self.board.zoom.set(Some((at - before, at + after)));
                Some(at)
            }
            "-" | "0" => {
                self.board.zoom.set(None);
                Some(at)
            }
            "Escape" => {
                self.board.zoom.set(None);
                self.board.cursor.set(None);
                return;
            }
            _ => return,
        };
        event.prevent_default();
        self.by_keys.set(true);
        if let Some(x) = target {
            self.move_cursor(x);
        }
    }
}
