//! The result table as Markdown.

use super::{cell_named, list, pipes, plain};
use crate::results::format::{column, value};
use crate::results::render::text::figure;
use crate::results::table::{ResultTable, notes};
use tunemask_shared::text::{NONE, thousands};

/// The table as Markdown: a title, a pipe table in percent with the best of each column bold, and the notes as a list.
pub fn table(table: &ResultTable) -> String {
    let mut header = vec!["mask".to_owned(), "trainable".to_owned()];
    header.extend(table.columns().into_iter().map(|(t, m, s)| cell_named(&column(&t, m, s))));
    if table.has_average() {
        header.push("average".to_owned());
    }
    let mut lines = vec![header];
    let bold = table.bold();
    for (at, row) in table.rows.iter().enumerate() {
        let mut marks = bold.iter().map(|column| column[at]);
        let mut line =
            vec![cell_named(&row.mask.to_string()), row.trainable.map_or_else(|| NONE.to_owned(), thousands)];
        for cell in &row.cells {
            line.extend(cell.figures.iter().enumerate().zip(&mut marks).map(|((i, f), is_bold)| {
                let text = figure(cell, i, f);
                if is_bold { format!("**{text}**") } else { text }
            }));
        }
        if let (true, Some(first)) = (table.has_average(), row.cells.first().and_then(|c| c.primary())) {
            line.push(row.average.map_or_else(|| NONE.to_owned(), |a| value(first.metric, a)));
        }
        lines.push(line);
    }
    let mut out = format!("### {}\n\n", plain(&table.title()));
    out.push_str(&pipes(&lines));
    out.push('\n');
    out.push_str(&list(&notes(table)));
    out
}
