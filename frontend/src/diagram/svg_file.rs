//! A diagram as an SVG file of its own: its shapes with a title above, in the page's colours on paper.

use super::mark::{Anchor, Area, Diagram, Shape};
use crate::chart::svg_file::strokes;
use std::fmt::Write;
use tunemask_shared::palette::colour;
use tunemask_shared::text::escape_xml;

/// The page's style sheet of diagrams.
const STYLES: &str = include_str!("../../../static/styles/3-diagrams.css");

/// Pixels above the diagram, for its title.
const TITLE_HEIGHT: f64 = 30.0;
/// Pixels around it.
const EDGE: f64 = 8.0;

/// The file of a diagram.
pub fn svg_file(diagram: &Diagram, title: &str) -> String {
    let (width, height) = (diagram.width + 2.0 * EDGE, diagram.height + TITLE_HEIGHT + EDGE);
    let (left, top) = (-EDGE, -TITLE_HEIGHT);
    let title = escape_xml(title);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"diagram\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"{left} {top} {width:.0} {height:.0}\"><title>{title}</title><style>{}</style>",
        style()
    );
    let all = Area { x: left, y: top, width, height };
    shape(&mut svg, &Shape::Rect { class: "back".into(), area: all });
    _ = write!(svg, "<text class=\"title\" x=\"0\" y=\"-10\">{title}</text>");
    diagram.shapes.iter().for_each(|one| shape(&mut svg, one));
    svg.push_str("</svg>");
    svg
}

fn shape(svg: &mut String, shape: &Shape) {
    _ = match shape {
        Shape::Rect { class, area: Area { x, y, width, height } } => write!(
            svg,
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"/>"
        ),
        Shape::Path { class, d } => write!(svg, "<path class=\"{class}\" d=\"{d}\"/>"),
        Shape::Text { class, x, y, anchor, text } => {
            let (anchor, text): (&Anchor, _) = (anchor, escape_xml(text));
            let anchor = anchor.word();
            write!(
                svg,
                "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>"
            )
        }
    };
}

/// The rules of [`STYLES`] without their layer and with colours for variables, as a program that turns SVG into PDF knows neither;
/// behind them how lines are stroked.
fn style() -> String {
    let inside = STYLES.split_once("@layer charts {").and_then(|(_, rest)| rest.rsplit_once('}'));
    let mut css = String::new();
    let mut rest = inside.map_or("", |(rules, _)| rules.trim());
    while let Some((before, after)) = rest.split_once("var(--") {
        let Some((name, behind)) = after.split_once(')') else { break };
        css.push_str(before);
        css.push_str(colour(name).light);
        rest = behind;
    }
    css + rest + strokes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_whole_and_its_texts_are_escaped() {
        let mut diagram = Diagram { width: 100.0, height: 50.0, ..Diagram::default() };
        diagram.text("tick", 1.0, 2.0, Anchor::End, "a < b");
        diagram.rect("heat-3", Area { x: 1.0, y: 2.0, width: 3.0, height: 4.0 });
        diagram.path("line", "M0 0h4".into());
        let file = svg_file(&diagram, "A & B");
        assert!(file.starts_with("<svg xmlns=") && file.ends_with("</svg>"));
        assert!(
            file.contains("<text class=\"tick\" x=\"1.0\" y=\"2.0\" text-anchor=\"end\">a &lt; b</text>")
        );
        assert!(
            file.contains("<title>A &amp; B</title>") && file.contains("<path class=\"line\" d=\"M0 0h4\"/>")
        );
        assert!(file.contains("width=\"116\" height=\"88\" viewBox=\"-8 -30 116 88\""), "{}", &file[..200]);
    }

    #[test]
    fn a_file_has_the_pages_rules_with_colours_as_values() {
        let css = style();
        assert!(css.contains(&format!(".diagram .heat-3 {{ fill: {}; }}", colour("heat-3").light)), "{css}");
        assert!(!css.contains("var(") && !css.contains('@') && !css.contains("currentColor"), "{css}");
        assert_eq!(css.matches('{').count(), css.matches('}').count());
    }
}
