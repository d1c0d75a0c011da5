//! A drawing as SVG text: for the page, and as a file of its own.

use super::drawing::{BOTTOM, Drawing, LEFT, RIGHT, TOP};
use crate::legend::Style;
use std::fmt::Write;

/// The look of a chart that stands alone, where the page's style sheet is not.
const FILE_STYLE: &str = "text{font:11px system-ui,sans-serif;fill:#4a5260}\
.title{font-size:13px;font-weight:600;fill:#1a1f29}\
.grid{stroke:#e3e6eb}.line{fill:none;stroke-width:1.6;stroke-linejoin:round;stroke-linecap:round}\
.raw{fill:none;stroke-width:1;opacity:.22}.band{stroke:none;opacity:.16}\
.d1{stroke-dasharray:6 3}.d2{stroke-dasharray:2 3}.d3{stroke-dasharray:8 3 2 3}";

/// The palette in a file, for paper: the light theme's.
const FILE_COLOURS: [&str; crate::legend::COLOURS] = [
    "#1f6fd1", "#d1600a", "#138a5e", "#a33fb5", "#8a6d00", "#c2255c", "#0b8a9e", "#6b4fd8", "#7a5a48",
    "#5b6675",
];

/// The classes of a line's colour and dash.
pub fn classes(style: Style) -> String {
    format!("s{} d{}", style.colour, style.dash)
}

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
    for (path, line) in each().filter(|(p, _)| !p.band.is_empty()) {
        let _ = write!(out, "<path class=\"band s{}\" d=\"{}\"/>", line.style.colour, path.band);
    }
    for (path, line) in each().filter(|(p, _)| !p.raw.is_empty()) {
        let _ = write!(out, "<path class=\"raw s{}\" d=\"{}\"/>", line.style.colour, path.raw);
    }
    for (path, line) in each().filter(|(p, _)| !p.line.is_empty()) {
        let _ = write!(out, "<path class=\"line {}\" d=\"{}\"/>", classes(line.style), path.line);
        if dots == Dots::Each && line.x.len() <= 60 {
            let _ =
                write!(out, "<path class=\"dots s{}\" d=\"{}\"/>", line.style.colour, points(drawing, line));
        }
    }
    out
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
        format!("<path class=\"line hot {}\" d=\"{}\"/>", classes(line.style), path.line)
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
    let names = drawing.lines.len().min(24);
    let whole = height + 34.0 + 16.0 * names as f64;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{whole}\" \
         viewBox=\"0 -26 {width} {whole}\"><title>{title}</title><style>{FILE_STYLE}",
        title = escape(title)
    );
    for (i, colour) in FILE_COLOURS.iter().enumerate() {
        let _ = write!(out, ".s{i}{{stroke:{colour}}}.band.s{i}{{fill:{colour}}}");
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
    for (i, line) in drawing.lines.iter().take(names).enumerate() {
        let y = height + 8.0 + 16.0 * i as f64;
        let _ = write!(
            out,
            "<path class=\"line {}\" d=\"M{LEFT},{:.1}h24\"/><text x=\"{}\" y=\"{y:.1}\">{}</text>",
            classes(line.style),
            y - 4.0,
            LEFT + 32.0,
            escape(&line.name)
        );
    }
    out + "</svg>"
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::drawing::{Frame, Look, draw};
    use crate::chart::line::Line;
    use crate::chart::setting::Axis;

    fn drawing() -> Drawing {
        let style = Style { colour: 2, dash: 1 };
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
        draw(vec![line], Frame { width: 400.0, height: 200.0 }, look)
    }

    #[test]
    fn lines_stand_above_their_raw_values() {
        let text = curves(&drawing(), Dots::Each);
        let place = |class: &str| text.find(class).unwrap();
        assert!(place("raw s2") < place("line s2 d1") && place("line s2 d1") < place("dots s2"));
        assert!(!curves(&drawing(), Dots::None).contains("dots"));
        assert!(hot(&drawing(), "a").contains("hot") && hot(&drawing(), "b").is_empty());
    }

    #[test]
    fn a_file_is_whole_and_its_names_are_escaped() {
        let text = file(&drawing(), "Loss & more", Dots::None);
        assert!(text.starts_with("<svg xmlns=") && text.ends_with("</svg>"));
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
