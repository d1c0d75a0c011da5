//! The paper's tables as LaTeX.

use super::{dashed, escaped};
use crate::results::format::{deviation, value};
use crate::results::paper::{PaperCell, PaperColumn, PaperTable};
use crate::results::render::text::paper::{reference, trainable};
use tunemask_shared::text::rate;

impl PaperTable {
    /// As LaTeX for the booktabs package, in percent with the best of each column bold. Notes and runs stand above it as
    /// comments.
    pub fn latex(&self) -> String {
        let mut out = String::new();
        let comments = std::iter::once(self.title.clone()).chain(self.notes.iter().cloned());
        for line in comments.chain(self.run_lines()) {
            out.push_str(&format!("% {}\n", line.replace(['\n', '\r'], " ")));
        }
        let header: Vec<String> = self.header().iter().map(|h| escaped(h)).collect();
        out.push_str(&format!("\\begin{{tabular}}{{l{}}}\n\\toprule\n", "r".repeat(header.len() - 1)));
        out.push_str(&format!("{} \\\\\n\\midrule\n", header.join(" & ")));
        for row in &self.rows {
            let label = format!("\\texttt{{{}}}", escaped(&row.label));
            let mut line = vec![label, dashed(&trainable(row.trainable)).replace(',', "{,}")];
            line.extend(self.columns.iter().zip(&row.cells).map(|(column, c)| cell(column, c.as_ref())));
            out.push_str(&format!("{} \\\\\n", line.join(" & ")));
        }
        out.push_str("\\bottomrule\n\\end{tabular}\n");
        out
    }
}

/// `$\mathbf{66.4} \pm 1.25$ (1e-3) [66.5]`.
fn cell(column: &PaperColumn, cell: Option<&PaperCell>) -> String {
    let Some(cell) = cell else { return "--".to_owned() };
    let (metric, summary) = (column.metric, cell.summary);
    let mut out = if summary.n == 0 || summary.mean.is_nan() {
        "--".to_owned()
    } else {
        let mean = value(metric, summary.mean);
        let mean = if cell.best { format!("\\mathbf{{{mean}}}") } else { mean };
        let std = if summary.std.is_nan() {
            String::new()
        } else {
            format!(" \\pm {}", deviation(metric, summary.std))
        };
        let star = if cell.is_provisional() { "^{\\dagger}" } else { "" };
        format!("${mean}{std}{star}$")
    };
    if let Some(share) = cell.share() {
        out.push_str(&format!(" ({share})"));
    }
    if !cell.rates.is_empty() {
        let rates = cell.rates.iter().map(|&r| rate(r)).collect::<Vec<_>>().join(", ");
        let edge = if cell.on_edge { "$\\updownarrow$" } else { "" };
        out.push_str(&format!(" ({rates}{edge})"));
    }
    if let Some(reference) = reference(metric, cell) {
        out.push_str(&format!(" {{[}}{}{{]}}", reference.replace('±', "$\\pm$")));
    }
    out
}
