//! The result table as LaTeX.

use super::cell::Cell;
use super::float::Float;
use super::{arrow, dashed, escaped, head};
use crate::results::format::value;
use crate::results::render::text::{picked_rates, share};
use crate::results::table::{BOLD, MetricSummary, ResultCell, ResultRow, ResultTable, legend, remarks};
use tunemask_shared::task::Task;
use tunemask_shared::text::thousands;

/// The table as LaTeX for the packages booktabs and graphicx: a float in percent with the best of each column bold and
/// what its signs mean below. Notes on single cells stand above it as comments.
pub fn table(table: &ResultTable) -> String {
    let bold = table.bold();
    let mut explained = legend(table);
    if bold.iter().flatten().any(|bold| *bold) {
        explained.push(BOLD.into());
    }
    let row = |(at, row): (usize, &ResultRow)| {
        let mask = format!("\\texttt{{{}}}", escaped(&row.mask.to_string()));
        let trainable = row.trainable.map_or_else(|| "--".to_owned(), |n| thousands(n).replace(',', "{,}"));
        let mut marks = bold.iter().map(|column| column[at]);
        let mut line = vec![Cell::from(mask), trainable.into()];
        for cell in &row.cells {
            let figures = cell.figures.iter().enumerate().zip(&mut marks);
            line.extend(figures.map(|((i, f), is_bold)| figure(cell, i, f, is_bold)));
        }
        if let (true, Some(first)) = (table.has_average(), row.cells.first().and_then(ResultCell::primary)) {
            line.push(
                row.average.map_or_else(|| "--".to_owned(), |a| dashed(&value(first.metric, a))).into(),
            );
        }
        line
    };
    let heads = |(task, metric, set): (Task, _, _)| vec![task.title().to_owned(), head(&task, metric, set)];
    let float = Float {
        comments: remarks(table),
        caption: &table.title(),
        label: &format!("experiment-{}", table.experiment_id),
        stubs: ["mask", "trainable"].map(str::to_owned).into(),
        heads: table.columns().into_iter().map(heads).collect(),
        last: table.has_average().then(|| "average".to_owned()).into_iter().collect(),
        rows: table.rows.iter().enumerate().map(row).collect(),
        legend: &explained,
    };
    float.latex()
}

/// `$66.4_{\pm 1.3}$` and, below the figure that picked, the learning rate.
fn figure(cell: &ResultCell, index: usize, figure: &MetricSummary, is_bold: bool) -> Cell {
    let (metric, summary) = (figure.metric, figure.summary);
    let mut under: Vec<String> = share(figure, cell.seeds()).into_iter().collect();
    if summary.n == 0 || summary.mean.is_nan() {
        return Cell { text: "--".to_owned(), under: under.join("; ") };
    }
    let mean = value(metric, summary.mean);
    let mean = if is_bold { format!("\\mathbf{{{mean}}}") } else { mean };
    let text = if summary.std.is_nan() {
        format!("${mean}$")
    } else {
        format!("${mean}_{{\\pm {}}}$", value(metric, summary.std))
    };
    if index == 0 {
        under.push(format!("{}{}", picked_rates(cell), arrow(cell.edge)));
    }
    Cell { text, under: under.join("; ") }
}
