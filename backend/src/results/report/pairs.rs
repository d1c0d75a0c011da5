//! Every pair of masks as a matrix for each task: the tests that `table --pairs` prints.

use crate::results::format::column;
use crate::results::significance::{PairTest, Study, Untested, pair_differences, untested};
use tunemask_shared::mask::Mask;
use tunemask_shared::report::{Block, Cell, Column, Table};
use tunemask_shared::task::Task;
use tunemask_shared::text::NONE;

/// The level at which a difference stands bold.
const ALPHA: f64 = 0.05;

/// A matrix for each task, to be opened; `None` where no two masks were tested against each other.
pub(super) fn block(study: &Study) -> Option<Block> {
    let (tests, untested) = (pair_differences(study), untested(study, None));
    let mut blocks = vec![Block::Paragraph(format!(
        "Row minus column, in percentage points where the metric is in percent; below, the two-sided p-value, Holm-corrected over the \
         pairs of a task. Bold: below {ALPHA}."
    ))];
    for task in &study.tasks {
        let own: Vec<&PairTest> = tests.iter().filter(|test| test.task == *task).collect();
        if !own.is_empty() {
            blocks.push(Block::Heading(column(task, task.primary_metric(), 0)));
            blocks.push(Block::Table(matrix(study, task, &own, &untested)));
        }
    }
    let summary = "Every pair of masks, task by task".to_owned();
    (blocks.len() > 1).then_some(Block::Fold { summary, blocks })
}

fn matrix(study: &Study, task: &Task, tests: &[&PairTest], untested: &[Untested]) -> Table {
    let unit = if task.primary_metric().in_percent() { 100.0 } else { 1.0 };
    let cell = |left: &Mask, right: &Mask| {
        let test = |a: &Mask, b: &Mask| tests.iter().find(|test| test.left == *a && test.right == *b);
        match (test(left, right), test(right, left)) {
            (Some(test), _) => tested(test, test.difference * unit),
            (None, Some(test)) => tested(test, -test.difference * unit),
            (None, None) => lacking(task, left, right, untested),
        }
    };
    let row = |left: &Mask| {
        let cells = study.masks.iter().map(|right| cell(left, right));
        std::iter::once(Cell { mask: Some(left.clone()), ..Cell::code(left.to_string()) })
            .chain(cells)
            .collect()
    };
    let columns = study.masks.iter().map(|mask| Column::numbers(mask.to_string()));
    Table {
        caption: format!("{}: every pair of masks", task.title()),
        columns: std::iter::once(Column::words("Mask")).chain(columns).collect(),
        rows: study.masks.iter().map(row).collect(),
    }
}

fn tested(test: &PairTest, difference: f64) -> Cell {
    let p = match test.p_holm {
        p if p.is_nan() => "not testable".to_owned(),
        p if p < 0.001 => "p < 0.001".to_owned(),
        p => format!("p {p:.3}"),
    };
    let size = if test.task.primary_metric().in_percent() {
        format!("{:.1}", difference.abs())
    } else {
        format!("{:.4}", difference.abs())
    };
    let sign = match difference {
        _ if size.chars().all(|digit| matches!(digit, '0' | '.')) => "",
        x if x < 0.0 => "−",
        _ => "+",
    };
    Cell {
        under: p,
        strong: test.p_holm < ALPHA,
        runs: test.runs.clone(),
        ..Cell::text(format!("{sign}{size}"))
    }
}

/// A pair that was not tested, with why; nothing for a mask beside itself.
fn lacking(task: &Task, left: &Mask, right: &Mask, untested: &[Untested]) -> Cell {
    let is_pair = |u: &&Untested| {
        u.task == *task && ((u.left == *left && u.right == *right) || (u.left == *right && u.right == *left))
    };
    match untested.iter().find(is_pair) {
        Some(_) => Cell { under: "untested".into(), ..Cell::text(NONE) },
        None => Cell::default(),
    }
}
