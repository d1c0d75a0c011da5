//! Which of their cells belong beside each other, and the scores of these.

use super::contender::Contender;
use crate::results::format::{column, mean_and_deviation, value};
use crate::results::render::text::{picked_rates, share};
use crate::results::report::kept;
use crate::results::report::results::FigureRank;
use crate::results::table::{MetricSummary, ResultCell, best};
use tunemask_shared::mask::Mask;
use tunemask_shared::report::{Block, Cell, Column, Table};
use tunemask_shared::task::Task;
use tunemask_shared::text::NONE;

/// What stands beside each other: cells of a task, and of a mask unless each has one mask alone. Masks are then what is
/// compared.
pub(super) struct Match<'a> {
    /// The task.
    pub task: &'a Task,
    /// The mask, if it is the same of all.
    pub mask: Option<&'a Mask>,
    /// The cell of each that has one.
    pub cells: Vec<Option<&'a ResultCell>>,
    /// Their masks.
    pub masks: Vec<Option<&'a Mask>>,
}

/// All cells, in the order of the first that has them.
pub(super) fn matches(all: &[Contender]) -> Vec<Match<'_>> {
    let one_mask = all.iter().all(|contender| contender.table.rows.len() == 1);
    let mut matches: Vec<Match<'_>> = Vec::new();
    for (place, contender) in all.iter().enumerate() {
        for row in &contender.table.rows {
            let mask = (!one_mask).then_some(&row.mask);
            for cell in &row.cells {
                let same = |m: &Match<'_>| *m.task == cell.task && m.mask == mask;
                let found = match matches.iter().position(same) {
                    Some(at) => &mut matches[at],
                    None => {
                        let (cells, masks) = (vec![None; all.len()], vec![None; all.len()]);
                        matches.push(Match { task: &cell.task, mask, cells, masks });
                        let last = matches.len() - 1;
                        &mut matches[last]
                    }
                };
                (found.cells[place], found.masks[place]) = (Some(cell), Some(&row.mask));
            }
        }
    }
    matches
}

/// A row for each metric, a column each, the best of each row marked.
pub(super) fn scores(all: &[Contender], matches: &[Match<'_>]) -> Vec<Block> {
    let with_masks = matches.iter().any(|m| m.mask.is_some());
    let mut columns = vec![Column::words("Score")];
    if with_masks {
        columns.insert(0, Column::words("Mask"));
    }
    columns.extend(all.iter().map(|contender| Column::numbers(&contender.name)));
    let mut rows = Vec::new();
    let mut marked = false;
    for m in matches {
        let figures = m.cells.iter().flatten().next().map_or(0, |cell| cell.figures.len());
        for i in 0..figures {
            let of_each: Vec<Option<&MetricSummary>> =
                m.cells.iter().map(|cell| cell.and_then(|cell| cell.figures.get(i))).collect();
            let Some(first) = of_each.iter().flatten().next() else { continue };
            let strong = best(of_each.iter().copied());
            marked |= strong.contains(&true);
            let title = Cell::text(column(m.task, first.metric, first.set));
            let mask = m.mask.map(|mask| Cell { mask: Some(mask.clone()), ..Cell::code(mask.to_string()) });
            let cells = m.cells.iter().zip(&of_each).zip(all).zip(strong).map(
                |(((cell, figure), contender), strong)| match (cell, figure) {
                    (Some(cell), Some(figure)) => {
                        Cell { strong, ..figure_cell(contender, cell, figure, FigureRank::of(i)) }
                    }
                    _ => Cell::text(NONE),
                },
            );
            rows.push(mask.into_iter().chain([title]).chain(cells).collect());
        }
    }
    let mut explained =
        "Scores on the development set at the epoch that is reported; of several seeds mean ± standard \
                         deviation at the picked learning rate."
            .to_owned();
    if marked {
        explained.push_str(" Bold: the best of each row.");
    }
    let table = Table::new("Scores beside each other", columns, rows);
    let legend = std::slice::from_ref(&explained);
    let table = kept(table, &["comparison", "scores"], "comparison-scores", legend);
    vec![Block::Table(table), Block::Paragraph(explained)]
}

fn figure_cell(contender: &Contender, cell: &ResultCell, figure: &MetricSummary, rank: FigureRank) -> Cell {
    let one_run = cell.seeds() == 1 && cell.rates.len() == 1;
    let text = match one_run {
        true => value(figure.metric, figure.summary.mean),
        false => mean_and_deviation(figure.metric, figure.summary),
    };
    let lacking = share(figure, cell.seeds());
    let under = match (lacking, rank) {
        (Some(lacking), _) => lacking,
        (None, FigureRank::Further) => String::new(),
        (None, FigureRank::First) if one_run => {
            contender.epoch().map_or_else(String::new, |epoch| format!("epoch {epoch}"))
        }
        (None, FigureRank::First) => format!("lr {} · n {}", picked_rates(cell), figure.summary.n),
    };
    let reported = cell.reported(contender.table.rate_pick);
    // Until one has a number, those that are to have one.
    let behind = match reported.is_empty() {
        false => reported,
        true => cell.rates.iter().flat_map(|rate| &rate.seeds).collect(),
    };
    let runs = behind.into_iter().filter_map(|seed| seed.run.clone()).collect();
    Cell { under, runs, seen_from: Some(contender.id), ..Cell::text(text) }
}
