//! The report on every learning rate and seed behind each cell.

use super::cells::{by_size, csv_of_runs, lack, reported};
use super::file;
use super::heat::heat_map;
use super::results::edge;
use super::seeds::seed_map;
use crate::results::format::{column, mean_and_deviation, value};
use crate::results::render::{latex, markdown};
use crate::results::table::{ResultTable, remarks};
use tunemask_shared::experiment::RatePick;
use tunemask_shared::report::{Block, Cell, Column, FileForm, HeatMap, Report, Table};
use tunemask_shared::task::Task;
use tunemask_shared::text::{NONE, count, rate};

/// Most runs of a task that have a cell each in a picture: a page shows and answers for every one of them.
const MOST_RUNS: usize = 1000;

/// A heat map a task, and one of its seeds; below, in tables, every mask's learning rates and seeds, the reported values marked.
pub(super) fn report(results: &ResultTable) -> Report {
    let tasks = || results.tasks.iter().enumerate();
    let maps: Vec<HeatMap> = tasks().filter_map(|(at, task)| heat_map(results, at, task)).collect();
    let grids: Vec<Table> = tasks().map(|(at, task)| grid(results, at, task)).collect();
    let tables = results.tasks.iter().zip(&grids).flat_map(|(task, grid)| {
        let title = column(task, task.primary_metric(), 0);
        [Block::Heading(title), Block::Table(grid.clone())]
    });
    let explained = "The task's first metric of every run at its reported epoch; bold: those that the result table reports.";
    let mut all = vec![Block::Paragraph(explained.into())];
    all.extend(tables);
    let what = "learning rates";
    let parts = [results.name.as_str(), what];
    let label = |task: &Task| format!("experiment-{}-rates-{task}", results.experiment_id);
    let floats = grids
        .iter()
        .zip(&results.tasks)
        .map(|(grid, task)| latex::grid(grid, &label(task), &[explained.into()]));
    let shown: Vec<String> = grids.iter().map(markdown::grid).collect();
    let files = vec![
        file(FileForm::Markdown, &parts, format!("{}\n{explained}\n", shown.join("\n"))),
        file(FileForm::Latex, &parts, floats.collect::<Vec<_>>().join("\n")),
        file(FileForm::Csv, &parts, csv_of_runs(results, &results.tasks)),
    ];
    let seeds = count(results.seeds.len(), "seed");
    let mut blocks = vec![
        Block::Paragraph(format!(
            "The task's first metric at the reported epoch: mean ± standard deviation over {seeds}."
        )),
        Block::HeatMaps(maps),
    ];
    // One seed is its own mean.
    if results.seeds.len() > 1 {
        let maps = tasks().filter_map(|(at, task)| seed_map(results, at, task));
        let (shown, too_large): (Vec<_>, Vec<_>) = maps.partition(|map| map.asked() <= MOST_RUNS);
        if !shown.is_empty() {
            blocks.push(Block::HeatMaps(shown));
        }
        blocks.extend(too_large.iter().map(|map| {
            Block::Paragraph(format!(
                "{}: {} are too many for a picture of each run; the table and the files below have them.",
                map.title,
                count(map.asked(), "run")
            ))
        }));
    }
    blocks.extend([
        Block::Fold { summary: "Every learning rate and seed as a table".into(), blocks: all },
        Block::Notes(remarks(results)),
        Block::Files { what: what.into(), files },
    ]);
    Report { blocks }
}

fn grid(results: &ResultTable, at: usize, task: &Task) -> Table {
    let mut columns = vec![Column::words("Mask"), Column::numbers("Learning rate")];
    columns.extend(results.seeds.iter().map(|seed| Column::numbers(format!("Seed {seed}"))));
    columns.extend([Column::numbers("Mean ± std"), Column::words("Picked")]);
    let metric = task.primary_metric();
    let mut rows = Vec::new();
    for row in &results.rows {
        let Some(cell) = row.cells.get(at) else { continue };
        let reported = reported(results, cell);
        // Where each seed has its own, no row's mean is what the result table reports.
        let picked_by_seed = results.rate_pick == RatePick::PerSeed && results.seeds.len() > 1;
        for given in by_size(cell) {
            let is_picked = cell.picked.contains(&given.learning_rate);
            let mut cells = vec![Cell::code(row.mask.to_string()), Cell::text(rate(given.learning_rate))];
            cells.extend(given.seeds.iter().map(|seed| Cell {
                strong: seed.run.as_ref().is_some_and(|run| reported.contains(run)),
                under: lack(seed, metric).to_owned(),
                runs: seed.run.iter().cloned().collect(),
                ..Cell::text(seed.value(metric, 0).map_or_else(|| NONE.to_owned(), |v| value(metric, v)))
            }));
            let (n, seeds) = (given.primary.n, given.seeds.len());
            cells.push(Cell {
                strong: is_picked && !picked_by_seed,
                under: if n < seeds { format!("n {n} of {seeds}") } else { String::new() },
                runs: given.seeds.iter().filter_map(|seed| seed.run.clone()).collect(),
                ..Cell::text(mean_and_deviation(metric, given.primary))
            });
            cells.push(Cell {
                warning: edge(cell.edge).filter(|_| is_picked),
                ..Cell::text(if is_picked { "picked" } else { "" })
            });
            rows.push(cells);
        }
    }
    Table::new(format!("{}: learning rates and seeds", task.title()), columns, rows)
}
