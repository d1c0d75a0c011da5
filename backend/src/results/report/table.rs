//! The report on the results as one of the paper's tables.

use super::file;
use super::plot::plots;
use super::results::edge;
use crate::results::format::{mean_and_deviation, value};
use crate::results::paper::{PaperCell, PaperColumn, PaperTable};
use crate::results::reference::{ReferenceError, read_reference};
use crate::results::table::ResultTable;
use tunemask_shared::mask::Mask;
use tunemask_shared::report::{
    Block, Cell, Column, FileForm, LAYOUT_WORDS, Layout, Link, Report, ReportKind, ReportRequest, Table,
    layout_word,
};
use tunemask_shared::text::{NONE, rate, thousands};

/// The results as a table of the paper, with the figures of others beside if there are any.
pub(super) fn report(results: &ResultTable, asked: &ReportRequest) -> Result<Report, ReferenceError> {
    let reference = match &asked.reference {
        Some(file) => Some(read_reference(file.text.as_bytes(), Some(&file.name))?),
        None => None,
    };
    let layout = asked.layout.unwrap_or_else(|| fitting(results));
    let links = LAYOUT_WORDS.map(|(other, _)| Link {
        text: title(other).into(),
        target: ReportRequest { kind: ReportKind::Table, layout: Some(other), ..ReportRequest::default() },
        here: other == layout,
    });
    let mut blocks = vec![Block::Links { label: "Layout".into(), links: links.into() }];
    let paper = PaperTable::new(results, layout, reference.as_ref());
    if paper.rows.is_empty() {
        blocks.push(Block::Paragraph("The experiment has no mask of this layout.".into()));
        return Ok(Report { blocks });
    }
    let mut columns = vec![Column::words(capital(&paper.stub)), Column::numbers("Trainable")];
    columns.extend(paper.columns.iter().map(|c| Column::numbers(c.title())));
    let rows = paper.rows.iter().map(|row| {
        let label = Cell { code: layout == Layout::Modules, ..Cell::text(row.label.clone()) };
        let mut cells = vec![label, Cell::text(row.trainable.map_or_else(|| NONE.to_owned(), thousands))];
        cells.extend(paper.columns.iter().zip(&row.cells).map(|(c, cell)| figure(c, cell.as_ref())));
        cells
    });
    let rows = rows.collect();
    let caption = format!("{} by task", title(layout));
    let name = [results.name.as_str(), layout_word(layout)];
    blocks.extend(Some(plots(&paper, &results.tasks)).filter(|plots| !plots.is_empty()).map(Block::Plots));
    blocks.extend([
        Block::Table(Table::new(caption, columns, rows)),
        Block::Notes(
            paper.legend.iter().chain(&paper.notes).map(|n| n.replace(" (after the @)", "")).collect(),
        ),
        Block::Files {
            what: "table".into(),
            files: vec![
                file(FileForm::Markdown, &name, paper.markdown()),
                file(FileForm::Latex, &name, paper.latex()),
                file(FileForm::Csv, &name, paper.csv()),
            ],
        },
    ]);
    Ok(Report { blocks })
}

/// The layout that shows what an experiment is about, by most of the masks that no layout leaves out.
fn fitting(results: &ResultTable) -> Layout {
    let count = |of: fn(&Mask) -> bool| results.rows.iter().filter(|r| of(&r.mask)).count();
    let compared = count(|m| !matches!(m, Mask::Full | Mask::Frozen | Mask::LayerNorms));
    let layers = count(|m| matches!(m, Mask::SingleNorm(_)));
    let outliers = count(|m| matches!(m, Mask::Outliers(_) | Mask::OutliersRandom { .. }));
    match (2 * layers > compared, 2 * outliers > compared) {
        (true, _) => Layout::Layers,
        (false, true) => Layout::Outliers,
        (false, false) => Layout::Modules,
    }
}

fn title(layout: Layout) -> &'static str {
    match layout {
        Layout::Modules => "Modules",
        Layout::Layers => "One block's LayerNorms",
        Layout::Outliers => "Outliers",
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn figure(column: &PaperColumn, cell: Option<&PaperCell>) -> Cell {
    let Some(cell) = cell else { return Cell::text(NONE) };
    let mut under: Vec<String> = Vec::new();
    if !cell.rates.is_empty() {
        under.push(format!("lr {}", cell.rates.iter().map(|&r| rate(r)).collect::<Vec<_>>().join(", ")));
    }
    if let Some((mean, std)) = cell.reference {
        let std = std.map(|s| format!(" ± {}", value(column.metric, s))).unwrap_or_default();
        under.push(format!("[{}{std}]", value(column.metric, mean)));
    }
    under.extend(cell.share());
    if cell.is_provisional() {
        under.push("runs to come".into());
    }
    Cell {
        under: under.join(" · "),
        strong: cell.best,
        warning: edge(cell.edge),
        runs: cell.runs.clone(),
        ..Cell::text(mean_and_deviation(column.metric, cell.summary))
    }
}
