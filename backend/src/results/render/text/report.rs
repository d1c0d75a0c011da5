//! A report for a terminal.

use std::fmt::Write;
use tunemask_shared::report::{
    Block, Cell, Choice, Column, Forest, ForestClaim, HeatCell, HeatMap, Plot, Report, Table, WeightMap,
    WeightPart,
};
use tunemask_shared::text::{NONE, percent};

/// A report as Markdown that reads well on a terminal; files and links are left out.
pub fn report(report: &Report) -> String {
    of(&report.blocks) + "\n"
}

fn of(blocks: &[Block]) -> String {
    let mut out = String::new();
    for block in blocks {
        let part = match block {
            Block::Heading(text) => format!("### {text}\n"),
            Block::Paragraph(text) => format!("{text}\n"),
            Block::Notes(notes) => notes.iter().fold(String::new(), |mut out, note| {
                _ = writeln!(out, "- {note}");
                out
            }),
            Block::Table(table) => table_text(table),
            Block::Figure(figure) => {
                let panels: Vec<&str> = figure.panels.iter().map(|p| p.summary.as_str()).collect();
                format!("{}: {}\n", figure.caption, panels.join(" "))
            }
            // All of them stand in the table of every run.
            Block::HeatMaps(maps) if maps.iter().any(HeatMap::is_of_seeds) => continue,
            Block::HeatMaps(maps) => {
                let text = |map: &HeatMap| format!("### {}\n\n{}", map.title, table_text(&heat_table(map)));
                maps.iter().map(text).collect::<Vec<_>>().join("\n")
            }
            Block::Plots(plots) => {
                let text = |plot: &Plot| format!("{}: {}\n", plot.title, plot.summary);
                plots.iter().map(text).collect()
            }
            Block::Forest(forest) => forest_text(forest),
            Block::Weights(map) if map.tuned.is_some() => table_text(&drift_table(map)),
            // All of them stand in the table of moments, or in the file of epochs.
            Block::Weights(_) | Block::NormEpochs(_) => continue,
            Block::Fold { summary, blocks } => format!("## {summary}\n\n{}\n", of(blocks)),
            Block::Links { .. } | Block::Files { .. } => continue,
        };
        if !part.is_empty() {
            out.push_str(&part);
            out.push('\n');
        }
    }
    out.trim_end().to_owned()
}

/// Claims, each with what the results say of it and its numbers.
fn forest_text(forest: &Forest) -> String {
    let claims = forest.claims.iter().map(|claim| {
        let ForestClaim { sentence, finding, plain, details, .. } = claim;
        format!("### {sentence}\n\n**{}**. {plain}\n\n{}\n", finding.title(), of(details))
    });
    let open = forest.open.iter().map(|claim| format!("- {} {}\n", claim.sentence, claim.reason));
    let claims: Vec<String> =
        claims.chain([open.collect()]).filter(|text: &String| !text.is_empty()).collect();
    claims.join("\n")
}

/// How far a run moved the weights of each module, block by block.
fn drift_table(map: &WeightMap) -> Table {
    let cell = |part: &WeightPart| Cell::text(part.drift.map_or(NONE.into(), percent));
    let blocks = map.modules.first().map_or(0, |module| module.blocks.len());
    let row = |block: Option<usize>| {
        let name = block.map_or("all blocks".to_owned(), |block| format!("block {block}"));
        let cells = map.modules.iter().map(|module| cell(module.part(block)));
        std::iter::once(Cell::text(name)).chain(cells).collect()
    };
    let columns = map.modules.iter().map(|module| Column::numbers(module.title.clone()));
    Table::new(
        "Drift by module and block",
        std::iter::once(Column::words("Drift")).chain(columns).collect(),
        std::iter::once(None).chain((1..=blocks).map(Some)).map(row).collect(),
    )
}

/// A heat map as a table, what is picked in bold.
fn heat_table(map: &HeatMap) -> Table {
    let cell = |cell: &HeatCell| Cell {
        text: [&*cell.text, &*cell.under].join(" ").trim().to_owned(),
        strong: cell.choice == Choice::Picked,
        warning: cell.warning.clone(),
        ..Cell::default()
    };
    let rows = map.rows.iter().map(|row| {
        std::iter::once(Cell::text(row.mask.to_string())).chain(row.cells.iter().map(cell)).collect()
    });
    let columns = map.columns.iter().map(|title| Column::numbers(title.clone()));
    Table::new(
        map.title.clone(),
        std::iter::once(Column::words(map.down.clone())).chain(columns).collect(),
        rows.collect(),
    )
}

fn table_text(table: &Table) -> String {
    let mut lines: Vec<Vec<String>> = vec![table.columns.iter().map(|c| c.title.clone()).collect()];
    lines.extend(table.rows.iter().map(|row| row.iter().map(cell_text).collect()));
    let width =
        |c: usize| lines.iter().filter_map(|l| l.get(c)).map(|t| t.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..table.columns.len()).map(|c| width(c).max(3)).collect();
    let mut out = String::new();
    for (i, line) in lines.iter().enumerate() {
        for ((text, &w), column) in line.iter().zip(&widths).zip(&table.columns) {
            let padded = if column.number { format!("| {text:>w$} ") } else { format!("| {text:<w$} ") };
            out.push_str(&padded);
        }
        out.push_str("|\n");
        if i == 0 {
            for (&w, column) in widths.iter().zip(&table.columns) {
                let rule = "-".repeat(w - usize::from(column.number));
                let end = if column.number { ":" } else { "" };
                _ = write!(out, "| {rule}{end} ");
            }
            out.push_str("|\n");
        }
    }
    out
}

fn cell_text(cell: &Cell) -> String {
    let mut out = cell.text.replace('|', "\\|");
    if cell.strong && !out.is_empty() {
        out = format!("**{out}**");
    }
    if !cell.under.is_empty() {
        out = format!("{out} ({})", cell.under);
    }
    if let Some(warning) = &cell.warning {
        out.push(warning.sign);
    }
    out
}
