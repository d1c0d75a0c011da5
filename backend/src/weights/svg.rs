use super::figure::{Curve, Figure, Panel};
use super::ticks::ticks;
use std::fmt::Write;
use tunemask_shared::statistics::text::{percent, thousands};

const COLUMNS: usize = 4;
/// A panel with its labels, in pixels.
const CELL: [f64; 2] = [250.0, 190.0];
/// Above the panels: title, legend and note. Below: nothing.
const HEAD: f64 = 66.0;
/// From a cell's edges to its plot: left, top, right, bottom.
const MARGIN: [f64; 4] = [46.0, 26.0, 12.0, 38.0];

/// Colours of light and of dark surroundings, each with a contrast of 4.5 or more for text.
const STYLE: &str = "\
    svg { color-scheme: light dark; font: 11px system-ui, sans-serif; --back: #fff; --text: #1f2328; \
    --faint: #59636e; --line: #d1d9e0; --fill: #9ec5f7; --block: #0a3069; } \
    @media (prefers-color-scheme: dark) { svg { --back: #0d1117; --text: #f0f6fc; --faint: #9198a1; \
    --line: #3d444d; --fill: #1f4d86; --block: #a5d6ff; } } \
    .back { fill: var(--back); } text { fill: var(--text); } .title { font-size: 15px; font-weight: 600; } \
    .name { font-weight: 600; } .faint { fill: var(--faint); } .axis { stroke: var(--line); fill: none; } \
    .all { fill: var(--fill); } .block { fill: none; stroke: var(--block); stroke-width: 1; }";

impl Figure {
    /// The figure as a self-contained SVG for light and dark surroundings.
    ///
    /// In each panel the filled shape is all blocks together and a line is a block, the fainter the lower.
    pub fn svg(&self) -> String {
        let rows = self.panels.len().div_ceil(COLUMNS);
        let (width, height) = (COLUMNS as f64 * CELL[0], HEAD + rows as f64 * CELL[1]);
        let title = escape(&self.title);
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
             height=\"{height}\" role=\"img\" aria-labelledby=\"title desc\">\n<title id=\"title\">{title}</title>\n\
             <desc id=\"desc\">{}</desc>\n<style>{STYLE}</style>\n\
             <rect class=\"back\" width=\"{width}\" height=\"{height}\"/>\n\
             <text class=\"title\" x=\"12\" y=\"22\">{title}</text>\n",
            escape(&self.description()),
        );
        let legend = format!(
            "Filled: all blocks together. Lines: each block, the fainter the lower. Vertical: density; horizontal: {}.",
            self.axis
        );
        for (line, y) in [legend, escape(&self.note)].iter().zip([40, 55]) {
            _ = writeln!(out, "<text class=\"faint\" x=\"12\" y=\"{y}\">{line}</text>");
        }
        for (i, panel) in self.panels.iter().enumerate() {
            let (x, y) = ((i % COLUMNS) as f64 * CELL[0], HEAD + (i / COLUMNS) as f64 * CELL[1]);
            _ = writeln!(out, "<g transform=\"translate({x} {y})\">");
            panel.write(self.axis, &mut out);
            out.push_str("</g>\n");
        }
        out.push_str("</svg>\n");
        out
    }

    /// The same in words: what each panel holds.
    pub fn description(&self) -> String {
        let panels = self.panels.iter().map(|panel| {
            let (bins, n) = (&panel.all.bins, panel.all.n);
            match n {
                0 => format!("{}: nothing.", panel.group.title()),
                _ => format!(
                    "{}: {} scalars, most of them from {:.4} to {:.4}.",
                    panel.group.title(),
                    thousands(n as u64),
                    bins.low,
                    bins.high
                ),
            }
        });
        panels.collect::<Vec<_>>().join(" ")
    }
}

impl Panel {
    fn write(&self, axis: &str, out: &mut String) {
        let [left, top, right, bottom] = MARGIN;
        let (width, height) = (CELL[0] - left - right, CELL[1] - top - bottom);
        let (x0, y0) = (left, top + height);
        _ = writeln!(
            out,
            "<text class=\"name\" x=\"{left}\" y=\"{}\">{}</text>\n\
             <text class=\"faint\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\n\
             <path class=\"axis\" d=\"M{x0} {top}V{y0}H{}\"/>",
            top - 9.0,
            self.group.title(),
            CELL[0] - right,
            top - 9.0,
            thousands(self.all.n as u64),
            x0 + width,
        );
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
        for (value, label) in ticks(low, high, 4) {
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
            n => format!(" ({} outside)", percent(n as f64 / self.all.n as f64)),
        };
        let y = y0 + 29.0;
        _ = writeln!(
            out,
            "<text class=\"faint\" x=\"{middle}\" y=\"{y}\" text-anchor=\"middle\">{axis}{outside}</text>"
        );
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
