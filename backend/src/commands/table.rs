//! `tunemask table`: the result table of an experiment that ran.

use super::arguments::Home;
use super::experiment;
use super::output;
use crate::files;
use crate::results::claims::{self, Options};
use crate::results::paper::PaperTable;
use crate::results::reference::{Reference, read_reference};
use crate::results::render::{csv, latex, markdown, text};
use crate::results::significance::{Study, pair_tests, untested};
use crate::results::table::ResultTable;
use crate::results::{self, report, stored};
use crate::store::Reader;
use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tunemask_shared::mask::Mask;
use tunemask_shared::report::Layout;

/// Print the result table of an experiment
///
/// Mean ± standard deviation over the seeds by mask and task, at the picked learning rate.
#[derive(Args, Debug)]
pub struct Arguments {
    /// The experiment's number, or its name (the latest one of that name)
    experiment: String,
    #[command(flatten)]
    home: Home,
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Markdown)]
    format: Format,
    /// Lay it out as one of the paper's tables, with run hashes
    #[arg(long, value_enum)]
    layout: Option<LayoutArgument>,
    /// Show other people's figures beside these: CSV with mask, task, percent (or value); metric, set, std, source if
    /// needed
    #[arg(long, value_name = "FILE.csv")]
    reference: Option<PathBuf>,
    /// Where all figures of the reference come from
    #[arg(long, requires = "reference")]
    source: Option<String>,
    /// Print what the results say about the paper's claims instead, one JSON object per line
    #[arg(long, conflicts_with_all = ["layout", "reference", "format"])]
    verdicts: bool,
    /// Print every learning rate and seed behind each cell instead, those that are reported in bold
    #[arg(long, conflicts_with_all = ["layout", "reference", "format", "verdicts"])]
    rates: bool,
    /// Print what choosing epoch and learning rate on the same examples adds to each figure instead
    #[arg(long, conflicts_with_all = ["layout", "reference", "format", "verdicts", "rates", "pairs"])]
    choice: bool,
    /// Print the tests between every pair of masks instead, task by task, one JSON object per line
    #[arg(long, conflicts_with_all = ["verdicts", "rates", "layout", "reference", "format"])]
    pairs: bool,
    /// For pairs: test each mask against this one only
    #[arg(long, value_name = "MASK", requires = "pairs")]
    against: Option<Mask>,
    /// For verdicts: the largest difference that does not matter, in percentage points
    #[arg(long, default_value_t = 2.0, requires = "verdicts", value_parser = margin)]
    margin: f64,
}

pub(super) fn margin(text: &str) -> Result<f64, String> {
    let read = text.parse::<f64>().ok().filter(|m| *m > 0.0 && *m <= 100.0);
    read.ok_or_else(|| "a margin is a number of points above 0 and at most 100, such as 2".into())
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LayoutArgument {
    /// Tables 1 and 2: masks by tasks
    Modules,
    /// Table 3: one block's LayerNorms by tasks
    Layers,
    /// Table 4: outliers beside their random control
    Outliers,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// A pipe table in percent, with notes
    Markdown,
    /// A table for the packages booktabs and graphicx, in percent, with notes as comments
    Latex,
    /// One line per mask, task and metric, unrounded and not in percent; bold, edge and reason are columns
    Csv,
}

/// Prints the table.
pub fn table(arguments: &Arguments) -> Result<ExitCode> {
    let home = arguments.home.folder()?;
    let state = Reader::open(&home)?.state()?;
    let id = experiment::find(&state, &arguments.experiment)
        .with_context(|| format!("no table from {}", home.display()))?;
    let Some(table) = results::table::table(&state, id) else { bail!("experiment {id} is not in the log") };
    if arguments.verdicts || arguments.pairs {
        let study = stored::study(&home, &table);
        let options = Options { margin: arguments.margin / 100.0, ..Options::default() };
        return match arguments.pairs {
            true => pairs(&study, arguments.against.as_ref()),
            false => verdicts(&study, options),
        };
    }
    if arguments.choice {
        let study = stored::study(&home, &table);
        output::line(text::report(&report::optimism(&table, &study)).trim_end())?;
        return Ok(ExitCode::SUCCESS);
    }
    if arguments.rates {
        output::line(text::report(&report::rates(&table)).trim_end())?;
        return Ok(ExitCode::SUCCESS);
    }
    let text = if arguments.layout.is_some() || arguments.reference.is_some() {
        paper(&table, arguments)?
    } else {
        match arguments.format {
            Format::Markdown => markdown::table(&table),
            Format::Latex => latex::table(&table),
            Format::Csv => csv::table(&table),
        }
    };
    output::line(text.trim_end())?;
    Ok(ExitCode::SUCCESS)
}

fn paper(table: &ResultTable, arguments: &Arguments) -> Result<String> {
    let read = |path: &PathBuf| reference(path, arguments.source.as_deref());
    let reference = arguments.reference.as_ref().map(read).transpose()?;
    let layout = match arguments.layout {
        None | Some(LayoutArgument::Modules) => Layout::Modules,
        Some(LayoutArgument::Layers) => Layout::Layers,
        Some(LayoutArgument::Outliers) => Layout::Outliers,
    };
    let paper = PaperTable::new(table, layout, reference.as_ref());
    if paper.rows.is_empty() {
        bail!("the experiment has no mask of this layout; `modules` shows every mask");
    }
    Ok(match arguments.format {
        Format::Markdown => paper.markdown(),
        Format::Latex => paper.latex(),
        Format::Csv => paper.csv(),
    })
}

fn reference(path: &Path, source: Option<&str>) -> Result<Reference> {
    let text = files::text(path, files::SETTINGS)?;
    read_reference(text.as_bytes(), source).with_context(|| path.display().to_string())
}

fn verdicts(study: &Study, options: Options) -> Result<ExitCode> {
    for verdict in claims::verdicts(study, options) {
        output::json(&verdict)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn pairs(study: &Study, against: Option<&Mask>) -> Result<ExitCode> {
    if let Some(mask) = against.filter(|mask| !study.masks.contains(mask)) {
        let masks: Vec<String> = study.masks.iter().map(|m| format!("`{m}`")).collect();
        bail!("the experiment has no mask `{mask}`; it has {}", masks.join(", "));
    }
    let (tests, untested) = (pair_tests(study, against), untested(study, against));
    if tests.is_empty() && untested.is_empty() {
        output::note("tunemask: there is no pair: the experiment has one mask");
    }
    for test in tests {
        output::json(&test)?;
    }
    for pair in untested {
        output::json(&pair)?;
    }
    Ok(ExitCode::SUCCESS)
}
