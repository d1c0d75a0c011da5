//! How figures are drawn, in light and in dark surroundings.
//!
//! Colours stand as values: a program that makes a PDF of an SVG file for a paper (librsvg, Inkscape) does not know
//! variables of CSS, and fills black what it cannot read.

use tunemask_shared::palette::{Colour, colour};

/// All but colours. The tuned weights' lines, `.t0` to `.t3`, are told apart by dashes too.
const SHAPES: &str = "svg { color-scheme: light dark; font: 11px system-ui, sans-serif; } \
    .title { font-size: 15px; font-weight: 600; } .name { font-weight: 600; } .axis { fill: none; } \
    .block { fill: none; stroke-width: 1; } .tuned { fill: none; stroke-width: 1.3; } \
    .t1 { stroke-dasharray: 5 2; } .t2 { stroke-dasharray: 2 2; } .t3 { stroke-dasharray: 7 2 2 2; }";

/// Tuned weights that are told apart.
pub(super) const TUNED: usize = 4;

/// What is drawn in which of the page's colours.
const COLOURS: [(&str, &str, &str); 10] = [
    (".back", "fill", "panel"),
    ("text", "fill", "ink"),
    (".faint", "fill", "ink-3"),
    (".axis", "stroke", "line"),
    (".all", "fill", "shade"),
    (".block", "stroke", "accent"),
    (".t0", "stroke", "accent"),
    (".t1", "stroke", "series-1"),
    (".t2", "stroke", "series-2"),
    (".t3", "stroke", "series-3"),
];

/// The style sheet of a figure.
pub(super) fn style() -> String {
    let rules = |of: fn(Colour) -> &'static str| -> String {
        let rule = |(what, property, name)| format!(" {what} {{ {property}: {}; }}", of(colour(name)));
        COLOURS.into_iter().map(rule).collect()
    };
    let (light, dark) = (rules(|c| c.light), rules(|c| c.dark));
    format!("{SHAPES}{light} @media (prefers-color-scheme: dark) {{{dark} }}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_is_a_value_in_light_and_in_dark() {
        let style = style();
        assert!(!style.contains("var(") && !style.contains("currentColor"), "{style}");
        let panel = colour("panel");
        let (light, dark) = style.split_once("@media").unwrap();
        assert!(light.contains(&format!(".back {{ fill: {}; }}", panel.light)), "{light}");
        assert!(dark.contains(&format!(".back {{ fill: {}; }}", panel.dark)), "{dark}");
    }
}
