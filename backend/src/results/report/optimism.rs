//! What choosing epoch and learning rate on the tested examples adds to each figure: its optimism.

use super::kept;
use crate::results::Summary;
use crate::results::format::value;
use crate::results::significance::{Cell as StudyCell, CrossValidated, ModelSelection, Study};
use crate::results::table::{ResultCell, ResultRow, ResultTable};
use tunemask_shared::report::{Block, Cell, Column, Report, Table};
use tunemask_shared::task::Task;
use tunemask_shared::text::{NONE, rate};

/// One row per settled cell: as reported; chosen on other examples; after the last epoch; at one rate for all tasks. `None` where nothing
/// was chosen.
pub(super) fn blocks(results: &ResultTable, study: &Study) -> Option<[Block; 3]> {
    if study.cells.iter().all(|cell| matches!(cell.selection, ModelSelection::Fixed { .. })) {
        return None;
    }
    let columns = vec![
        Column::words("Mask"),
        Column::words("Task"),
        Column::numbers("Reported"),
        Column::numbers("Chosen elsewhere"),
        Column::numbers("Optimism"),
        Column::numbers("Last epoch"),
        Column::numbers("One rate"),
    ];
    let rows = study.cells.iter().map(|cell| {
        let metric = cell.metric();
        let reported = Summary::of(&cell.scores).mean;
        let number = |x: Option<f64>| Cell {
            runs: if x.is_some() { cell.runs.clone() } else { Vec::new() },
            ..Cell::text(x.map_or_else(|| NONE.to_owned(), |x| value(metric, x)))
        };
        let nested = cross_validated(cell).map(|c| Summary::of(&c.scores).mean);
        let last = cross_validated(cell).map(|c| Summary::of(&c.last_epoch).mean);
        let row = results.rows.iter().find(|row| row.mask == cell.mask);
        let fixed = row.and_then(|row| one_rate(row, &cell.task));
        let under = fixed.map(|(learning_rate, _)| format!("lr {}", rate(learning_rate))).unwrap_or_default();
        // These may be at another rate: of other runs.
        let elsewhere = |x: Option<f64>| Cell { runs: Vec::new(), ..number(x) };
        vec![
            Cell::code(cell.mask.to_string()),
            Cell::text(cell.task.title()),
            number(Some(reported)),
            elsewhere(nested),
            elsewhere(nested.map(|nested| reported - nested)),
            number(last),
            Cell { under, ..elsewhere(fixed.map(|(_, mean)| mean)) },
        ]
    });
    let rows = rows.collect();
    let unknown = study.cells.iter().any(|cell| cell.selection == ModelSelection::Optimistic);
    let unknown = if unknown {
        " Where predictions after each epoch are not stored for all runs, as by earlier versions, what choosing adds is not known (–)."
    } else {
        ""
    };
    let explained = format!(
        "Reported: epoch and learning rate are chosen on the examples that are scored, as papers do; the more there was to \
             choose from, the more such a score flatters. Chosen elsewhere: chosen on one half of the development set and \
             scored on the other, and back, over several halvings, and a rate for all seeds chosen by half of them for the other half; tests \
             and verdicts compare these. Optimism: reported minus \
             chosen elsewhere. Last epoch: at the same learning rate. One rate: the rate that is best on average over all \
             tasks, at the reported epoch.{unknown}"
    );
    let table = Table::new("What choosing adds, by mask and task", columns, rows);
    let label = format!("experiment-{}-choosing", results.experiment_id);
    let table = kept(table, &[&results.name, "choosing"], &label, std::slice::from_ref(&explained));
    Some([Block::Heading("What choosing adds".into()), Block::Paragraph(explained), Block::Table(table)])
}

/// The same as a report of its own.
pub(super) fn report(results: &ResultTable, study: &Study) -> Report {
    let nothing = "Nothing was chosen: there is one learning rate, and the last epoch is reported.";
    Report {
        blocks: blocks(results, study).map_or_else(|| vec![Block::Paragraph(nothing.into())], Into::into),
    }
}

fn cross_validated(cell: &StudyCell) -> Option<&CrossValidated> {
    match &cell.selection {
        ModelSelection::CrossValidated(found) => Some(found),
        ModelSelection::Fixed { .. } | ModelSelection::Optimistic => None,
    }
}

/// The rate of a mask with the best mean over all tasks, and its mean on one; `None` if no rate is whole on all tasks.
fn one_rate(row: &ResultRow, task: &Task) -> Option<(f64, f64)> {
    let at = |cell: &ResultCell, learning_rate: f64| {
        let own = cell.rates.iter().find(|rate| rate.learning_rate == learning_rate)?;
        (own.primary.n == own.seeds.len()).then_some(own.primary.mean)
    };
    let mean = |learning_rate: f64| {
        let all: Option<Vec<f64>> = row.cells.iter().map(|cell| at(cell, learning_rate)).collect();
        all.map(|all| Summary::of(&all).mean)
    };
    let rates = row.cells.first()?.rates.iter().map(|rate| rate.learning_rate);
    let known = rates.filter_map(|rate| Some((rate, mean(rate)?)));
    let (best, _) = known.reduce(|best, new| if new.1 > best.1 { new } else { best })?;
    let own = row.cells.iter().find(|cell| cell.task == *task)?;
    Some((best, at(own, best)?))
}
