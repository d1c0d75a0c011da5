//! A drawing as SVG text: for the page, and as a file of its own.

use super::drawing::{BOTTOM, Drawing, LEFT, RIGHT, TOP};
use super::line::Line;
use crate::format::thousands;
use crate::style::COLOURS;
use std::fmt::Write;
use tunemask_shared::series::nearest;

/// The look of a chart that stands alone, where the page's style sheet is not.
const FILE_STYLE: &str = "text{font:11px system-ui,sans-serif;fill:#4a5260}\
.title{font-size:13px;font-weight:600;fill:#1a1f29}\
.grid{stroke:#e3e6eb}.line{fill:none;stroke-width:1.6;stroke-linejoin:round;stroke-linecap:round}\
.raw{fill:none;stroke-width:1;opacity:.22}.band{stroke:none;opacity:.16}.faint{opacity:.04}\
.w1{stroke-width:2.8}.w2{stroke-width:.9}.shape{stroke:#fff;stroke-width:.8}\
.d1{stroke-dasharray:6 4}.d2{stroke-dasharray:1.5 4}.d3{stroke-dasharray:9 4 1.5 4}.d4{stroke-dasharray:14 5}\
.d5{stroke-dasharray:9 4 1.5 4 1.5 4}.d6{stroke-dasharray:3 3}.d7{stroke-dasharray:16 4 5 4}";

/// The palette in a file, for paper: the light theme's.
const FILE_COLOURS: [&str; COLOURS] = [
    "#1f6fd1", "#d1600a", "#138a5e", "#a33fb5", "#8a6d00", "#c2255c", "#0b8a9e", "#6b4fd8", "#7a5a48",
    "#5b6675",
];

/// Grid lines and the texts of the ticks.
pub fn axes(drawing: &Drawing) -> String {
    let (width, height) = (drawing.frame.width, drawing.frame.height);
    let mut out = String::new();
    for tick in &drawing.y_ticks {
        let (y, right) = (tick.at, width - RIGHT);
        let _ =
            write!(out, "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{right:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>");
        let _ = write!(
            out,
            "<text class=\"tick\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            LEFT - 6.0,
            y + 3.5,
            tick.text
        );
    }
    for tick in &drawing.x_ticks {
        let anchor = if tick.at > width - RIGHT - 14.0 { "end" } else { "middle" };
        let _ = write!(
            out,
            "<text class=\"tick\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}</text>",
            tick.at,
            height - BOTTOM + 16.0,
            tick.text
        );
    }
    out
}

/// The lines: bands below, then the faint raw lines, then the lines.
pub fn curves(drawing: &Drawing, dots: Dots) -> String {
    let mut out = String::new();
    let each = || drawing.paths.iter().zip(&drawing.lines);
    // Many that lie upon each other would hide the lines' own.
    let faint = if drawing.lines.len() > FEW_BANDS { " faint" } else { "" };
    for (path, line) in each().filter(|(p, _)| !p.band.is_empty()) {
        let _ = write!(out, "<path class=\"band s{}{faint}\" d=\"{}\"/>", line.style.colour, path.band);
    }
    for (path, line) in each().filter(|(p, _)| !p.raw.is_empty()) {
        let _ = write!(out, "<path class=\"raw s{}\" d=\"{}\"/>", line.style.colour, path.raw);
    }
    for (path, line) in each().filter(|(p, _)| !p.line.is_empty()) {
        let _ = write!(out, "<path class=\"line {}\" d=\"{}\"/>", line.style.classes(), path.line);
        if dots == Dots::Each && line.x.len() <= MAX_DOTS && line.style.mark == 0 {
            let _ =
                write!(out, "<path class=\"dots s{}\" d=\"{}\"/>", line.style.colour, points(drawing, line));
        }
    }
    for (i, (_, line)) in each().enumerate().filter(|(_, (p, l))| !p.line.is_empty() && l.style.mark > 0) {
        let shapes = marks(drawing, line, i, if dots == Dots::Each { MAX_DOTS } else { MARKS_OF_A_LINE });
        let _ = write!(out, "<path class=\"shape s{}\" d=\"{shapes}\"/>", line.style.colour);
    }
    out
}

/// Most bands that are drawn as they are.
const FEW_BANDS: usize = 12;
/// Most points of a line of which each has a dot.
const MAX_DOTS: usize = 60;
/// Marks on a line of many points.
const MARKS_OF_A_LINE: usize = 6;

/// Marks of a line's style on its points: on each of few, spread over the plot if they are more than `most`. Each line has
/// its own places, so that marks of lines that run together can be told apart.
fn marks(drawing: &Drawing, line: &Line, place: usize, most: usize) -> String {
    let mark = |i: usize| {
        let (x, y) = (drawing.x.pixel(line.x[i]), drawing.y.pixel(line.y[i]));
        let inside = x >= LEFT - 0.5 && x <= drawing.frame.width - RIGHT + 0.5 && y.is_finite();
        if inside { line.style.mark_at(x, y) } else { String::new() }
    };
    if line.x.len() <= most {
        return (0..line.x.len()).map(mark).collect();
    }
    let (low, high) = drawing.x.domain;
    let shift = (place as f64 * 0.382).fract();
    let at = |k: usize| low + (high - low) * (k as f64 + shift) / most as f64;
    let mut places: Vec<usize> = (0..most).filter_map(|k| nearest(&line.x, at(k))).collect();
    places.dedup();
    places.into_iter().map(mark).collect()
}

/// Whether each point is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dots {
    /// No.
    None,
    /// Yes: they are few, and the line between them is only a help for the eye.
    Each,
}

fn points(drawing: &Drawing, line: &super::line::Line) -> String {
    let mut out = String::new();
    for (&x, &y) in line.x.iter().zip(&line.y) {
        let (x, y) = (drawing.x.pixel(x), drawing.y.pixel(y));
        if x.is_finite() && y.is_finite() {
            let _ = write!(out, "M{x:.1},{y:.1}h0");
        }
    }
    out
}

/// One line once more, to stand out.
pub fn hot(drawing: &Drawing, key: &str) -> String {
    let found = drawing.lines.iter().zip(&drawing.paths).find(|(line, _)| line.key == key);
    found.map_or_else(String::new, |(line, path)| {
        format!("<path class=\"line {} hot\" d=\"{}\"/>", line.style.classes(), path.line)
    })
}

/// The crosshair at a position, with a mark on each of these values. Empty outside of the plot.
pub fn crosshair(drawing: &Drawing, x: f64, marks: &[super::reading::Reading]) -> String {
    let at = drawing.x.pixel(x);
    if !(LEFT - 0.5..=drawing.frame.width - RIGHT + 0.5).contains(&at) {
        return String::new();
    }
    let bottom = drawing.frame.height - BOTTOM;
    let mut out =
        format!("<line class=\"crosshair\" x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"{TOP}\" y2=\"{bottom:.1}\"/>");
    for mark in marks {
        let (cx, cy) = (drawing.x.pixel(mark.x), drawing.y.pixel(mark.y));
        if cx.is_finite() && cy.is_finite() && (TOP..=bottom).contains(&cy) {
            let colour = mark.style.colour;
            let _ = write!(out, "<circle class=\"mark s{colour}\" cx=\"{cx:.1}\" cy=\"{cy:.1}\" r=\"3.5\"/>");
        }
    }
    out
}

/// The part between two positions, as it is dragged.
pub fn zoom(drawing: &Drawing, from: f64, to: f64) -> String {
    let clamp = |v: f64| drawing.x.pixel(v).clamp(LEFT, drawing.frame.width - RIGHT);
    let (a, b) = (clamp(from.min(to)), clamp(from.max(to)));
    let height = drawing.frame.height - BOTTOM - TOP;
    format!("<rect class=\"zoom\" x=\"{a:.1}\" y=\"{TOP}\" width=\"{:.1}\" height=\"{height:.1}\"/>", b - a)
}

/// A file: title, axes, lines and their names.
pub fn file(drawing: &Drawing, title: &str, dots: Dots) -> String {
    let (width, height) = (drawing.frame.width, drawing.frame.height);
    let left_out = usize::from(drawing.left_out > 0);
    let whole = height + 34.0 + 16.0 * (drawing.lines.len() + left_out) as f64;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{whole}\" \
         viewBox=\"0 -26 {width} {whole}\"><title>{title}</title><style>{FILE_STYLE}",
        title = escape(title)
    );
    for (i, colour) in FILE_COLOURS.iter().enumerate() {
        let _ = write!(
            out,
            ".s{i}{{stroke:{colour}}}:is(.band,.shape).s{i}{{fill:{colour}}}.shape.s{i}{{stroke:#fff}}"
        );
    }
    let _ = write!(
        out,
        ".dots{{fill:none;stroke-width:5;stroke-linecap:round}}</style>\
         <rect x=\"0\" y=\"-26\" width=\"{width}\" height=\"{whole}\" fill=\"#fff\"/>\
         <text class=\"title\" x=\"10\" y=\"-8\">{}</text>\
         <clipPath id=\"plot\"><rect x=\"{LEFT}\" y=\"0\" width=\"{:.1}\" height=\"{:.1}\"/></clipPath>{}\
         <g clip-path=\"url(#plot)\">{}</g>",
        escape(title),
        width - LEFT - RIGHT + 4.0,
        height - BOTTOM + 3.0,
        axes(drawing),
        curves(drawing, dots)
    );
    let row = |i: usize| height + 8.0 + 16.0 * i as f64;
    for (i, line) in drawing.lines.iter().enumerate() {
        let y = row(i);
        let _ = write!(
            out,
            "<path class=\"line {}\" d=\"M{LEFT},{:.1}h24\"/><path class=\"shape s{}\" d=\"{}\"/>\
             <text x=\"{}\" y=\"{y:.1}\">{}</text>",
            line.style.classes(),
            y - 4.0,
            line.style.colour,
            line.style.mark_at(LEFT + 12.0, y - 4.0),
            LEFT + 32.0,
            escape(&line.name)
        );
    }
    if drawing.left_out > 0 {
        let (x, y) = (LEFT + 32.0, row(drawing.lines.len()));
        let _ = write!(out, "<text x=\"{x}\" y=\"{y:.1}\">{}</text>", left_out_words(drawing));
    }
    out + "</svg>"
}

/// How many of its lines a chart draws, if not all.
pub fn left_out_words(drawing: &Drawing) -> String {
    let (drawn, all) = (drawing.lines.len(), drawing.lines.len() + drawing.left_out);
    format!("{} of {} lines drawn", thousands(drawn as u64), thousands(all as u64))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::drawing::{Frame, Look, draw};
    use crate::chart::line::Lines;
    use crate::chart::setting::Axis;
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
        let look = Look { axis: Axis::Step, zoom: None, log: false };
        draw(Lines { drawn: vec![line], left_out: 3 }, Frame { width: 400.0, height: 200.0 }, look)
    }

    #[test]
    fn lines_stand_above_their_raw_values() {
        let text = curves(&drawing(), Dots::Each);
        let place = |class: &str| text.find(class).unwrap();
        assert!(place("raw s2") < place("line s2 d1") && place("line s2 d1") < place("dots s2"));
        assert!(!curves(&drawing(), Dots::None).contains("dots"));
        assert!(!text.contains("shape"));
        let marked = drawing_in(Style { mark: 2, width: 1, ..Style::default() });
        for dots in [Dots::None, Dots::Each] {
            let text = curves(&marked, dots);
            // One on each of three points, and no dots below them.
            assert_eq!((text.matches("m0,-4.2").count(), text.contains("dots")), (3, false), "{text}");
            assert!(text.contains("line s0 d0 w1"));
        }
        assert!(hot(&drawing(), "a").contains("hot") && hot(&drawing(), "b").is_empty());
    }

    #[test]
    fn a_file_is_whole_and_its_names_are_escaped() {
        let text = file(&drawing(), "Loss & more", Dots::None);
        assert!(text.starts_with("<svg xmlns=") && text.ends_with("</svg>"));
        assert!(text.contains("4 lines drawn") && text.contains("1 of 4"));
        assert!(text.contains("a &lt; b") && text.contains("Loss &amp; more"));
        assert_eq!(text.matches("<g ").count(), text.matches("</g>").count());
    }

    #[test]
    fn the_crosshair_stays_inside() {
        assert!(crosshair(&drawing(), 9.0, &[]).is_empty());
        assert!(crosshair(&drawing(), 1.0, &[]).contains("crosshair"));
        assert!(zoom(&drawing(), 5.0, 1.0).contains("width=\"172.0\""), "{}", zoom(&drawing(), 5.0, 1.0));
    }
}
