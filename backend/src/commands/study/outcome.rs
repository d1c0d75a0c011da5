//! What they found: on standard output and as files.

use super::arguments::Arguments;
use super::extension::Round;
use crate::artifacts::{Tuned, TunedError};
use crate::commands::output::{self, OutputFormat};
use crate::results::claims::Verdict;
use crate::results::paper::PaperTable;
use crate::results::render::text;
use crate::results::report;
use crate::results::stored;
use crate::results::table::ResultTable;
use crate::results::weights::{self, Comparison, NamedWeights};
use anyhow::{Context, Result};
use serde::Serialize;
use std::fs;
use std::path::Path;
use tunemask_shared::experiment::FurtherRates;
use tunemask_shared::report::{Block, Report};
use tunemask_shared::study::Study;
use tunemask_shared::text::count;

/// What a study found.
#[derive(Serialize)]
struct Line<'a> {
    event: &'static str,
    study: &'static str,
    table: &'a ResultTable,
    /// On the claims that its masks speak of.
    verdicts: &'a [Verdict],
}

/// Further learning rates that a study goes on with.
#[derive(Serialize)]
struct Extended<'a> {
    event: &'static str,
    study: &'static str,
    /// 1 for the first one after the grid.
    round: u32,
    /// Runs that it adds, those among them that the home folder holds already.
    runs: usize,
    /// Cells and their new rates.
    added: &'a [FurtherRates],
}

/// Says which learning rates are added to the grid.
///
/// # Errors
/// Standard output cannot be written.
pub fn extended(study: Study, round: u32, extension: &Round, format: OutputFormat) -> Result<()> {
    let (runs, added) = (extension.runs(), &extension.added[..]);
    if format == OutputFormat::Json {
        return output::json(&Extended { event: "study_extended", study: study.name(), round, runs, added });
    }
    let cells = count(added.len(), "cell");
    output::note(format_args!(
        "{}: the best learning rate of {cells} lies on the edge of the grid; {} with rates beyond it (round {round})",
        study.title(),
        count(runs, "run"),
    ));
    Ok(())
}

/// Prints a study's table and verdicts, and writes its files if a folder is named.
///
/// # Errors
/// Standard output or a file cannot be written.
pub fn show(study: Study, table: &ResultTable, arguments: &Arguments, home: &Path) -> Result<()> {
    let paper = PaperTable::new(table, study.layout().unwrap_or_default(), None);
    // Claims on masks that the study does not have are another study's.
    let stored = stored::study(home, table);
    let mut found = report::judge(&stored, arguments.margin);
    found.retain(|verdict| !verdict.evidence.is_empty());
    let verdicts = report::verdicts(table, arguments.margin, &found, &stored);
    let rates = report::rates(table);
    if arguments.json {
        output::json(&Line { event: "study", study: study.name(), table, verdicts: &found })?;
    } else {
        output::line(paper.markdown())?;
        if !found.is_empty() {
            output::line(text::report(&verdicts))?;
        }
    }
    let Some(folder) = &arguments.out else { return Ok(()) };
    let name = study.name();
    write(folder, &format!("{name}.md"), &paper.markdown())?;
    write(folder, &format!("{name}.tex"), &paper.latex())?;
    write(folder, &format!("{name}.csv"), &paper.csv())?;
    write(folder, &format!("{name}-verdicts.md"), &text::report(&verdicts))?;
    write(folder, &format!("{name}-rates.md"), &text::report(&rates))?;
    files(folder, name, &rates)?;
    files(folder, name, &verdicts)?;
    match study {
        Study::Weights | Study::Change => figures(study, table, folder, home),
        Study::Modules | Study::Tagging | Study::Layers | Study::Outliers => Ok(()),
    }
}

/// The paper's figure, of each task's first reported run: weights before and after. Beside it ours of what each changed.
fn figures(study: Study, table: &ResultTable, folder: &Path, home: &Path) -> Result<()> {
    let name = study.name();
    let mut names = Vec::new();
    let mut after = Vec::new();
    let mut model = None;
    for cell in table.rows.iter().flat_map(|row| &row.cells) {
        let Some(run) = cell.reported(table.rate_pick).first().and_then(|seed| seed.run.clone()) else {
            continue;
        };
        let tuned = match Tuned::open(home, &run.0, table.reported_epoch) {
            Err(error @ TunedError::Dropped { .. }) => {
                output::note(format_args!("tunemask: no figure of {}: {error}", cell.task.title()));
                continue;
            }
            tuned => tuned?,
        };
        let weights = tuned.weights();
        let of = format!("{name}-change-{}", cell.task.name().in_file_names());
        write_figure(folder, &of, &report::change(&tuned, &weights))?;
        names.push(format!("tuned on {}", cell.task.title()));
        after.push(weights);
        model = Some(tuned.model);
    }
    let Some(model) = model else { return Ok(()) };
    let pretrained = NamedWeights { name: "pretrained", weights: &model.weights };
    let tuned = names.iter().zip(&after).map(|(name, weights)| NamedWeights { name, weights });
    let compared: Vec<NamedWeights<'_>> = std::iter::once(pretrained).chain(tuned).collect();
    let title = format!("Weights of {} before and after full fine-tuning", model.title);
    let figure = Comparison::of(title, &model.config.shape, &compared);
    write(folder, &format!("{name}.svg"), &figure.svg())?;
    write(folder, &format!("{name}.csv"), &figure.csv())
}

fn write_figure(folder: &Path, name: &str, figure: &weights::Figure) -> Result<()> {
    write(folder, &format!("{name}.svg"), &figure.svg())?;
    write(folder, &format!("{name}.csv"), &figure.csv())
}

/// Writes the files of a report.
fn files(folder: &Path, name: &str, report: &Report) -> Result<()> {
    for block in &report.blocks {
        if let Block::Files { what, files } = block {
            for file in files {
                let ending = file.form.extension();
                write(folder, &format!("{name}-{}.{ending}", what.replace(' ', "-")), &file.text)?;
            }
        }
    }
    Ok(())
}

fn write(folder: &Path, name: &str, text: &str) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let path = folder.join(name);
    fs::write(&path, text).with_context(|| path.display().to_string())
}
