//! Reports on an experiment, each made of the same few blocks: the page draws them, a terminal gets them as text.
//!
//! Nothing is computed here that others could not. In reading order:

/// The result table as runs finish.
mod results;
/// The results as one of the paper's tables.
mod table;
/// The same as plots.
mod plot;
/// Every learning rate and seed behind each cell.
mod rates;
/// What both of these say of a cell.
mod cells;
/// Mask by learning rate as a heat map.
mod heat;
/// Learning rate by seed, mask by mask.
mod seeds;
/// What choosing epoch and learning rate adds.
mod optimism;
/// The paper's claims held against the results.
mod verdicts;
/// The numbers of a claim's comparisons.
mod evidence;
/// The same as intervals on one axis.
mod forest;
/// Every pair of masks.
mod pairs;
/// How weights are distributed, and what a run changed of them.
mod weights;
/// Runs or experiments beside each other.
mod comparison;
#[cfg(test)]
mod tests;

pub use comparison::{compare, compared};
pub use verdicts::judge;
pub use weights::change;

use super::claims::Verdict;
use super::render::{csv, latex, markdown};
use super::significance::Study;
use super::stored;
use super::table::{ResultTable, table as result_table};
use std::path::Path;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::experiment::{Experiment, FieldError};
use tunemask_shared::report::{
    File, FileForm, MAX_REFERENCE_BYTES, Report, ReportKind, ReportRequest, Table,
};
use tunemask_shared::state::LabState;

/// A margin if none is asked for, in percentage points.
pub const MARGIN: f64 = 2.0;

/// Makes a report from what the log and the home folder hold.
///
/// # Errors
/// There is no such experiment; a margin or figures of others that cannot be used; weights that cannot
/// be read.
pub fn report(
    state: &LabState,
    home: &Path,
    id: ExperimentId,
    asked: &ReportRequest,
) -> Result<Report, FieldError> {
    let wrong = |field: &str, message: String| FieldError { field: field.into(), message };
    let Some(found) = result_table(state, id) else {
        return Err(wrong("experiment_id", format!("there is no experiment {id}")));
    };
    match asked.kind {
        ReportKind::Results => Ok(results::report(&found)),
        ReportKind::Rates => Ok(rates::report(&found)),
        ReportKind::Table => {
            let size = asked.reference.as_ref().map_or(0, |r| r.text.len());
            if size > MAX_REFERENCE_BYTES {
                let most = MAX_REFERENCE_BYTES / 1000;
                return Err(wrong("reference", format!("the file is too large; at most {most} kB are read")));
            }
            table::report(&found, asked).map_err(|e| wrong("reference", e.to_string()))
        }
        ReportKind::Weights => {
            let experiment = state.experiments.get(&id).map(|e| &e.experiment);
            let switches = experiment.map(Experiment::mask_switches).unwrap_or_default();
            let delta = experiment.and_then(Experiment::delta_file).map(Path::new);
            weights::report(&found, switches, delta, asked, home).map_err(|e| wrong("run", e))
        }
        ReportKind::Verdicts => {
            let margin = asked.margin.unwrap_or(MARGIN);
            if !(margin > 0.0 && margin <= 100.0) {
                return Err(wrong("margin", "a margin is above 0 and at most 100 points".into()));
            }
            let study = stored::study(home, &found);
            Ok(verdicts::report(&found, margin, &judge(&study, margin), &study))
        }
    }
}

/// A report on every learning rate and seed of a table.
pub fn rates(table: &ResultTable) -> Report {
    rates::report(table)
}

/// A report on the paper's claims that says so of `verdicts`, found with this margin in percentage points.
pub fn verdicts(table: &ResultTable, margin: f64, verdicts: &[Verdict], study: &Study) -> Report {
    verdicts::report(table, margin, verdicts, study)
}

/// A report on what choosing epoch and learning rate adds to each figure.
pub fn optimism(table: &ResultTable, study: &Study) -> Report {
    optimism::report(table, study)
}

/// Lines of fields as CSV.
fn csv_text<const FIELDS: usize>(lines: &[[String; FIELDS]]) -> String {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    for line in lines {
        // Into memory: nothing to go wrong.
        _ = writer.write_record(line);
    }
    writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

/// A table with the same to keep: named by these parts, under this label in LaTeX (without `tab:`), with what its signs mean.
fn kept(table: Table, parts: &[&str], label: &str, legend: &[String]) -> Table {
    let explained: String = legend.iter().map(|line| format!("\n{}\n", markdown::plain(line))).collect();
    let files = vec![
        file(FileForm::Markdown, parts, markdown::grid(&table) + &explained),
        file(FileForm::Latex, parts, latex::grid(&table, label, legend)),
        file(FileForm::Csv, parts, csv::grid(&table)),
    ];
    Table { files, ..table }
}

/// A file that is named by what it holds.
fn file(form: FileForm, parts: &[&str], text: String) -> File {
    File { form, name: file_name(parts, form.extension()), text }
}

/// A name that every file system takes.
fn file_name(parts: &[&str], extension: &str) -> String {
    let joined = parts.join(" ").to_lowercase();
    let words = joined.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty());
    format!("{}.{extension}", words.collect::<Vec<_>>().join("-"))
}
