//! The plot of a chart as SVG: axes, curves, and above them what follows the pointer.

use super::board::Board;
use super::drag::DragKind;
use super::drawing::Drawing;
use super::joined::{FEW_LINES, Joined, joined};
use super::pointer::PointerHandler;
use super::quantity::Quantity;
use super::reading::{CursorValues, summary};
use super::shapes::{
    Crosshair, Dot, PointDots, Rect, Shape, TickLabel, clip_rect, crosshair, curves, grid, highlighted,
    tick_labels,
};
use crate::component::download::file_name;
use leptos::prelude::*;

/// Values under the crosshair that are shown.
pub const SHOWN_VALUES: usize = 8;

/// The plot; in words where it has no line.
#[component]
pub fn Plot(
    board: Board,
    quantity: StoredValue<Quantity>,
    drawing: Memo<Drawing>,
    pointer: PointerHandler,
    cursor_values: Memo<Option<CursorValues>>,
    dots: PointDots,
    /// Whether anybody sees it. What it says is always there, what it draws only then if that is much.
    in_sight: Memo<bool>,
) -> impl IntoView {
    let empty = Memo::new(move |_| drawing.with(|d| d.lines.is_empty()));
    let title = quantity.with_value(Quantity::title);
    let clip = format!("clip-{}", file_name(&[&title], "plot").replace('.', "-"));
    let clip_url = format!("url(#{clip})");
    view! {
        <svg
            role="img"
            aria-label=move || format!("{title}. {}", drawing.with(summary))
            width=move || drawing.with(|d| d.size.width.to_string())
            height=move || drawing.with(|d| d.size.height.to_string())
        >
            <clipPath id=clip>
                {move || rect(drawing.with(|d| clip_rect(d.size)), "")}
            </clipPath>
            <Axes drawing=drawing />
            <g clip-path=clip_url.clone()>
                {move || {
                    // Few are drawn out of sight, too: a picture of the whole page shows them.
                    let few = drawing.with(|d| d.lines.len() <= FEW_LINES);
                    (few || in_sight.get()).then(|| drawing.with(|d| drawn(d, dots)).into_iter().map(curve).collect_view())
                }}
            </g>
        </svg>
        // An SVG of its own: moving the pointer must not redraw the curves.
        <svg class="over" aria-hidden="true" width="100%" height="100%">
            <g clip-path=clip_url>
                {move || drawing.with(|d| highlighted(d, &board.highlighted.get()?)).map(path)}
                {move || {
                    let drag = pointer.drag.get().filter(|drag| drag.kind == DragKind::Select)?;
                    Some(rect(drag.rect(drawing.with(Drawing::area)), "zoom"))
                }}
                {move || {
                    let CursorValues { x, leads, values } = cursor_values.get()?;
                    let marked = if leads { SHOWN_VALUES.min(values.len()) } else { 0 };
                    drawing.with(|d| crosshair(d, x, &values[..marked])).map(cross)
                }}
            </g>
        </svg>
        <Show when=move || empty.get()>
            <p class="no-points">{move || quantity.with_value(|quantity| board.no_points_reason(quantity))}</p>
        </Show>
    }
}

/// The grid and the labels of its ticks, drawn anew only where a tick moves.
#[component]
fn Axes(drawing: Memo<Drawing>) -> impl IntoView {
    let grid = Memo::new(move |_| drawing.with(grid));
    let labels = Memo::new(move |_| drawing.with(tick_labels));
    let label = |TickLabel { x, y, anchor, text }: TickLabel| {
        view! { <text class="tick" x=format!("{x:.1}") y=format!("{y:.1}") text-anchor=anchor>{text}</text> }
    };
    view! {
        <path class="grid" d=move || grid.get() />
        {move || labels.get().into_iter().map(label).collect_view()}
    }
}

/// The curves of a chart; of many those of one style together.
fn drawn(drawing: &Drawing, dots: PointDots) -> Vec<Joined> {
    let shapes = curves(drawing, dots);
    if drawing.lines.len() > FEW_LINES {
        joined(shapes)
    } else {
        shapes.into_iter().map(Joined::from).collect()
    }
}

fn curve(Joined { class, path, shapes }: Joined) -> impl IntoView {
    view! { <path class=class d=path data-joined=(shapes > 1).then(|| shapes.to_string()) /> }
}

fn path(shape: Shape) -> impl IntoView {
    view! { <path class=shape.class d=shape.path /> }
}

fn rect(Rect { x, y, width, height }: Rect, class: &'static str) -> impl IntoView {
    let pixels = |length: f64| format!("{length:.1}");
    view! { <rect class=class x=pixels(x) y=pixels(y) width=pixels(width) height=pixels(height) /> }
}

fn cross(Crosshair { path, dots }: Crosshair) -> impl IntoView {
    let dot = |Dot { colour, x, y }: Dot| {
        view! { <circle class=format!("mark s{colour}") cx=format!("{x:.1}") cy=format!("{y:.1}") r="3.5" /> }
    };
    view! {
        <path class="crosshair" d=path />
        {dots.into_iter().map(dot).collect_view()}
    }
}
