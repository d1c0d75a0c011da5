//! The result table as LaTeX.

use super::{dashed, escaped};
use crate::results::format::{column, deviation, value};
use crate::results::render::text::{picked_rates, share};
use crate::results::table::{MetricSummary, ResultCell, ResultTable, notes};
use tunemask_shared::text::thousands;

/// The table as LaTeX for the booktabs package, in percent; the notes stand above it as comments.
pub fn table(table: &ResultTable) -> String {
    let mut out = String::new();
    for note in notes(table) {
        out.push_str(&format!("% {}\n", note.replace(['\n', '\r'], " ")));
    }
    let columns = table.columns();
    let right = 1 + columns.len() + usize::from(table.has_average());
    let mut header = vec!["mask".to_owned(), "trainable".to_owned()];
    header.extend(columns.into_iter().map(|(t, m, s)| escaped(&column(t, m, s))));
    if table.has_average() {
        header.push("average".to_owned());
    }
    out.push_str(&format!("% {}\n", table.title()));
    out.push_str(&format!("\\begin{{tabular}}{{l{}}}\n\\toprule\n", "r".repeat(right)));
    out.push_str(&format!("{} \\\\\n\\midrule\n", header.join(" & ")));
    for row in &table.rows {
        let mask = format!("\\texttt{{{}}}", escaped(&row.mask.to_string()));
        let trainable = row.trainable.map_or_else(|| "--".to_owned(), |n| thousands(n).replace(',', "{,}"));
        let mut line = vec![mask, trainable];
        for cell in &row.cells {
            line.extend(cell.figures.iter().enumerate().map(|(i, f)| figure(cell, i, f)));
        }
        if let (true, Some(first)) = (table.has_average(), row.cells.first().and_then(ResultCell::primary)) {
            line.push(row.average.map_or_else(|| "--".to_owned(), |a| dashed(&value(first.metric, a))));
        }
        out.push_str(&format!("{} \\\\\n", line.join(" & ")));
    }
    out.push_str("\\bottomrule\n\\end{tabular}\n");
    out
}

/// `$66.4 \pm 1.25$` and, behind the figure that picked, the learning rate.
fn figure(cell: &ResultCell, index: usize, figure: &MetricSummary) -> String {
    let (metric, summary) = (figure.metric, figure.summary);
    let share = share(figure, cell.seeds()).map_or_else(String::new, |share| format!(" ({share})"));
    if summary.n == 0 || summary.mean.is_nan() {
        return format!("--{share}");
    }
    let mean = value(metric, summary.mean);
    let text = if summary.std.is_nan() {
        format!("${mean}${share}")
    } else {
        format!("${mean} \\pm {}${share}", deviation(metric, summary.std))
    };
    if index == 0 { format!("{text} ({})", picked_rates(cell)) } else { text }
}
