//! A table of a report as CSV.

use tunemask_shared::report::{Cell, Table};
use tunemask_shared::text::csv_field;

/// The cells as they are shown; what stands under the figures of a column is a column behind it.
pub fn grid(table: &Table) -> String {
    let cells = |at: usize| table.rows.iter().filter_map(move |row| row.get(at));
    let has_under: Vec<bool> =
        (0..table.columns.len()).map(|at| cells(at).any(|cell| !cell.under.is_empty())).collect();
    let mut out = String::new();
    let mut line = |fields: Vec<String>| {
        out.push_str(&fields.join(","));
        out.push('\n');
    };
    let heads = table.columns.iter().zip(&has_under).flat_map(|(column, has_under)| {
        let below = has_under.then(|| csv_field(&format!("{}, below", column.title)));
        std::iter::once(csv_field(&column.title)).chain(below)
    });
    line(heads.collect());
    for row in &table.rows {
        let fields = row.iter().zip(&has_under).flat_map(|(cell, has_under)| {
            let Cell { text, under, .. } = cell;
            std::iter::once(csv_field(text)).chain(has_under.then(|| csv_field(under)))
        });
        line(fields.collect());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use tunemask_shared::report::Column;

    #[test]
    fn what_stands_under_figures_has_a_column() {
        let table = Table::new(
            "Scores",
            vec![Column::words("Score"), Column::numbers("#1"), Column::numbers("#2")],
            vec![
                vec![
                    Cell::text("F1, \"best\""),
                    Cell { under: "lr 1e-3".into(), ..Cell::text("70.0") },
                    Cell::text("61.0"),
                ],
                vec![Cell::text("Loss"), Cell::text("0.5"), Cell::text("–")],
            ],
        );
        let lines = ["Score,#1,\"#1, below\",#2", "\"F1, \"\"best\"\"\",70.0,lr 1e-3,61.0", "Loss,0.5,,–"];
        assert_eq!(grid(&table).lines().collect::<Vec<_>>(), lines);
    }
}
