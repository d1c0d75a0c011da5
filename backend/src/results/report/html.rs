//! A report as HTML, all text escaped.

use super::block::{Block, Cell, Figure, File, Panel, Report, Table};
use super::file_name;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fmt::Write;

/// Notes that stand open.
const OPEN_NOTES: usize = 4;

const DOWNLOAD: &str = "<svg class='icon' viewBox='0 0 16 16' aria-hidden='true'><path d='M8 2.5v7.5M5 7.2L8 10l3-2.8M3 13.3h10'/></svg>";

impl Report {
    /// The report as HTML elements, to stand below a heading of the second level. Everything in it is escaped; pictures
    /// are images, which run no scripts; files are links that hold them.
    pub fn html(&self) -> String {
        let mut out = String::new();
        for block in &self.blocks {
            match block {
                Block::Heading(text) => push(&mut out, format_args!("<h3>{}</h3>", escaped(text))),
                Block::Paragraph(text) => push(&mut out, format_args!("<p class='hint'>{}</p>", words(text))),
                Block::Notes(notes) => out.push_str(&notes_html(notes)),
                Block::Links { label, links } => {
                    push(
                        &mut out,
                        format_args!(
                            "<nav class='choices' aria-label='{0}'><span>{0}</span>",
                            escaped(label)
                        ),
                    );
                    for link in links {
                        let here = if link.here { " aria-current='true'" } else { "" };
                        let (text, address) = (escaped(&link.text), escaped(&link.address));
                        push(&mut out, format_args!("<a href='{address}'{here}>{text}</a>"));
                    }
                    out.push_str("</nav>");
                }
                Block::Table(table) => out.push_str(&table_html(table)),
                Block::Figure(figure) => out.push_str(&figure_html(figure)),
                Block::Files { what, files } => out.push_str(&files_html(what, files)),
            }
        }
        out
    }
}

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    // A string takes all that is written to it.
    _ = out.write_fmt(text);
}

/// A text as it may stand between tags and in attributes.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

/// The same with what stands between backticks as code.
fn words(text: &str) -> String {
    let parts: Vec<String> = text.split('`').map(escaped).collect();
    if parts.len().is_multiple_of(2) {
        // One of them has no partner.
        return escaped(text);
    }
    let part =
        |(i, part): (usize, &String)| if i % 2 == 1 { format!("<code>{part}</code>") } else { part.clone() };
    parts.iter().enumerate().map(part).collect()
}

fn address(media: &str, text: &str) -> String {
    format!("data:{media};charset=utf-8;base64,{}", STANDARD.encode(text))
}

fn notes_html(notes: &[String]) -> String {
    if notes.is_empty() {
        return String::new();
    }
    let open = if notes.len() <= OPEN_NOTES { " open" } else { "" };
    let items: String = notes.iter().map(|n| format!("<li>{}</li>", words(n))).collect();
    let count = tunemask_shared::text::count(notes.len(), "note");
    format!("<details class='notes'{open}><summary>{count}</summary><ul>{items}</ul></details>")
}

fn table_html(table: &Table) -> String {
    let class = |number: bool| if number { " class='n'" } else { "" };
    let caption = escaped(&table.caption);
    let mut out = format!(
        "<div class='scroll' role='region' tabindex='0' aria-label='{caption}'><table class='results'>\
         <caption class='visually-hidden'>{caption}</caption><thead><tr>"
    );
    for column in &table.columns {
        push(
            &mut out,
            format_args!("<th scope='col'{}>{}</th>", class(column.number), escaped(&column.title)),
        );
    }
    out.push_str("</tr></thead><tbody>");
    for row in &table.rows {
        out.push_str("<tr>");
        for (i, (cell, column)) in row.iter().zip(&table.columns).enumerate() {
            let (open, close) = if i == 0 { ("<th scope='row'", "</th>") } else { ("<td", "</td>") };
            push(&mut out, format_args!("{open}{}>{}{close}", class(column.number), cell_html(cell)));
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table></div>");
    out
}

fn cell_html(cell: &Cell) -> String {
    let mut out = words(&cell.text);
    if cell.code {
        out = format!("<code>{out}</code>");
    }
    if cell.strong {
        out = format!("<b>{out}</b>");
    }
    if let Some(colour) = cell.colour {
        let patch = format!("<span class='swatch s{colour}' aria-hidden='true'></span>");
        out = format!("<span class='mask'>{patch} {out}</span>");
    }
    let warning = cell.warning.map(|(sign, why)| {
        let why = escaped(why);
        format!(
            " <span class='edge' title='{why}'><span aria-hidden='true'>{sign}</span>\
             <span class='visually-hidden'>{why}</span></span>"
        )
    });
    if !cell.under.is_empty() || warning.is_some() {
        let under = escaped(&cell.under);
        push(&mut out, format_args!(" <span class='under'>{under}{}</span>", warning.unwrap_or_default()));
    }
    out
}

fn figure_html(figure: &Figure) -> String {
    let (caption, legend) = (escaped(&figure.caption), escaped(&figure.legend));
    let panel = |panel: &Panel| {
        let (picture, summary) = (address("image/svg+xml", &panel.svg), escaped(&panel.summary));
        format!("<img src='{picture}' alt='{summary}'/>")
    };
    let panels: String = figure.panels.iter().map(panel).collect();
    let files = [
        File::csv(file_name(&[&figure.caption], "csv"), figure.csv.clone()),
        File {
            form: "SVG",
            name: file_name(&[&figure.caption], "svg"),
            media: "image/svg+xml",
            text: figure.svg.clone(),
        },
    ];
    format!(
        "<figure class='chart picture'><figcaption><h3>{caption}</h3><p class='hint'>{legend}</p></figcaption>\
         <div class='panels'>{panels}</div>{}</figure>",
        files_html(&figure.caption, &files)
    )
}

fn files_html(what: &str, files: &[File]) -> String {
    let what = escaped(what);
    let links: String = files
        .iter()
        .map(|file| {
            let (name, form) = (escaped(&file.name), file.form);
            let address = address(file.media, &file.text);
            format!(
                "<a class='button quiet small' download='{name}' href='{address}' \
                 aria-label='Download {what} as {form}'>{form}</a>"
            )
        })
        .collect();
    format!("<span class='files'>{DOWNLOAD} {links}</span>")
}
