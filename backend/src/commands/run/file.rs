//! The experiment file of a command, held against its model and data.

use crate::commands::output::OutputFormat;
use crate::commands::{fetching, reading};
use crate::files;
use crate::lab;
use anyhow::{Context, Error, Result, anyhow, bail};
use std::io::Read;
use std::path::Path;
use tunemask_shared::experiment::{Experiment, FieldError};
use tunemask_shared::experiment_file::ExperimentFile;
use tunemask_shared::facts::Facts;
use tunemask_shared::remark::uncased_tagging;
use tunemask_shared::validation::validate;

/// What stands for standard input where a file is named.
const STANDARD_INPUT: &str = "-";

/// An experiment file that was read.
#[derive(Debug)]
pub struct File {
    /// What it is called in errors.
    title: String,
    read: ExperimentFile,
    /// What its reader should know.
    pub remark: Option<String>,
}

impl File {
    /// Reads an experiment file, or standard input for `-`, downloads what it names of the hub, and holds it against its model
    /// and data. How far a download is, is shown in this format.
    ///
    /// # Errors
    /// A file that cannot be read or is not an experiment; else every field's error at once. Errors name
    /// file, line and field.
    pub fn read(path: &Path, format: OutputFormat) -> Result<Self> {
        let (title, text) = if path == Path::new(STANDARD_INPUT) {
            ("standard input".to_owned(), standard_input()?)
        } else {
            (path.display().to_string(), files::text(path, files::SETTINGS)?)
        };
        let read = ExperimentFile::read(&text).map_err(|error| anyhow!("{title}: {error}"))?;
        let mut file = Self { title, read, remark: None };
        let experiment = file.experiment();
        // What is wrong without it is said before anything is downloaded.
        let known = validate(experiment, &Facts::default()).map(|_| ());
        known
            .and_then(|()| fetching::experiment(experiment, format))
            .map_err(|errors| file.refused(&errors))?;
        if format == OutputFormat::Text {
            reading::experiment(experiment);
        }
        let facts = lab::inspect(&experiment.model, experiment.data.as_deref());
        let checked = validate(experiment, &facts);
        let model = facts.model.and_then(Result::ok);
        match checked {
            Ok(valid) => {
                file.remark = model.and_then(|model| uncased_tagging(&valid.tasks, &model));
                Ok(file)
            }
            Err(errors) => Err(file.refused(&errors)),
        }
    }

    /// What it holds.
    pub fn experiment(&self) -> &Experiment {
        &self.read.experiment
    }

    /// Every field's error with its line.
    pub fn refused(&self, errors: &[FieldError]) -> Error {
        let lines: Vec<String> = errors.iter().map(|error| format!("  {}", self.read.place(error))).collect();
        anyhow!("{} cannot be run:\n{}", self.title, lines.join("\n"))
    }
}

/// All of standard input, up to the length of a file of settings.
fn standard_input() -> Result<String> {
    let mut text = String::new();
    std::io::stdin()
        .take(files::SETTINGS + 1)
        .read_to_string(&mut text)
        .context("standard input cannot be read")?;
    if text.len() as u64 > files::SETTINGS {
        bail!("standard input is longer than {} bytes; an experiment file is not", files::SETTINGS);
    }
    Ok(text)
}
