//! A table of a report as Markdown.

use super::{cell_named, pipes, plain};
use tunemask_shared::report::{Cell, Table};

/// The table under its caption: what stands under a figure follows it in parentheses, and what stands out is bold.
pub fn grid(table: &Table) -> String {
    let heads = table.columns.iter().map(|column| cell_named(&column.title)).collect();
    let rows = table.rows.iter().map(|row| row.iter().map(written).collect());
    let lines: Vec<Vec<String>> = std::iter::once(heads).chain(rows).collect();
    format!("### {}\n\n{}", plain(&table.caption), pipes(&lines))
}

fn written(cell: &Cell) -> String {
    let text = cell_named(&cell.text);
    let text = if cell.strong { format!("**{text}**") } else { text };
    if cell.under.is_empty() { text } else { format!("{text} ({})", cell_named(&cell.under)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tunemask_shared::report::Column;

    #[test]
    fn what_stands_out_or_under_a_figure_is_told() {
        let cell = |text: &str, under: &str| Cell { under: under.into(), ..Cell::text(text) };
        let table = Table::new(
            "RTE: every *pair*",
            vec![Column::words("Mask"), Column::numbers("a|b")],
            vec![
                vec![Cell::code("full"), Cell { strong: true, ..cell("+1.0", "p < 0.001") }],
                vec![Cell::code("a|b"), Cell::default()],
            ],
        );
        let lines = [
            "### RTE: every \\*pair\\*",
            "",
            "| Mask |                 a\\|b |",
            "| ---- | -------------------: |",
            "| full | **+1.0** (p < 0.001) |",
            "| a\\|b |                      |",
        ];
        assert_eq!(grid(&table).lines().collect::<Vec<_>>(), lines);
    }
}
