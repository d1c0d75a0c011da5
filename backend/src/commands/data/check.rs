//! `tunemask data check`: files, columns, labels and lengths of a folder, and what would be written as `dataset.toml`.

use super::subject::Subject;
use crate::commands::{fetching, output, reading};
use crate::data::own::{self, Limits};
use crate::model;
use anyhow::{Context, Result, bail};
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;
use tunemask_shared::dataset::{
    ColumnFacts, DatasetFacts, FileFacts, LabelFacts, Lengths, SETTINGS_FILE, SetFacts,
};
use tunemask_shared::experiment::BUILTIN_MODEL;
use tunemask_shared::text::count;

/// Show what a folder of your own data holds, and what would be trained on
///
/// Reads CSV, TSV, JSON, JSON Lines and parquet. What a dataset.toml in the folder does not say is found; what cannot be
/// found is asked for, and the exit status is then 1. docs/data.md has an example of each line of a dataset.toml.
#[derive(Args, Debug)]
pub struct Arguments {
    /// The folder with the files, or a data set of the hub: hf:OWNER/NAME
    folder: PathBuf,
    /// The part of a data set of the hub that has several: the name of its folder
    #[arg(long, value_name = "PART")]
    config: Option<String>,
    /// The model whose tokens are counted: builtin:tiny, a folder or hf:OWNER/NAME
    #[arg(long, value_name = "MODEL", default_value = BUILTIN_MODEL)]
    model: String,
    /// Tokens of an example at most
    #[arg(long, value_name = "N", default_value_t = 128)]
    max_length: u32,
    /// Write what was found as the folder's dataset.toml
    #[arg(long)]
    write: bool,
    /// Print one object of JSON
    #[arg(long)]
    json: bool,
}

/// Prints it.
pub fn check(arguments: &Arguments) -> Result<ExitCode> {
    let Subject { folder, settings, of_hub } = Subject::find(&arguments.folder, arguments.config.as_deref())?;
    if arguments.write && of_hub {
        bail!(
            "--write: {} lies in the hub's cache, which stays as it was downloaded; save what is printed as {SETTINGS_FILE} \
             in a folder of its own",
            arguments.folder.display()
        );
    }
    fetching::model(&arguments.model)?;
    let tokenizer = model::tokenizer(&arguments.model).context("--model")?;
    let limits = Limits { tokenizer: &tokenizer, max_length: arguments.max_length };
    let bar = reading::bar(reading::bytes(&folder));
    let facts = own::check(&folder, settings, Some(&limits), &|bytes| bar.set_position(bytes));
    bar.finish_and_clear();
    let facts = facts?;
    if arguments.json {
        output::json(&facts)?;
    } else {
        output::lines(|out| print(out, &facts))?;
    }
    if !facts.questions.is_empty() {
        return Ok(ExitCode::FAILURE);
    }
    if arguments.write {
        own::write_settings(&folder, &facts.settings)?;
        output::note(format_args!("wrote {}", folder.join(SETTINGS_FILE).display()));
    }
    Ok(ExitCode::SUCCESS)
}

fn print(out: &mut dyn std::io::Write, facts: &DatasetFacts) -> Result<()> {
    let mut line = |text: &str| writeln!(out, "{}", tunemask_shared::printable::line(text));
    line(&format!("{} in {}", facts.task, facts.folder))?;
    line("")?;
    for FileFacts { set, path, bytes } in &facts.files {
        let set = if set.is_empty() { "unread" } else { set };
        line(&format!("{set:<6} {path}  {}", size(*bytes)))?;
    }
    for SetFacts { set, examples, skipped } in &facts.sets {
        let skipped = if *skipped > 0 { format!(", {skipped} rows skipped") } else { String::new() };
        line(&format!("{set:<6} {}{skipped}", count(*examples as usize, "example")))?;
    }
    if !facts.columns.is_empty() {
        line("")?;
        let width = facts.columns.iter().map(|c| c.name.chars().count()).max().unwrap_or_default().min(30);
        for column in &facts.columns {
            line(&column_line(column, width))?;
        }
        line("")?;
        for (number, row) in (1..).zip(facts.rows.iter().take(3)) {
            for (column, cell) in facts.columns.iter().zip(row) {
                let cell = cell.as_deref().map_or("(none)".to_owned(), |cell| first(cell, 70));
                line(&format!("row {number}  {:<width$}  {cell}", column.name))?;
            }
        }
    }
    if !facts.labels.is_empty() {
        line("")?;
        labels(&facts.labels, &mut line)?;
    }
    if let Some(share) = facts.majority {
        line(&format!(
            "always the most frequent label of training: {:.1} % right in development",
            100.0 * share
        ))?;
    }
    if let Some([low, high]) = facts.range {
        line("")?;
        line(&format!("scores from {low} to {high}"))?;
    }
    if let Some(lengths) = &facts.lengths {
        line("")?;
        histogram(lengths, &mut line)?;
    }
    if !facts.notes.is_empty() {
        line("")?;
    }
    for note in &facts.notes {
        line(&format!("note: {note}"))?;
    }
    if !facts.questions.is_empty() {
        line("")?;
    }
    for question in &facts.questions {
        line(&format!("to be said in {SETTINGS_FILE}: {}: {}", question.field, question.message))?;
    }
    line("")?;
    line(&format!("{SETTINGS_FILE}:"))?;
    facts.toml.lines().try_for_each(|text| line(&format!("    {text}")))?;
    Ok(())
}

fn column_line(column: &ColumnFacts, width: usize) -> String {
    format!("{:<width$}  {:<11}  {}", column.name, column.role.title(), column.words())
}

fn labels(labels: &[LabelFacts], line: &mut impl FnMut(&str) -> std::io::Result<()>) -> std::io::Result<()> {
    const MAX_LABELS: usize = 40;
    let width = labels.iter().map(|l| l.label.chars().count()).max().unwrap_or_default().clamp(5, 30);
    line(&format!("{:<width$}  {:>9}  {:>9}", "label", "train", "dev"))?;
    for LabelFacts { label, train, development } in labels.iter().take(MAX_LABELS) {
        line(&format!("{label:<width$}  {train:>9}  {development:>9}"))?;
    }
    if labels.len() > MAX_LABELS {
        line(&format!("and {} more", labels.len() - MAX_LABELS))?;
    }
    Ok(())
}

fn histogram(lengths: &Lengths, line: &mut impl FnMut(&str) -> std::io::Result<()>) -> std::io::Result<()> {
    const WIDTH: u64 = 40;
    let most = lengths.bins.iter().copied().max().unwrap_or_default().max(1);
    line("tokens of a training example")?;
    for (from, to, count) in lengths.filled() {
        let bar = "█".repeat((count * WIDTH).div_ceil(most) as usize);
        let cut = if from > lengths.limit { " cut" } else { "" };
        line(&format!("{from:>5} to {to:<5} {count:>8}  {bar}{cut}"))?;
    }
    line(&lengths.words())
}

fn first(text: &str, most: usize) -> String {
    let text = text.replace(['\n', '\t'], " ");
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} bytes"),
        1024..1_048_576 => format!("{:.1} KiB", bytes as f64 / 1024.0),
        _ => format!("{:.1} MiB", bytes as f64 / 1_048_576.0),
    }
}
