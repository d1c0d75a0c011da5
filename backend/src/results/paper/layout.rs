//! From a result table to the rows and columns of a paper's table.

use super::{PaperCell, PaperColumn, PaperRow, PaperTable};
use crate::results::reference::Reference;
use crate::results::table::{BOLD, MetricSummary, ResultRow, ResultTable, bold, legend, remarks};
use tunemask_shared::mask::Mask;
use tunemask_shared::report::{Layout, layout_word};

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
                sides.iter().map(move |&side| PaperColumn { task: task.clone(), metric, set, side })
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
                        let stands = |mask: &Mask| match (column.side, side(mask)) {
                            (Some(column), Some(of_mask)) => column == of_mask,
                            (None, _) | (_, None) => true,
                        };
                        let row = masks.iter().find(|row| stands(&row.mask))?;
                        cell(table, row, column, reference)
                    })
                    .collect(),
            })
            .collect();
        mark_best(table, &columns, &mut rows);
        let mut legend = legend(table);
        let cells = || rows.iter().flat_map(|row| &row.cells);
        let shown = || cells().flatten();
        if shown().any(|cell| cell.best) {
            legend.push(BOLD.into());
        }
        legend.extend(in_both_columns(&columns, &rows));
        if shown().any(PaperCell::is_provisional) {
            legend.push("†: runs at other learning rates are still to come.".into());
        }
        if cells().any(Option::is_none) {
            legend.push("– alone: the experiment has no such mask.".into());
        }
        let has_reference = shown().any(|c| c.reference.is_some());
        if let (true, Some(reference)) = (has_reference, reference) {
            let mut sources: Vec<&str> = reference.values.iter().map(|v| v.source.as_str()).collect();
            sources.sort_unstable();
            sources.dedup();
            legend.push(format!("In brackets: {}.", sources.join("; ").trim_end_matches('.')));
        }
        let mut notes = remarks(table);
        notes.extend(left_out(table, &rows));
        let stub = match layout {
            Layout::Modules => "mask",
            Layout::Layers => "block",
            Layout::Outliers => "n",
        };
        let title = table.title();
        let label = format!("experiment-{}-{}", table.experiment_id, layout_word(layout));
        Self { title, label, layout, stub: stub.into(), columns, rows, has_reference, legend, notes }
    }
}

/// A note of the table's masks that no cell shows: of several controls of one size the first is shown.
fn left_out(table: &ResultTable, rows: &[PaperRow]) -> Option<String> {
    let shown: Vec<&Mask> = rows.iter().flat_map(|r| r.cells.iter().flatten().map(|c| &c.mask)).collect();
    let out = table.rows.iter().map(|r| &r.mask).filter(|mask| !shown.contains(mask));
    let out: Vec<String> = out.map(|mask| format!("`{mask}`")).collect();
    (!out.is_empty()).then(|| format!("Not in this layout: {}.", out.join(", ")))
}

/// Says of rows that compare with every column of a task that they do.
fn in_both_columns(columns: &[PaperColumn], rows: &[PaperRow]) -> Option<String> {
    let both = rows.iter().filter(|row| row.cells.iter().flatten().any(|cell| side(&cell.mask).is_none()));
    let both: Vec<String> = both.map(|row| format!("`{}`", row.label)).collect();
    let has_sides = columns.iter().any(|column| column.side.is_some());
    (has_sides && !both.is_empty())
        .then(|| format!("For comparison in both columns of a task: {}.", both.join(", ")))
}

/// What each block or number of outliers is compared with.
fn references(table: &ResultTable) -> impl Iterator<Item = (String, Vec<&ResultRow>)> {
    let rows = table.rows.iter().filter(|r| matches!(r.mask, Mask::Full | Mask::Frozen | Mask::LayerNorms));
    rows.map(|row| (row.mask.to_string(), vec![row]))
}

/// `full`, `frozen` and `layernorms` for comparison, then each block of `single_norm`, ascending.
fn layers(table: &ResultTable) -> Vec<(String, Vec<&ResultRow>)> {
    let mut blocks: Vec<(usize, &ResultRow)> = table
        .rows
        .iter()
        .filter_map(|r| if let Mask::SingleNorm(block) = r.mask { Some((block, r)) } else { None })
        .collect();
    blocks.sort_by_key(|(block, _)| *block);
    references(table).chain(blocks.into_iter().map(|(block, r)| (block.to_string(), vec![r]))).collect()
}

/// What they are compared with, then each number of outliers, ascending, with the outliers and their random control.
fn outliers(table: &ResultTable) -> Vec<(String, Vec<&ResultRow>)> {
    let count = |mask: &Mask| match mask {
        Mask::Outliers(n) | Mask::OutliersRandom { count: n, .. } => Some(*n),
        Mask::Full | Mask::Frozen | Mask::Mha | Mask::Ffn | Mask::LayerNorms | Mask::LayerNormA => None,
        Mask::LayerNormF | Mask::BitFit | Mask::Random { .. } | Mask::RandomBlocks => None,
        Mask::SingleNorm(_) | Mask::Lora(_) | Mask::Custom(_) => None,
    };
    let mut counts: Vec<usize> = table.rows.iter().filter_map(|r| count(&r.mask)).collect();
    counts.sort_unstable();
    counts.dedup();
    let rows_with = |n| table.rows.iter().filter(|r| count(&r.mask) == Some(n)).collect();
    let compared = references(table).filter(|_| !counts.is_empty()).collect::<Vec<_>>();
    compared.into_iter().chain(counts.into_iter().map(|n| (n.to_string(), rows_with(n)))).collect()
}

fn side(mask: &Mask) -> Option<&'static str> {
    match mask {
        Mask::Outliers(_) => Some("outliers"),
        Mask::OutliersRandom { .. } => Some("random"),
        Mask::Full | Mask::Frozen | Mask::Mha | Mask::Ffn | Mask::LayerNorms | Mask::LayerNormA => None,
        Mask::LayerNormF | Mask::BitFit | Mask::Random { .. } | Mask::RandomBlocks => None,
        Mask::SingleNorm(_) | Mask::Lora(_) | Mask::Custom(_) => None,
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
        edge: cell.edge,
        settled: cell.settled,
        best: false,
        runs: reported.iter().filter_map(|s| s.run.clone()).collect(),
        reference: reference
            .and_then(|r| r.find(&row.mask, column.task.name(), column.metric, column.set))
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
