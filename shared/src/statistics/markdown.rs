use super::text::{NONE, column, figure, thousands, value};
use super::{ResultTable, notes};

/// The table as Markdown: a title, a pipe table in percent, and the notes as a list.
pub fn markdown(table: &ResultTable) -> String {
    let mut header = vec!["mask".to_owned(), "trainable".to_owned()];
    header.extend(table.columns().into_iter().map(|(t, m, s)| column(t, m, s)));
    if table.has_average() {
        header.push("average".to_owned());
    }
    let mut lines = vec![header];
    for row in &table.rows {
        let mut line = vec![row.mask.to_string(), row.trainable.map_or_else(|| NONE.to_owned(), thousands)];
        for cell in &row.cells {
            line.extend(cell.figures.iter().enumerate().map(|(i, f)| figure(cell, i, f)));
        }
        if let (true, Some(first)) = (table.has_average(), row.cells.first().and_then(|c| c.primary())) {
            line.push(row.average.map_or_else(|| NONE.to_owned(), |a| value(first.metric, a)));
        }
        lines.push(line);
    }
    let mut out = format!("### {}\n\n", table.title());
    out.push_str(&pipes(&lines));
    out.push('\n');
    for note in notes(table) {
        out.push_str(&format!("- {note}\n"));
    }
    out
}

/// A pipe table of equal column widths, so that it reads as well on a terminal; all but the first column
/// stand at the right.
pub(super) fn pipes(lines: &[Vec<String>]) -> String {
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let width =
        |c: usize| lines.iter().filter_map(|l| l.get(c)).map(|t| t.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(|c| width(c).max(3)).collect();
    let mut out = String::new();
    for (i, line) in lines.iter().enumerate() {
        for (c, &w) in widths.iter().enumerate() {
            let text = line.get(c).map_or("", String::as_str);
            let padded = if c == 0 { format!("| {text:<w$} ") } else { format!("| {text:>w$} ") };
            out.push_str(&padded);
        }
        out.push_str("|\n");
        if i == 0 {
            for (c, &w) in widths.iter().enumerate() {
                let rule = "-".repeat(w - usize::from(c > 0));
                out.push_str(&format!("| {rule}{} ", if c > 0 { ":" } else { "" }));
            }
            out.push_str("|\n");
        }
    }
    out
}
