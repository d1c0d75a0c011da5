//! Every pair of masks as a matrix for each task: the tests that `table --pairs` prints.

use super::{csv_text, file};
use crate::results::format::column;
use crate::results::render::{latex, markdown};
use crate::results::significance::{PairTest, Study, Untested, pair_differences, untested};
use crate::results::table::ResultTable;
use tunemask_shared::mask::Mask;
use tunemask_shared::report::{Block, Cell, Column, File, FileForm, Table};
use tunemask_shared::task::Task;
use tunemask_shared::text::NONE;

/// The level at which a difference stands bold.
const ALPHA: f64 = 0.05;

/// A matrix for each task with its files, to be opened; `None` where no two masks were tested against each other.
pub(super) fn block(results: &ResultTable, study: &Study) -> Option<Block> {
    let (tests, untested) = (pair_differences(study), untested(study, None));
    let explained = format!(
        "Row minus column, in percentage points where the metric is in percent; below, the two-sided p-value, Holm-corrected over the \
         pairs of a task. Bold: below {ALPHA}."
    );
    let mut matrices = Vec::new();
    for task in &study.tasks {
        let own: Vec<&PairTest> = tests.iter().filter(|test| test.task == *task).collect();
        if !own.is_empty() {
            matrices.push((task, matrix(study, task, &own, &untested)));
        }
    }
    if matrices.is_empty() {
        return None;
    }
    let files = files(results, &explained, &matrices, csv(&tests, &untested));
    let shown = matrices.into_iter().flat_map(|(task, matrix)| {
        [Block::Heading(column(task, task.primary_metric(), 0)), Block::Table(matrix)]
    });
    let blocks = std::iter::once(Block::Paragraph(explained)).chain(shown);
    let blocks = blocks.chain([Block::Files { what: "pairs of masks".into(), files }]).collect();
    Some(Block::Fold { summary: "Every pair of masks, task by task".into(), blocks })
}

/// The matrices as they stand there, and each pair as a line.
fn files(results: &ResultTable, explained: &str, matrices: &[(&Task, Table)], csv: String) -> Vec<File> {
    let parts = [results.name.as_str(), "pairs"];
    let grids: Vec<String> = matrices.iter().map(|(_, matrix)| markdown::grid(matrix)).collect();
    let legend = [explained.to_owned()];
    let label = |task: &Task| format!("experiment-{}-pairs-{task}", results.experiment_id);
    let floats = matrices.iter().map(|(task, matrix)| latex::grid(matrix, &label(task), &legend));
    vec![
        file(FileForm::Markdown, &parts, format!("{}\n{}\n", grids.join("\n"), markdown::plain(explained))),
        file(FileForm::Latex, &parts, floats.collect::<Vec<_>>().join("\n")),
        file(FileForm::Csv, &parts, csv),
    ]
}

/// A line for each pair, unrounded and in the metric's own unit (not percent); what is not there is an empty field.
fn csv(tests: &[PairTest], untested: &[Untested]) -> String {
    let head =
        ["task", "metric", "left", "right", "difference", "low", "high", "p", "p_holm", "seeds", "untested"];
    let number = |x: f64| if x.is_finite() { x.to_string() } else { String::new() };
    let line = |task: &Task, left: &Mask, right: &Mask| {
        [task.to_string(), task.primary_metric().name().to_owned(), left.to_string(), right.to_string()]
    };
    let mut lines = vec![head.map(str::to_owned)];
    lines.extend(tests.iter().map(|test| {
        let [task, metric, left, right] = line(&test.task, &test.left, &test.right);
        let [low, high] = test.interval.map(number);
        let [difference, p, p_holm] = [test.difference, test.p, test.p_holm].map(number);
        let seeds = test.method.seeds.to_string();
        [task, metric, left, right, difference, low, high, p, p_holm, seeds, String::new()]
    }));
    lines.extend(untested.iter().map(|pair| {
        let [task, metric, left, right] = line(&pair.task, &pair.left, &pair.right);
        let [difference, low, high, p, p_holm, seeds] = [const { String::new() }; 6];
        [task, metric, left, right, difference, low, high, p, p_holm, seeds, pair.untested.clone()]
    }));
    csv_text(&lines)
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
    Table::new(
        format!("{}: every pair of masks", task.title()),
        std::iter::once(Column::words("Mask")).chain(columns).collect(),
        study.masks.iter().map(row).collect(),
    )
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
