//! A table of texts as a file: what the page itself puts together, and the server does not know.

use super::download::{file_name, save};
use super::part::{FileButtons, FileFormat};
use leptos::prelude::*;
use tunemask_shared::report::FileForm;
use tunemask_shared::text::csv_field;

/// A table: its heads, and rows of as many cells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextTable {
    /// The heads.
    pub heads: Vec<String>,
    /// The rows.
    pub rows: Vec<Vec<String>>,
}

impl TextTable {
    /// The table with commas between its cells (RFC 4180, lines end as the server's do).
    pub fn csv(&self) -> String {
        self.lines(csv_field, |cells| cells.join(","))
    }

    /// The table as Markdown has it.
    pub fn markdown(&self) -> String {
        let line = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
        let all = self.lines(escaped, line);
        let rule = line(vec!["---".to_owned(); self.heads.len()]);
        let (heads, rows) = all.split_once('\n').unwrap_or_default();
        format!("{heads}\n{rule}\n{rows}")
    }

    fn lines(&self, cell: impl Fn(&str) -> String, line: impl Fn(Vec<String>) -> String) -> String {
        let all = std::iter::once(&self.heads).chain(&self.rows);
        all.map(|cells| line(cells.iter().map(|text| cell(text)).collect()) + "\n").collect()
    }
}

/// A text of which Markdown takes nothing for a sign of its own.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' => out.push(' '),
            '\\' | '|' | '*' | '_' | '`' | '<' | '[' => out.extend(['\\', c]),
            _ => out.push(c),
        }
    }
    out
}

/// Buttons that save a table: as it is read, and unrounded.
#[component]
pub fn TableFiles(
    /// What it is.
    what: &'static str,
    /// The beginning of the files' names.
    name: String,
    /// The table as it is read.
    shown: impl Fn() -> TextTable + 'static,
    /// The same unrounded, for programs.
    exact: impl Fn() -> TextTable + 'static,
) -> impl IntoView {
    let named = StoredValue::new(name);
    let keep = move |form: FileForm, text: &str| {
        named.with_value(|name| save(&file_name(&[name, what], form.extension()), form.media(), text));
    };
    let csv = move || keep(FileForm::Csv, &untrack(&exact).csv());
    let markdown = move || keep(FileForm::Markdown, &untrack(&shown).markdown());
    let formats = vec![
        FileFormat { name: FileForm::Csv.title(), save: Box::new(csv) },
        FileFormat { name: FileForm::Markdown.title(), save: Box::new(markdown) },
    ];
    view! { <FileButtons what=what.to_owned() formats=formats /> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_whole_whatever_they_hold() {
        let table = TextTable {
            heads: vec!["Mask".into(), "Says".into()],
            rows: vec![
                vec!["layers(*).mha".into(), "a, \"b\" | c".into()],
                vec!["full".into(), String::new()],
            ],
        };
        assert_eq!(table.csv(), "Mask,Says\nlayers(*).mha,\"a, \"\"b\"\" | c\"\nfull,\n");
        let markdown = "| Mask | Says |\n| --- | --- |\n| layers(\\*).mha | a, \"b\" \\| c |\n| full |  |\n";
        assert_eq!(table.markdown(), markdown);
    }
}
