//! Results as Markdown. In reading order:

/// The result table.
mod table;
/// The paper's tables.
mod paper;

pub use table::table;

/// A pipe table of equal column widths, so that it reads as well on a terminal; all but the first column
/// stand at the right.
fn pipes(lines: &[Vec<String>]) -> String {
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
