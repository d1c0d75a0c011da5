//! A chart as an SVG file of its own: title, axes, lines and their names.

use super::area::PlotSize;
use super::drawing::{Drawing, left_out_words};
use super::shapes::{PointDots, Rect, Shape, clip_rect, curves, grid, tick_labels};
use crate::style::COLOURS;
use std::fmt::Write;
use tunemask_shared::palette::colour;
use tunemask_shared::text::escape_xml;

/// The texts of a chart that stands alone, where the page's style sheet is not.
const TEXT_STYLE: &str = "text{font:11px system-ui,sans-serif}.title{font-size:13px;font-weight:600}";

/// The page's style sheet of how lines are stroked.
const STROKES: &str = include_str!("../../../static/styles/3-strokes.css");

/// Pixels above the chart, for its title.
const TITLE_HEIGHT: f64 = 26.0;
/// Pixels from a line's name to the next.
const ROW_HEIGHT: f64 = 16.0;

/// The file of a drawing.
pub fn svg_file(drawing: &Drawing, title: &str, dots: PointDots) -> String {
    let PlotSize { width, height } = drawing.size;
    let rows = drawing.lines.len() + usize::from(drawing.left_out > 0);
    let whole = height + TITLE_HEIGHT + 8.0 + ROW_HEIGHT * rows as f64;
    let clip = clip_rect(drawing.size);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{whole}\" \
         viewBox=\"0 -{TITLE_HEIGHT} {width} {whole}\"><title>{title}</title><style>{TEXT_STYLE}{palette}{strokes}</style>\
         <rect x=\"0\" y=\"-{TITLE_HEIGHT}\" width=\"{width}\" height=\"{whole}\" class=\"back\"/>\
         <text class=\"title\" x=\"10\" y=\"-8\">{title}</text>\
         <clipPath id=\"plot\">{clip}</clipPath>",
        title = escape_xml(title),
        palette = palette(),
        strokes = strokes(),
        clip = rect(clip),
    );
    axes(&mut svg, drawing);
    svg.push_str("<g clip-path=\"url(#plot)\">");
    for shape in curves(drawing, dots) {
        path(&mut svg, &shape);
    }
    svg.push_str("</g>");
    names(&mut svg, drawing);
    svg.push_str("</svg>");
    svg
}

/// The page's colours on paper, which are those of its light theme.
fn palette() -> String {
    let light = |name: &str| colour(name).light;
    let panel = light("panel");
    let mut css = format!(
        "text{{fill:{}}}.title{{fill:{}}}.grid{{stroke:{}}}.failure{{stroke:{}}}.back{{fill:{panel}}}",
        light("ink-2"),
        light("ink"),
        light("line"),
        light("bad"),
    );
    for i in 0..COLOURS {
        let series = light(&format!("series-{i}"));
        let _ = write!(
            css,
            ".s{i}{{stroke:{series}}}:is(.band,.shape).s{i}{{fill:{series}}}.shape.s{i}{{stroke:{panel}}}"
        );
    }
    css
}

/// The rules of [`STROKES`] without their layer, which not every program that reads SVG knows.
pub fn strokes() -> &'static str {
    let inside = STROKES.split_once("@layer charts {").and_then(|(_, rest)| rest.rsplit_once('}'));
    inside.map_or("", |(rules, _)| rules.trim())
}

fn rect(Rect { x, y, width, height }: Rect) -> String {
    format!("<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>")
}

fn path(svg: &mut String, shape: &Shape) {
    let _ = write!(svg, "<path class=\"{}\" d=\"{}\"/>", shape.class, shape.path);
}

fn axes(svg: &mut String, drawing: &Drawing) {
    path(svg, &Shape { class: "grid".into(), path: grid(drawing) });
    for label in tick_labels(drawing) {
        let (x, y, anchor, text) = (label.x, label.y, label.anchor, escape_xml(&label.text));
        let _ = write!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>");
    }
}

/// The names of the lines below the chart, each behind a piece of its line; how many are left out, if any.
fn names(svg: &mut String, drawing: &Drawing) {
    let baseline = |row: usize| drawing.size.height + 8.0 + ROW_HEIGHT * row as f64;
    let left = drawing.area().left;
    let text_x = left + 32.0;
    for (row, line) in drawing.lines.iter().enumerate() {
        let (y, middle) = (baseline(row), baseline(row) - 4.0);
        let class = format!("line {}", line.style.classes());
        path(svg, &Shape { class, path: format!("M{left},{middle:.1}h24") });
        let class = format!("shape s{}", line.style.colour);
        path(svg, &Shape { class, path: line.style.mark_at(left + 12.0, middle) });
        let _ = write!(svg, "<text x=\"{text_x}\" y=\"{y:.1}\">{}</text>", escape_xml(&line.name));
    }
    if drawing.left_out > 0 {
        let y = baseline(drawing.lines.len());
        let _ = write!(svg, "<text x=\"{text_x}\" y=\"{y:.1}\">{}</text>", left_out_words(drawing));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::drawing::{PlotOptions, draw};
    use crate::chart::line::{Line, Lines};

    #[test]
    fn a_file_is_whole_and_its_names_are_escaped() {
        let line =
            Line { name: "a < b".into(), x: vec![0.0, 1.0], y: vec![1.0, 2.0], runs: 1, ..Line::default() };
        let options = PlotOptions::default();
        let size = PlotSize { width: 400.0, height: 200.0 };
        let drawing = draw(Lines { drawn: vec![line], left_out: 3, stride: None }, size, options);
        let text = svg_file(&drawing, "Loss & more", PointDots::Hidden);
        assert!(text.starts_with("<svg xmlns=") && text.ends_with("</svg>"));
        assert!(text.contains("4 lines drawn") && text.contains("1 of 4"));
        assert!(text.contains("a &lt; b") && text.contains("Loss &amp; more"));
        assert_eq!(text.matches("<g ").count(), text.matches("</g>").count());
    }

    #[test]
    fn a_file_has_the_pages_strokes() {
        let css = strokes();
        for rule in
            [".line { fill: none;", ".d7 { stroke-dasharray:", ".band { stroke: none; opacity: 0.15; }"]
        {
            assert!(css.contains(rule), "{rule} is not in {css}");
        }
        assert_eq!(css.matches('{').count(), css.matches('}').count());
        assert!(!css.contains('@') && !css.contains("var("), "a file has nothing but these rules: {css}");
    }

    #[test]
    fn a_file_has_the_pages_colours() {
        let css = palette();
        for i in 0..COLOURS {
            let series = colour(&format!("series-{i}")).light;
            assert!(series.starts_with('#') && css.contains(&format!(".s{i}{{stroke:{series}}}")), "{css}");
        }
    }
}
