//! A drawing as shapes, which the page and a saved file both draw. Paths that would be empty are left out.

use super::area::{PlotArea, PlotSize};
use super::drawing::Drawing;
use super::drawn_line::DrawnLine;
use super::failure::crosses;
use super::line::LineKey;
use super::reading::CursorValue;
use std::fmt::Write;
use tunemask_shared::series::nearest;

/// Most bands that are drawn as they are.
const FEW_BANDS: usize = 12;
/// Most points of a line of which each has a dot.
const MAX_DOTS: usize = 60;
/// Marks on a line of many points.
const MARKS_OF_A_LINE: usize = 6;
/// Pixels around the plot in which marks and round line ends may still be seen.
const CLIP_MARGIN: f64 = 4.0;

/// A path with its classes.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    /// The classes of its style.
    pub class: String,
    /// Its `d`.
    pub path: String,
}

/// A rectangle in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect {
    /// Its left edge.
    pub x: f64,
    /// Its upper edge.
    pub y: f64,
    /// Its width.
    pub width: f64,
    /// Its height.
    pub height: f64,
}

/// The text of a tick at its place.
#[derive(Clone, Debug, PartialEq)]
pub struct TickLabel {
    /// Where it is anchored, in pixels.
    pub x: f64,
    /// Its baseline, in pixels.
    pub y: f64,
    /// Its `text-anchor`.
    pub anchor: &'static str,
    /// The text.
    pub text: String,
}

/// The crosshair.
#[derive(Clone, Debug, PartialEq)]
pub struct Crosshair {
    /// The path of its line.
    pub path: String,
    /// Dots on the values under it.
    pub dots: Vec<Dot>,
}

/// A dot on a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dot {
    /// Place of its colour in the palette.
    pub colour: usize,
    /// Its middle, in pixels.
    pub x: f64,
    /// Its middle, in pixels.
    pub y: f64,
}

/// Whether each point of a line has a dot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PointDots {
    /// None has.
    Hidden,
    /// Each has: they are few, and the line between them is only a help for the eye.
    Shown,
}

/// What may be seen of curves: the plot and a margin around it.
pub fn clip_rect(size: PlotSize) -> Rect {
    let area = size.area();
    Rect {
        x: area.left - CLIP_MARGIN,
        y: area.top - CLIP_MARGIN,
        width: area.width() + 2.0 * CLIP_MARGIN,
        height: area.height() + 2.0 * CLIP_MARGIN,
    }
}

/// The grid: a horizontal line at each tick of the vertical axis.
pub fn grid(drawing: &Drawing) -> String {
    let PlotArea { left, right, .. } = drawing.area();
    drawing.y_ticks.iter().map(|tick| format!("M{left},{:.1}H{right:.1}", tick.at)).collect()
}

/// The labels of both axes, and behind them the horizontal one's title.
pub fn tick_labels(drawing: &Drawing) -> Vec<TickLabel> {
    let PlotArea { left, right, bottom, .. } = drawing.area();
    let y_labels = drawing.y_ticks.iter().map(|tick| TickLabel {
        x: left - 6.0,
        y: tick.at + 3.5,
        anchor: "end",
        text: tick.text.clone(),
    });
    let x_labels = drawing.x_ticks.iter().map(|tick| TickLabel {
        x: tick.at,
        y: bottom + 16.0,
        // The last one would reach beyond the chart.
        anchor: if tick.at > right - 14.0 { "end" } else { "middle" },
        text: tick.text.clone(),
    });
    let title = TickLabel { x: right, y: bottom + 31.0, anchor: "end", text: drawing.x_title.clone() };
    y_labels.chain(x_labels).chain([title]).collect()
}

/// The curves in the order in which they are drawn: bands, then the faint raw lines, then the lines, then their marks, then
/// the crosses where runs failed.
pub fn curves(drawing: &Drawing, dots: PointDots) -> Vec<Shape> {
    let lines = &drawing.lines;
    // Many that lie upon each other would hide the lines' own.
    let faint = if drawing.lines.len() > FEW_BANDS { " faint" } else { "" };
    let mut shapes = Vec::new();
    for line in lines {
        let class = format!("band s{}{faint}", line.style.colour);
        shapes.push(Shape { class, path: line.path.band.clone() });
    }
    for line in lines {
        shapes.push(Shape { class: format!("raw s{}", line.style.colour), path: line.path.raw.clone() });
    }
    for line in lines.iter().filter(|line| !line.path.line.is_empty()) {
        shapes.push(Shape { class: format!("line {}", line.style.classes()), path: line.path.line.clone() });
        if dots == PointDots::Shown && line.points <= MAX_DOTS && line.style.mark == 0 {
            shapes.push(Shape { class: format!("dots s{}", line.style.colour), path: points(drawing, line) });
        }
    }
    let limit = if dots == PointDots::Shown { MAX_DOTS } else { MARKS_OF_A_LINE };
    for (place, line) in lines.iter().enumerate().filter(|(_, line)| !line.path.line.is_empty()) {
        let class = format!("shape s{}", line.style.colour);
        shapes.push(Shape { class, path: marks(drawing, line, place, limit) });
    }
    shapes.push(Shape { class: "failure".into(), path: crosses(drawing) });
    shapes.retain(|shape| !shape.path.is_empty());
    shapes
}

/// Marks of a line's style on its points: on each of few, spread over the plot if they are more than `limit`. Each line has
/// its own places, so that marks of lines that run together can be told apart.
fn marks(drawing: &Drawing, line: &DrawnLine, place: usize, limit: usize) -> String {
    if line.style.mark == 0 {
        return String::new();
    }
    let mark = |i: usize| {
        let (x, y) = (drawing.x.value_to_pixel(line.x[i]), drawing.y.value_to_pixel(line.y[i]));
        let inside = drawing.area().has_column(x) && y.is_finite();
        if inside { line.style.mark_at(x, y) } else { String::new() }
    };
    if line.points <= limit {
        return (0..line.x.len()).map(mark).collect();
    }
    let PlotArea { left, .. } = drawing.area();
    let shift = (place as f64 * 0.382).fract();
    let pixel = |k: usize| left + drawing.area().width() * (k as f64 + shift) / limit as f64;
    let at = |k: usize| drawing.x.pixel_to_value(pixel(k));
    let mut places: Vec<usize> = (0..limit).filter_map(|k| nearest(&line.x, at(k))).collect();
    places.dedup();
    places.into_iter().map(mark).collect()
}

/// A dot on each point of a line.
fn points(drawing: &Drawing, line: &DrawnLine) -> String {
    let mut path = String::new();
    for (&x, &y) in line.x.iter().zip(&line.y) {
        let (x, y) = (drawing.x.value_to_pixel(x), drawing.y.value_to_pixel(y));
        if x.is_finite() && y.is_finite() {
            let _ = write!(path, "M{x:.1},{y:.1}h0");
        }
    }
    path
}

/// One line once more, to stand out.
pub fn highlighted(drawing: &Drawing, key: &LineKey) -> Option<Shape> {
    let line = drawing.lines.iter().find(|line| line.key == *key)?;
    Some(Shape { class: format!("line {} highlighted", line.style.classes()), path: line.path.line.clone() })
}

/// The crosshair at a position, with a dot on each of these values; none outside of the plot.
pub fn crosshair(drawing: &Drawing, x: f64, values: &[CursorValue]) -> Option<Crosshair> {
    let at = drawing.x.value_to_pixel(x);
    let PlotArea { top, bottom, .. } = drawing.area();
    let dots = values.iter().map(|value| Dot {
        colour: value.style.colour,
        x: drawing.x.value_to_pixel(value.x),
        y: drawing.y.value_to_pixel(value.y),
    });
    drawing.area().has_column(at).then(|| Crosshair {
        path: format!("M{at:.1},{top}V{bottom:.1}"),
        dots: dots.filter(|dot| dot.x.is_finite() && (top..=bottom).contains(&dot.y)).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::drawing::{PlotOptions, draw};
    use crate::chart::line::{Line, Lines};
    use crate::style::Style;

    fn drawing() -> Drawing {
        drawing_in(Style { colour: 2, dash: 1, ..Style::default() })
    }

    fn drawing_in(style: Style) -> Drawing {
        let line = Line {
            key: "a".into(),
            name: "a < b".into(),
            style,
            x: vec![0.0, 1.0, 2.0],
            y: vec![1.0, 2.0, 3.0],
            raw: Some(vec![1.0, 2.5, 3.0]),
            runs: 1,
            ..Line::default()
        };
        let options = PlotOptions::default();
        draw(
            Lines { drawn: vec![line], left_out: 3, stride: None },
            PlotSize { width: 400.0, height: 200.0 },
            options,
        )
    }

    fn classes(shapes: &[Shape]) -> Vec<&str> {
        shapes.iter().map(|shape| shape.class.as_str()).collect()
    }

    #[test]
    fn lines_stand_above_their_raw_values() {
        let shapes = curves(&drawing(), PointDots::Shown);
        assert_eq!(classes(&shapes), ["raw s2", "line s2 d1", "dots s2"]);
        assert_eq!(classes(&curves(&drawing(), PointDots::Hidden)), ["raw s2", "line s2 d1"]);
        let marked = drawing_in(Style { mark: 2, width: 1, ..Style::default() });
        for dots in [PointDots::Hidden, PointDots::Shown] {
            // One on each of three points, and no dots below them.
            let shapes = curves(&marked, dots);
            assert_eq!(classes(&shapes), ["raw s0", "line s0 d0 w1", "shape s0"]);
            assert_eq!(shapes[2].path.matches("m0,-4.2").count(), 3);
        }
        assert_eq!(
            highlighted(&drawing(), &"a".into()).map(|s| s.class),
            Some("line s2 d1 highlighted".into())
        );
        assert_eq!(highlighted(&drawing(), &"b".into()), None);
    }

    #[test]
    fn the_crosshair_stays_inside() {
        assert_eq!(crosshair(&drawing(), 9.0, &[]), None);
        assert_eq!(crosshair(&drawing(), 1.0, &[]).map(|c| c.path), Some("M218.0,8V162.0".into()));
    }

    #[test]
    fn the_clip_holds_the_plot_and_its_marks() {
        let clip = clip_rect(PlotSize { width: 400.0, height: 200.0 });
        assert_eq!(clip, Rect { x: 42.0, y: 4.0, width: 352.0, height: 162.0 });
    }

    #[test]
    fn every_tick_has_a_label_and_those_of_the_vertical_axis_a_line() {
        let drawing = drawing();
        let labels = tick_labels(&drawing);
        assert_eq!(labels.len(), drawing.x_ticks.len() + drawing.y_ticks.len() + 1);
        assert_eq!(grid(&drawing).matches('H').count(), drawing.y_ticks.len());
        // The last tick ends at the edge of the plot, and below it the title.
        let last: Vec<_> =
            labels.iter().rev().take(2).map(|label| (label.text.as_str(), label.anchor)).collect();
        assert_eq!(last, [("Step", "end"), ("2", "end")]);
    }
}
