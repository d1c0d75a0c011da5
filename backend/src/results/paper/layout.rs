//! From a result table to the rows and columns of a paper's table.

use super::{PaperCell, PaperColumn, PaperRow, PaperTable};
use crate::results::reference::Reference;
use crate::results::table::{BOLD, MetricSummary, ResultRow, ResultTable, bold, notes};
use tunemask_shared::mask::Mask;
use tunemask_shared::report::Layout;

impl PaperTable {
    /// A result table in a layout, with the figures of others beside where they have any.
    pub fn new(table: &ResultTable, layout: Layout, reference: Option<&Reference>) -> Self {
        let sides: &[Option<&'static str>] = match layout {
            Layout::Outliers => &[Some("outliers"), Some("random")],
            Layout::Modules | Layout::Layers => &[None],
        };
        let columns: Vec<PaperColumn> = table
            .columns()
            .into_iter()
            .flat_map(|(task, metric, set)| {
                sides.iter().map(move |&side| PaperColumn { task, metric, set, side })
            })
            .collect();
        let lines = match layout {
            Layout::Modules => table.rows.iter().map(|r| (r.mask.to_string(), vec![r])).collect(),
            Layout::Layers => layers(table),
            Layout::Outliers => outliers(table),
        };
        let mut rows: Vec<PaperRow> = lines
            .into_iter()
            .map(|(label, masks)| PaperRow {
                label,
                trainable: masks.iter().find_map(|r| r.trainable),
                cells: columns
                    .iter()
                    .map(|column| {
                        let row =
                            masks.iter().find(|r| column.side.is_none_or(|s| side(&r.mask) == Some(s)))?;
                        cell(table, row, column, reference)
                    })
                    .collect(),
            })
            .collect();
        mark_best(table, &columns, &mut rows);
        let mut notes = notes(table);
        let cells = || rows.iter().flat_map(|r| r.cells.iter().flatten());
        if cells().any(|cell| cell.best) {
            // Behind the first note, which says how all was made.
            notes.insert(1, BOLD.into());
        }
        if cells().any(PaperCell::is_provisional) {
            notes.push("†: runs at other learning rates are still to come.".into());
        }
        notes.extend(left_out(table, &rows));
        let shown = || rows.iter().flat_map(|r| r.cells.iter().flatten());
        let has_reference = shown().any(|c| c.reference.is_some());
        if let (true, Some(reference)) = (has_reference, reference) {
            let mut sources: Vec<&str> = reference.values.iter().map(|v| v.source.as_str()).collect();
            sources.sort_unstable();
            sources.dedup();
            notes.push(format!("In brackets: {}.", sources.join("; ").trim_end_matches('.')));
        }
        let stub = match layout {
            Layout::Modules => "mask",
            Layout::Layers => "block",
            Layout::Outliers => "n",
        };
        let title = table.title();
        Self { title, layout, stub: stub.into(), columns, rows, has_reference, notes }
    }
}

/// A note of the table's masks that no cell shows: of several controls of one size the first is shown.
fn left_out(table: &ResultTable, rows: &[PaperRow]) -> Option<String> {
    let shown: Vec<&Mask> = rows.iter().flat_map(|r| r.cells.iter().flatten().map(|c| &c.mask)).collect();
    let out = table.rows.iter().map(|r| &r.mask).filter(|mask| !shown.contains(mask));
    let out: Vec<String> = out.map(|mask| format!("`{mask}`")).collect();
    (!out.is_empty()).then(|| format!("Not in this layout: {}.", out.join(", ")))
}

/// `full` and `frozen` for comparison, then each block of `single_norm`, ascending.
fn layers(table: &ResultTable) -> Vec<(String, Vec<&ResultRow>)> {
    let plain = table.rows.iter().filter(|r| matches!(r.mask, Mask::Full | Mask::Frozen | Mask::LayerNorms));
    let mut blocks: Vec<(usize, &ResultRow)> = table
        .rows
        .iter()
        .filter_map(|r| if let Mask::SingleNorm(block) = r.mask { Some((block, r)) } else { None })
        .collect();
    blocks.sort_by_key(|(block, _)| *block);
    let plain = plain.map(|r| (r.mask.to_string(), vec![r]));
    plain.chain(blocks.into_iter().map(|(block, r)| (block.to_string(), vec![r]))).collect()
}

/// Each number of outliers, ascending, with the outliers and their random control.
fn outliers(table: &ResultTable) -> Vec<(String, Vec<&ResultRow>)> {
    let count = |mask: &Mask| match mask {
        Mask::Outliers(n) | Mask::OutliersRandom { count: n, .. } => Some(*n),
        Mask::Full | Mask::Frozen | Mask::Mha | Mask::Ffn | Mask::LayerNorms | Mask::LayerNormA => None,
        Mask::LayerNormF | Mask::BitFit | Mask::Random { .. } | Mask::SingleNorm(_) | Mask::Custom(_) => None,
    };
    let mut counts: Vec<usize> = table.rows.iter().filter_map(|r| count(&r.mask)).collect();
    counts.sort_unstable();
    counts.dedup();
    let rows_with = |n| table.rows.iter().filter(|r| count(&r.mask) == Some(n)).collect();
    counts.into_iter().map(|n| (n.to_string(), rows_with(n))).collect()
}

fn side(mask: &Mask) -> Option<&'static str> {
    match mask {
        Mask::Outliers(_) => Some("outliers"),
        Mask::OutliersRandom { .. } => Some("random"),
        Mask::Full | Mask::Frozen | Mask::Mha | Mask::Ffn | Mask::LayerNorms | Mask::LayerNormA => None,
        Mask::LayerNormF | Mask::BitFit | Mask::Random { .. } | Mask::SingleNorm(_) | Mask::Custom(_) => None,
    }
}

fn cell(
    table: &ResultTable,
    row: &ResultRow,
    column: &PaperColumn,
    reference: Option<&Reference>,
) -> Option<PaperCell> {
    let cell = row.cells.iter().find(|c| c.task == column.task)?;
    let reported = cell.reported(table.rate_pick);
    let values: Vec<f64> = reported.iter().filter_map(|s| s.value(column.metric, column.set)).collect();
    let mut rates = cell.picked.clone();
    rates.sort_by(f64::total_cmp);
    rates.dedup();
    let figure = figure(row, column)?;
    Some(PaperCell {
        mask: row.mask.clone(),
        summary: figure.summary,
        seeds: cell.seeds(),
        gap: figure.gap.clone(),
        values,
        rates,
        on_edge: cell.edge.is_some(),
        settled: cell.settled,
        best: false,
        runs: reported.iter().filter_map(|s| s.run.clone()).collect(),
        reference: reference
            .and_then(|r| r.find(&row.mask, column.task, column.metric, column.set))
            .map(|v| (v.value, v.std)),
    })
}

/// The figure of a row that stands in a column.
fn figure<'a>(row: &'a ResultRow, column: &PaperColumn) -> Option<&'a MetricSummary> {
    let cell = row.cells.iter().find(|c| c.task == column.task)?;
    cell.figures.iter().find(|f| (f.metric, f.set) == (column.metric, column.set))
}

/// Marks what stands bold of each column.
fn mark_best(table: &ResultTable, columns: &[PaperColumn], rows: &mut [PaperRow]) {
    for (at, column) in columns.iter().enumerate() {
        let figure_in_column = |row: &PaperRow| {
            let mask = &row.cells[at].as_ref()?.mask;
            let found = table.rows.iter().find(|r| r.mask == *mask)?;
            figure(found, column).map(|figure| (&found.mask, figure))
        };
        let marks = bold(rows.iter().map(figure_in_column));
        for (row, mark) in rows.iter_mut().zip(marks) {
            if let Some(cell) = row.cells[at].as_mut() {
                cell.best = mark;
            }
        }
    }
}
