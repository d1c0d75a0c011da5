//! Weights before and after fine-tuning as SVG.

use super::style::{TUNED, style};
use super::ticks::ticks;
use crate::results::Bins;
use crate::results::weights::{Comparison, ComparisonPanel};
use std::fmt::Write;
use tunemask_shared::text::{escape_xml, thousands};

/// A panel with its labels, in pixels.
const CELL: [f64; 2] = [270.0, 230.0];
/// From its edges to its plot: left, top, right, bottom.
const MARGIN: [f64; 4] = [58.0, 26.0, 10.0, 42.0];
/// Above the panels: title and legend.
const HEAD: f64 = 56.0;
/// What a bin of one weight stands above an empty one, in decades.
const ONE: f64 = 0.3;
/// Room above the largest bin, in decades.
const ABOVE: f64 = 0.15;
/// Room on either side of the outermost bins, as a share of what they span.
const CLEAR: f64 = 0.03;

impl Comparison {
    /// The figure as a self-contained SVG for light and dark surroundings.
    ///
    /// The first weights are a filled shape, each of the others is a line. Both axes are those of all panels, and counts
    /// are on a logarithmic scale, so that a bin of a single weight is seen.
    pub fn svg(&self) -> String {
        let (width, height) = (self.panels.len() as f64 * CELL[0], HEAD + CELL[1]);
        let title = escape_xml(&self.title);
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
             height=\"{height}\" role=\"img\" aria-labelledby=\"title desc\">\n<title id=\"title\">{title}</title>\n\
             <desc id=\"desc\">{}</desc>\n<style>{}</style>\n\
             <rect class=\"back\" width=\"{width}\" height=\"{height}\"/>\n\
             <text class=\"title\" x=\"12\" y=\"22\">{title}</text>\n",
            escape_xml(&self.description()),
            style(),
        );
        self.legend(&mut out);
        for (i, panel) in self.panels.iter().enumerate() {
            _ = writeln!(out, "<g transform=\"translate({} {HEAD})\">", i as f64 * CELL[0]);
            panel.write(self, &mut out);
            out.push_str("</g>\n");
        }
        out.push_str("</svg>\n");
        out
    }

    /// The same in words.
    pub fn description(&self) -> String {
        let [low, high] = self.ends();
        let panels =
            self.panels.iter().map(|p| format!("{}: {} weights.", p.group.title(), thousands(p.n as u64)));
        let panels: Vec<String> = panels.collect();
        format!("{} All weights lie from {low:.3} to {high:.3}.", panels.join(" "))
    }

    fn legend(&self, out: &mut String) {
        let mut x = 12.0;
        for (i, name) in self.names.iter().enumerate() {
            match i.checked_sub(1) {
                None => {
                    _ = writeln!(out, "<rect class=\"all\" x=\"{x}\" y=\"33\" width=\"18\" height=\"10\"/>")
                }
                Some(line) => _ = writeln!(out, "<path {} d=\"M{x} 38h18\"/>", stroke(line)),
            }
            _ = writeln!(out, "<text x=\"{}\" y=\"42\">{}</text>", x + 24.0, escape_xml(name));
            x += 46.0 + 6.5 * name.chars().count() as f64;
        }
        _ = writeln!(
            out,
            "<text class=\"faint\" x=\"{x}\" y=\"42\">Vertical: weights per bin, logarithmic.</text>"
        );
    }
}

/// How the line of the tuned weights with this number is drawn.
fn stroke(line: usize) -> String {
    format!("class=\"tuned t{}\"", line % TUNED)
}

impl ComparisonPanel {
    fn write(&self, figure: &Comparison, out: &mut String) {
        let [left, top, right, bottom] = MARGIN;
        let (width, height) = (CELL[0] - left - right, CELL[1] - top - bottom);
        let (y0, [low, high]) = (top + height, figure.ends());
        let decades = (figure.most().max(10) as f64).log10() + ONE + ABOVE;
        let (whole, clear) = (1.0 + 2.0 * CLEAR, CLEAR / (1.0 + 2.0 * CLEAR));
        let x = |value: f64| left + ((value - low) / (high - low) / whole + clear) * width;
        let y = |count: u64| match count {
            0 => y0,
            _ => y0 - ((count as f64).log10() + ONE) / decades * height,
        };
        let steps = |bins: &Bins| {
            let step = width / whole / bins.counts.len() as f64;
            let mut path = format!("M{:.1} {y0:.1}", x(low));
            for &count in &bins.counts {
                _ = write!(path, "V{:.1}h{step:.3}", y(count));
            }
            path + &format!("V{y0:.1}")
        };
        for (i, (bins, name)) in self.histograms.iter().zip(&figure.names).enumerate() {
            let style = match i.checked_sub(1) {
                None => "class=\"all\"".to_owned(),
                Some(line) => stroke(line),
            };
            let name = escape_xml(name);
            _ = writeln!(out, "<path {style} d=\"{}\"><title>{name}</title></path>", steps(bins));
        }
        _ = writeln!(
            out,
            "<text class=\"name\" x=\"{left}\" y=\"{name_y}\">{}</text>\n\
             <text class=\"faint\" x=\"{end}\" y=\"{name_y}\" text-anchor=\"end\">{}</text>\n\
             <path class=\"axis\" d=\"M{left} {top}V{y0}H{end}\"/>",
            self.group.title(),
            thousands(self.n as u64),
            name_y = top - 9.0,
            end = left + width,
        );
        for (value, label) in ticks(low, high, 4) {
            let x = x(value);
            _ = writeln!(
                out,
                "<path class=\"axis\" d=\"M{x:.1} {y0}v4\"/><text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{label}</text>",
                y0 + 16.0
            );
        }
        // A label is about 14 pixels high.
        let every = (14.0 * decades / height).ceil().max(1.0) as usize;
        for decade in (0..=decades as u32).step_by(every) {
            let count = 10_u64.pow(decade);
            if count <= figure.most() {
                let (at, label) = (y(count), thousands(count));
                _ = writeln!(
                    out,
                    "<path class=\"axis\" d=\"M{left} {at:.1}h-4\"/><text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>",
                    left - 7.0,
                    at + 4.0
                );
            }
        }
        let middle = left + width / 2.0;
        _ = writeln!(
            out,
            "<text class=\"faint\" x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">weight</text>",
            y0 + 34.0
        );
    }
}
