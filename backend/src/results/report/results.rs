//! The report on the result table as runs finish.

use super::file;
use crate::results::format::{column, mean_and_deviation, value};
use crate::results::render::text::{picked_rates, share};
use crate::results::render::{csv, latex, markdown};
use crate::results::table::{BOLD, Edge, MetricSummary, ResultCell, ResultTable, legend, remarks};
use tunemask_shared::experiment::RatePick;
use tunemask_shared::report::{Block, Cell, Column, FileForm, Report, Table, Warning};
use tunemask_shared::run::{RunId, RunStatus};
use tunemask_shared::text::{NONE, count, thousands};

/// The result table of an experiment, with what of it is still to come.
pub(super) fn report(table: &ResultTable) -> Report {
    let mut runs = table.rows.iter().flat_map(|r| &r.cells).flat_map(|c| &c.rates).flat_map(|r| &r.seeds);
    if runs.all(|run| !run.status.is_over()) {
        let text = "Mean ± standard deviation over the seeds, as soon as a run has finished.";
        return Report { blocks: vec![Block::Paragraph(text.into())] };
    }
    let figures = table.columns();
    let strong = table.bold();
    let mut columns = vec![Column::words("Mask"), Column::numbers("Trainable")];
    columns.extend(figures.iter().map(|(task, metric, set)| Column::numbers(column(task, *metric, *set))));
    if table.has_average() {
        columns.push(Column::numbers("Average"));
    }
    let rows = table.rows.iter().enumerate().map(|(at, row)| {
        let mut cells = vec![
            Cell { mask: Some(row.mask.clone()), ..Cell::code(row.mask.to_string()) },
            Cell::text(row.trainable.map(thousands).unwrap_or_default()),
        ];
        let all = row.cells.iter().flat_map(|cell| cell.figures.iter().enumerate().map(move |f| (cell, f)));
        cells.extend(all.zip(&strong).map(|((cell, (i, figure)), marks)| Cell {
            strong: marks[at],
            runs: behind(cell, table.rate_pick),
            ..figure_cell(cell, FigureRank::of(i), figure)
        }));
        if let (true, Some(first)) = (table.has_average(), row.cells.first().and_then(ResultCell::primary)) {
            cells.push(Cell::text(row.average.map_or_else(|| NONE.to_owned(), |a| value(first.metric, a))));
        }
        cells
    });
    let mut explained = legend(table);
    if strong.iter().flatten().any(|bold| *bold) {
        explained.push(BOLD.into());
    }
    let explained = explained.join(" ").replace(" (after the @)", "");
    let name = [table.name.as_str(), "results"];
    let files = vec![
        file(FileForm::Csv, &name, csv::table(table)),
        file(FileForm::Markdown, &name, markdown::table(table)),
        file(FileForm::Latex, &name, latex::table(table)),
    ];
    let rows = rows.collect();
    Report {
        blocks: vec![
            Block::Table(Table::new("Table of results", columns, rows)),
            Block::Paragraph(explained),
            Block::Notes(remarks(table)),
            Block::Files { what: "results".into(), files },
        ],
    }
}

/// The sign of an edge of the grid, and what it warns of.
pub(super) fn edge(edge: Option<Edge>) -> Option<Warning> {
    let reason = match edge? {
        Edge::Lowest => "The lowest learning rate of the grid won: a lower one may be better",
        Edge::Highest => "The highest learning rate of the grid won: a higher one may be better",
        Edge::Both => "The lowest and the highest learning rate of the grid won: one beyond may be better",
    };
    edge.map(|edge| Warning { sign: edge.sign(), reason: reason.into() })
}

/// The runs that a cell reports, or all that it has where none of them has a number.
fn behind(cell: &ResultCell, how: RatePick) -> Vec<RunId> {
    let mut runs = cell.reported(how);
    if runs.is_empty() {
        runs = cell.rates.iter().flat_map(|rate| &rate.seeds).collect();
    }
    runs.into_iter().filter_map(|run| run.run.clone()).collect()
}

/// Which of its task's figures a cell shows: what holds for all of them is said below the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FigureRank {
    First,
    Further,
}

impl FigureRank {
    /// Of the figure at a place, counted from 0.
    pub(super) fn of(place: usize) -> Self {
        if place == 0 { Self::First } else { Self::Further }
    }
}

fn figure_cell(cell: &ResultCell, rank: FigureRank, figure: &MetricSummary) -> Cell {
    let mut made = Cell::text(mean_and_deviation(figure.metric, figure.summary));
    let share = share(figure, cell.seeds());
    let rates = picked_rates(cell);
    if rank == FigureRank::First && !rates.is_empty() {
        let with = |pick: fn(RunStatus) -> bool| cell.unfinished().filter(|(_, s)| pick(s.status)).count();
        let counted = |n: usize, word: &str| {
            if n > 0 { format!(" · {} {word}", count(n, "run")) } else { String::new() }
        };
        let left = counted(with(|status| !status.is_over()), "to come");
        let failed = counted(with(|status| status == RunStatus::Failed), "failed");
        let n = share.unwrap_or_else(|| format!("n {}", figure.summary.n));
        made.under = format!("lr {rates} · {n}{left}{failed}");
        made.warning = edge(cell.edge);
    } else {
        made.under = share.unwrap_or_default();
    }
    made
}
