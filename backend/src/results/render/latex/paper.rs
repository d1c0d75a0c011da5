//! The paper's tables as LaTeX.

use super::cell::Cell;
use super::float::Float;
use super::{arrow, dashed, escaped, head};
use crate::results::format::value;
use crate::results::paper::{PaperCell, PaperColumn, PaperRow, PaperTable};
use crate::results::render::text::paper::{reference, trainable};
use tunemask_shared::mask::Mask;
use tunemask_shared::text::rate;

impl PaperTable {
    /// As LaTeX for the packages booktabs and graphicx: a float in percent with the best of each column bold and what its
    /// signs mean below. Notes on single cells and the runs stand above it as comments.
    pub fn latex(&self) -> String {
        let row = |row: &PaperRow| {
            let label = format!("\\texttt{{{}}}", escaped(&row.label));
            let trainable = dashed(&trainable(row.trainable)).replace(',', "{,}");
            let mut line = vec![Cell::from(label), trainable.into()];
            line.extend(self.columns.iter().zip(&row.cells).map(|(column, c)| cell(column, c.as_ref())));
            line
        };
        let float = Float {
            comments: self.notes.iter().cloned().chain(self.run_lines(Mask::to_string)).collect(),
            caption: &self.title,
            label: &self.label,
            stubs: vec![self.stub.clone(), "trainable".to_owned()],
            heads: self.columns.iter().map(heads).collect(),
            last: Vec::new(),
            rows: self.rows.iter().map(row).collect(),
            legend: &self.legend,
        };
        float.latex()
    }
}

/// Task, metric and, where a task has several, side.
fn heads(column: &PaperColumn) -> Vec<String> {
    let levels = [column.task.title().to_owned(), head(&column.task, column.metric, column.set)];
    levels.into_iter().chain(column.side.map(str::to_owned)).collect()
}

/// `$\mathbf{66.4}_{\pm 1.3}$ [66.5]` and, below the metric that picks, the learning rate.
fn cell(column: &PaperColumn, cell: Option<&PaperCell>) -> Cell {
    let Some(cell) = cell else { return "--".to_owned().into() };
    let (metric, summary) = (column.metric, cell.summary);
    let mut out = if summary.n == 0 || summary.mean.is_nan() {
        "--".to_owned()
    } else {
        let mean = value(metric, summary.mean);
        let mean = if cell.best { format!("\\mathbf{{{mean}}}") } else { mean };
        let std = if summary.std.is_nan() {
            String::new()
        } else {
            format!("_{{\\pm {}}}", value(metric, summary.std))
        };
        let star = if cell.is_provisional() { "^{\\dagger}" } else { "" };
        format!("${mean}{std}{star}$")
    };
    let mut under: Vec<String> = cell.share().into_iter().collect();
    // It is the same for all metrics of a task.
    let picks = (column.metric, column.set) == (column.task.primary_metric(), 0);
    if picks && !cell.rates.is_empty() {
        let rates = cell.rates.iter().map(|&r| rate(r)).collect::<Vec<_>>().join(", ");
        under.push(format!("{rates}{}", arrow(cell.edge)));
    }
    if let Some(reference) = reference(metric, cell) {
        out.push_str(&format!(" {{[}}{}{{]}}", reference.replace('±', "$\\pm$")));
    }
    Cell { text: out, under: under.join("; ") }
}
