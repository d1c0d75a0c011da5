//! A table of a report as LaTeX.

use super::cell::Cell;
use super::float::Float;
use super::{escaped, words};
use tunemask_shared::report::{self, Table};

/// The table as a float, or several where a page is too narrow; what stands under a figure stands under it here too. `label`
/// is without `tab:`; `legend` says what its signs mean.
pub fn grid(table: &Table, label: &str, legend: &[String]) -> String {
    let (stubs, heads) = table.columns.split_at(table.columns.len().min(1));
    let float = Float {
        comments: Vec::new(),
        caption: &table.caption,
        label,
        stubs: stubs.iter().map(|column| column.title.clone()).collect(),
        heads: heads.iter().map(|column| vec![column.title.clone()]).collect(),
        last: Vec::new(),
        rows: table.rows.iter().map(|row| row.iter().map(written).collect()).collect(),
        legend,
    };
    float.latex()
}

fn written(cell: &report::Cell) -> Cell {
    let text = match (cell.code, cell.strong) {
        (true, _) => format!("\\texttt{{{}}}", escaped(&cell.text)),
        // Bold letters of a text do not make a formula's bold.
        (false, true) => format!("\\textbf{{\\boldmath{{}}{}}}", words(&cell.text)),
        (false, false) => words(&cell.text),
    };
    Cell { text, under: escaped(&cell.under) }
}
