//! The pointer and the keys over a chart: crosshair, zoom.

use super::board::{Board, Cursor};
use super::drag::{Drag, DragKind, Pixel};
use super::drawing::Drawing;
use super::line::LineKey;
use super::quantity::Quantity;
use super::reading::{CursorValues, nearest_line, neighbour};
use super::zoom::{Zoom, moved, stretched};
use crate::interval::Interval;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{KeyboardEvent, PointerEvent};

/// Follows pointer and keys over one chart. Copies are the same handler.
#[derive(Clone, Copy)]
pub struct PointerHandler {
    board: Board,
    quantity: StoredValue<Quantity>,
    drawing: Memo<Drawing>,
    /// What stands under the crosshair, read once for each of its places.
    cursor_values: Memo<Option<CursorValues>>,
    /// What is being dragged.
    pub drag: RwSignal<Option<Drag>>,
    /// Whether the crosshair is led by keys, so that its values are to be spoken.
    pub by_keys: RwSignal<bool>,
}

impl PointerHandler {
    /// Over this chart.
    pub fn new(
        board: Board,
        quantity: StoredValue<Quantity>,
        drawing: Memo<Drawing>,
        cursor_values: Memo<Option<CursorValues>>,
    ) -> PointerHandler {
        let (drag, by_keys) = (RwSignal::new(None), RwSignal::new(false));
        PointerHandler { board, quantity, drawing, cursor_values, drag, by_keys }
    }

    /// The value at a place, inside of the plot.
    fn value_at(&self, at: Pixel) -> f64 {
        self.drawing.with_untracked(|d| d.x.pixel_to_value(d.area().clamp_column(at.x)))
    }

    /// The line under the pointer, on the crosshair.
    fn line_at(&self, at: Pixel) -> Option<LineKey> {
        self.cursor_values.with_untracked(|now| {
            self.drawing.with_untracked(|drawing| nearest_line(drawing, &now.as_ref()?.values, at.y))
        })
    }

    fn zoom(&self) -> Zoom {
        self.quantity.with_value(|quantity| untrack(|| self.board.zoom_of(quantity)))
    }

    fn zoom_to(&self, zoom: Zoom) {
        self.quantity.with_value(|quantity| self.board.zoom_to(quantity, zoom));
    }

    fn move_cursor(&self, x: f64) {
        self.board.cursor.set(Some(Cursor { x, leader: self.quantity.get_value() }));
    }

    /// The pointer moved.
    pub fn pointer_moved(&self, event: &PointerEvent) {
        let Some(at) = pixel_under(event) else { return };
        let x = self.value_at(at);
        self.by_keys.set(false);
        self.move_cursor(x);
        let near = self.line_at(at);
        if self.board.highlighted.with_untracked(|now| *now != near) {
            self.board.highlighted.set(near);
        }
        if let Some(drag) = self.drag.get_untracked() {
            let drag = Drag { to: at, ..drag };
            self.drag.set(Some(drag));
            if drag.kind == DragKind::Pan && drag.is_drag() {
                self.zoom_to(drag.panned(self.zoom()));
            }
        }
    }

    /// A button went down. Fingers scroll; only a mouse or a pen drags.
    pub fn button_pressed(&self, event: &PointerEvent) {
        if event.button() == 0 && event.pointer_type() != "touch" {
            let kind = if event.shift_key() { DragKind::Pan } else { DragKind::Select };
            let begin = |at| self.drawing.with_untracked(|drawing| Drag::begin(kind, at, drawing));
            self.drag.set(pixel_under(event).map(begin));
            // A drag may end beyond the chart. A browser that cannot follow it there ends it at the edge.
            let target = event.current_target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
            let _ = target.map(|t| t.set_pointer_capture(event.pointer_id()));
        }
    }

    /// The button went up.
    pub fn button_released(&self) {
        let Some(drag) = self.drag.get_untracked() else { return };
        self.drag.set(None);
        match drag.kind {
            _ if !drag.is_drag() => self.board.sought.set(self.board.highlighted.get_untracked()),
            DragKind::Select => {
                let (chosen, before) = (drag.selected(), self.zoom());
                self.zoom_to(Zoom { x: chosen.x.or(before.x), y: chosen.y.or(before.y) });
            }
            DragKind::Pan => {}
        }
        self.board.remember_zoom();
    }

    /// The pointer or the focus went elsewhere: what a drag had moved so far stays.
    pub fn left(&self) {
        if self.drag.with_untracked(Option::is_some) {
            self.board.remember_zoom();
        }
        self.drag.set(None);
        self.by_keys.set(false);
        self.board.cursor.set(None);
        self.board.highlighted.set(None);
    }

    /// A key went down.
    pub fn key_pressed(&self, event: &KeyboardEvent) {
        let (scale, y, area) = self.drawing.with_untracked(|d| (d.x, d.y, d.area()));
        let Interval { start, end } = scale.domain;
        let at = self.board.cursor.get_untracked().map_or_else(|| scale.middle(), |cursor| cursor.x);
        let zoom = self.zoom();
        let wider = |share| Zoom { x: stretched(&scale, scale.value_to_pixel(at), share), ..zoom };
        let beside = |share: f64| Zoom { x: moved(&scale, share * area.width()), ..zoom };
        let taller = |share| Zoom { y: stretched(&y, (area.top + area.bottom) / 2.0, share), ..zoom };
        let far = if event.shift_key() { 10 } else { 1 };
        let step = |steps| self.drawing.with_untracked(|d| neighbour(d, at, steps));
        let show = |zoom| {
            self.zoom_to(zoom);
            self.board.remember_zoom();
            Some(at)
        };
        let target = match event.key().as_str() {
            "ArrowLeft" => step(-far),
            "ArrowRight" => step(far),
            "Home" => Some(start),
            "End" => Some(end),
            "+" | "=" => show(wider(0.5)),
            "-" => show(wider(2.0)),
            "," => show(beside(-0.25)),
            "." => show(beside(0.25)),
            "ArrowUp" => show(taller(0.5)),
            "ArrowDown" => show(taller(2.0)),
            "0" => {
                self.board.reset_zoom();
                Some(at)
            }
            "Escape" => {
                self.board.reset_zoom();
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

/// Where the pointer is over its chart.
fn pixel_under(event: &PointerEvent) -> Option<Pixel> {
    let target: web_sys::Element = event.current_target()?.dyn_into().ok()?;
    let chart = target.get_bounding_client_rect();
    Some(Pixel {
        x: f64::from(event.client_x()) - chart.left(),
        y: f64::from(event.client_y()) - chart.top(),
    })
}
