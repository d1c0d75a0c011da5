//! Results as LaTeX for the packages booktabs and graphicx. In reading order:

/// A cell of a table.
mod cell;
/// A table that floats.
mod float;
/// How much of it a page holds.
mod width;
/// The result table.
mod table;
/// The paper's tables.
mod paper;
/// A table of a report.
mod grid;

pub use grid::grid;
pub use table::table;

use crate::results::format::metric_head;
use crate::results::table::Edge;
use tunemask_shared::metric::Metric;
use tunemask_shared::task::Task;

/// The head of a metric's column, as short as papers have it.
fn head(task: &Task, metric: Metric, set: u8) -> String {
    metric_head(task, metric, set).replace(" correlation", "").replace("accuracy", "acc.")
}

fn dashed(text: &str) -> String {
    text.replace('–', "--")
}

/// An arrow on the edge of a grid.
fn arrow(edge: Option<Edge>) -> &'static str {
    match edge {
        Some(Edge::Lowest) => "$\\downarrow$",
        Some(Edge::Highest) => "$\\uparrow$",
        Some(Edge::Both) => "$\\updownarrow$",
        None => "",
    }
}

/// Prose, in which code stands between backticks.
fn words(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let balanced = text.matches('`').count().is_multiple_of(2);
    let written = parts.map(|(i, part)| match i % 2 {
        1 if balanced => format!("\\texttt{{{}}}", escaped(part)),
        _ => escaped(part),
    });
    written.collect::<Vec<_>>().join(if balanced { "" } else { "`" })
}

/// Text of which nothing is taken for a command. A character that LaTeX's usual fonts lack is written as its number.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '_' | '%' | '&' | '#' | '$' | '{' | '}' => out.extend(['\\', c]),
            '~' => out.push_str("\\textasciitilde{}"),
            '^' => out.push_str("\\textasciicircum{}"),
            '\\' => out.push_str("\\textbackslash{}"),
            '<' => out.push_str("$<$"),
            '>' => out.push_str("$>$"),
            '|' => out.push_str("$|$"),
            '–' => out.push_str("--"),
            '−' => out.push_str("$-$"),
            '±' => out.push_str("$\\pm$"),
            '×' => out.push_str("$\\times$"),
            '†' => out.push_str("$\\dagger$"),
            '↓' => out.push_str(arrow(Some(Edge::Lowest))),
            '↑' => out.push_str(arrow(Some(Edge::Highest))),
            '↕' => out.push_str(arrow(Some(Edge::Both))),
            'γ' => out.push_str("$\\gamma$"),
            'β' => out.push_str("$\\beta$"),
            'ε' => out.push_str("$\\varepsilon$"),
            ' '..='~' | '\u{c0}'..='\u{ff}' => out.push(c),
            _ => out.push_str(&format!("U+{:04X}", u32::from(c))),
        }
    }
    out
}
