//! Results as LaTeX for the booktabs package. In reading order:

/// The result table.
mod table;
/// The paper's tables.
mod paper;

pub use table::table;

fn dashed(text: &str) -> String {
    text.replace('–', "--")
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '_' | '%' | '&' | '#' | '$' | '{' | '}' => out.extend(['\\', c]),
            '~' => out.push_str("\\textasciitilde{}"),
            '^' => out.push_str("\\textasciicircum{}"),
            '\\' => out.push_str("\\textbackslash{}"),
            _ => out.push(c),
        }
    }
    out
}
