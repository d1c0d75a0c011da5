//! A figure of weights as SVG, whole or panel by panel.

use super::style::style;
use super::ticks::ticks;
use crate::results::format::digits;
use crate::results::weights::{Curve, Figure, Panel};
use std::fmt::Write;
use tunemask_shared::text::{escape_xml, percent, thousands};

/// Panels side by side in the whole figure.
const COLUMNS: usize = 4;
/// Above the panels: title, legend and note. Below: nothing.
const HEAD: f64 = 66.0;

/// How a panel is drawn, in pixels.
struct Frame {
    /// A panel with its labels.
    cell: [f64; 2],
    /// From the cell's edges to its plot: left, top, right, bottom.
    margin: [f64; 4],
    /// Whether it stands by itself: what the axis measures is then said once, beside all panels.
    alone: bool,
}

/// A panel of the whole figure.
const IN_FIGURE: Frame = Frame { cell: [250.0, 190.0], margin: [46.0, 26.0, 12.0, 38.0], alone: false };

/// A panel by itself, so small that a phone shows two beside each other with letters of full size.
const ALONE: Frame = Frame { cell: [164.0, 144.0], margin: [38.0, 24.0, 16.0, 34.0], alone: true };

/// From the edge of a panel that stands by itself to its words.
const INSET: f64 = 5.0;

/// About the width of a letter of 11 px.
const LETTER: f64 = 6.2;

impl Figure {
    /// The figure as a self-contained SVG for light and dark surroundings.
    ///
    /// In each panel the filled shape is all blocks together and a line is a block, the fainter the lower.
    pub fn svg(&self) -> String {
        let rows = self.panels.len().div_ceil(COLUMNS);
        let [cell_width, cell_height] = IN_FIGURE.cell;
        let (width, height) = (COLUMNS as f64 * cell_width, HEAD + rows as f64 * cell_height);
        let title = escape_xml(&self.title);
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
             height=\"{height}\" role=\"img\" aria-labelledby=\"title desc\">\n<title id=\"title\">{title}</title>\n\
             <desc id=\"desc\">{}</desc>\n<style>{style}</style>\n\
             <rect class=\"back\" width=\"{width}\" height=\"{height}\"/>\n\
             <text class=\"title\" x=\"12\" y=\"22\">{title}</text>\n",
            escape_xml(&self.description()),
            style = style(),
        );
        for (line, y) in [self.legend(), escape_xml(&self.note)].iter().zip([40, 55]) {
            _ = writeln!(out, "<text class=\"faint\" x=\"12\" y=\"{y}\">{line}</text>");
        }
        for (i, panel) in self.panels.iter().enumerate() {
            let (x, y) = ((i % COLUMNS) as f64 * cell_width, HEAD + (i / COLUMNS) as f64 * cell_height);
            _ = writeln!(out, "<g transform=\"translate({x} {y})\">");
            panel.write(&IN_FIGURE, self.axis, &mut out);
            out.push_str("</g>\n");
        }
        out.push_str("</svg>\n");
        out
    }

    /// How to read the panels.
    pub fn legend(&self) -> String {
        format!(
            "Filled: all blocks together. Lines: each block, the fainter the lower. Vertical: density; horizontal: {}.",
            self.axis
        )
    }

    /// The same in words: what each panel holds.
    pub fn description(&self) -> String {
        self.panels.iter().map(Panel::description).collect::<Vec<_>>().join(" ")
    }
}

impl Panel {
    /// The panel alone as a self-contained SVG of 164 × 144 pixels, for light and dark surroundings.
    pub fn svg(&self) -> String {
        let [width, height] = ALONE.cell;
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
             height=\"{height}\">\n<style>{style}</style>\n<rect class=\"back\" width=\"{width}\" height=\"{height}\"/>\n",
            style = style()
        );
        self.write(&ALONE, "", &mut out);
        out.push_str("</svg>\n");
        out
    }

    /// The same in words.
    pub fn description(&self) -> String {
        let (name, bins, n) = (self.group.title(), &self.all.bins, self.all.n);
        match n {
            0 => format!("{name}: nothing."),
            _ => format!(
                "{name}: {} scalars, most of them from {} to {}.",
                thousands(n as u64),
                digits(bins.low),
                digits(bins.high)
            ),
        }
    }

    fn write(&self, frame: &Frame, axis: &str, out: &mut String) {
        let [left, top, right, bottom] = frame.margin;
        let (width, height) = (frame.cell[0] - left - right, frame.cell[1] - top - bottom);
        let (x0, y0) = (left, top + height);
        let count = thousands(self.all.n as u64);
        let edge = if frame.alone { INSET } else { left };
        _ = writeln!(
            out,
            "<text class=\"name\" x=\"{edge}\" y=\"{}\">{}</text>\n<path class=\"axis\" d=\"M{x0} {top}V{y0}H{}\"/>",
            top - 9.0,
            self.group.title(),
            x0 + width,
        );
        if !frame.alone {
            let (x, y) = (x0 + width, top - 9.0);
            _ = writeln!(out, "<text class=\"faint\" x=\"{x}\" y=\"{y}\" text-anchor=\"end\">{count}</text>");
        }
        let middle = x0 + width / 2.0;
        if self.all.n == 0 {
            let y = top + height / 2.0;
            _ = writeln!(
                out,
                "<text class=\"faint\" x=\"{middle}\" y=\"{y}\" text-anchor=\"middle\">nothing changed</text>"
            );
            return;
        }
        let (low, high) = (self.all.bins.low, self.all.bins.high);
        let curves = || std::iter::once(&self.all).chain(&self.blocks);
        let most = curves().flat_map(Curve::densities).fold(0.0, f64::max).max(f64::MIN_POSITIVE);
        let x = |value: f64| x0 + (value - low) / (high - low) * width;
        let y = |density: f64| y0 - density / most * height;
        let steps = |curve: &Curve| {
            let mut path = format!("M{x0:.1} {y0:.1}");
            let step = width / curve.bins.counts.len() as f64;
            for density in curve.densities() {
                _ = write!(path, "V{:.1}h{step:.3}", y(density));
            }
            path + &format!("V{y0:.1}")
        };
        let name = |curve: &Curve| curve.block.map_or("all blocks".to_owned(), |b| format!("block {b}"));
        _ = writeln!(
            out,
            "<path class=\"all\" d=\"{}Z\"><title>{}</title></path>",
            steps(&self.all),
            name(&self.all)
        );
        let last = self.blocks.iter().filter_map(|c| c.block).max().unwrap_or(1) as f64;
        for curve in &self.blocks {
            let strength = 0.25 + 0.65 * curve.block.unwrap_or(1) as f64 / last;
            let (path, name) = (steps(curve), name(curve));
            _ = writeln!(
                out,
                "<path class=\"block\" stroke-opacity=\"{strength:.2}\" d=\"{path}\"><title>{name}</title></path>"
            );
        }
        for (value, label) in apart(low, high, width) {
            let (x, y) = (x(value), y0 + 14.0);
            _ = writeln!(
                out,
                "<path class=\"axis\" d=\"M{x:.1} {y0}v4\"/><text x=\"{x:.1}\" y=\"{y}\" text-anchor=\"middle\">{label}</text>"
            );
        }
        for (value, label) in ticks(0.0, most, 3) {
            let (x, y) = (x0 - 6.0, y(value));
            _ = writeln!(
                out,
                "<path class=\"axis\" d=\"M{x0} {y:.1}h-4\"/><text x=\"{x}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>",
                y + 4.0
            );
        }
        let outside = match self.all.outside() {
            0 => String::new(),
            n => format!("{} outside", percent(n as f64 / self.all.n as f64)),
        };
        let (below, x, anchor) = match (frame.alone, outside.is_empty()) {
            (false, true) => (axis.to_owned(), middle, "middle"),
            (false, false) => (format!("{axis} ({outside})"), middle, "middle"),
            (true, true) => (format!("n {count}"), edge, "start"),
            (true, false) => (format!("n {count} · {outside}"), edge, "start"),
        };
        let y = y0 + 29.0;
        _ = writeln!(
            out,
            "<text class=\"faint\" x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{below}</text>"
        );
    }
}

/// About four ticks of a horizontal axis of `width` pixels, or as few as stand clear of each other.
fn apart(low: f64, high: f64, width: f64) -> Vec<(f64, String)> {
    let letters = |label: &str| label.chars().count() as f64;
    let fit = |ticks: &Vec<(f64, String)>| {
        ticks.windows(2).all(|pair| {
            let half = (letters(&pair[0].1) + letters(&pair[1].1)) / 2.0;
            (pair[1].0 - pair[0].0) / (high - low) * width >= LETTER * (half + 1.0)
        })
    };
    let found = [4, 3, 2].into_iter().map(|count| ticks(low, high, count)).find(fit);
    found.unwrap_or_else(|| ticks(low, high, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_a_narrow_axis_stand_clear_of_each_other() {
        let labels = |low, high, width| -> Vec<String> {
            apart(low, high, width).into_iter().map(|(_, label)| label).collect()
        };
        assert_eq!(labels(-0.0071, 0.0071, 110.0), ["−0.005", "0", "0.005"]);
        assert_eq!(labels(0.0, 0.2, 190.0), ["0", "0.05", "0.1", "0.15", "0.2"]);
        assert_eq!(labels(0.0, 0.2, 110.0), ["0", "0.1", "0.2"]);
        assert_eq!(labels(1.0000, 1.0041, 40.0), ["1"]);
    }
}
