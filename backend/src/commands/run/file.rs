//! The experiment file, its errors with their lines.

use crate::commands::{fetching, reading};
use crate::files;
use crate::lab;
use anyhow::{Error, Result, anyhow};
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};
use tunemask_shared::experiment::{Experiment, FieldError};
use tunemask_shared::facts::Facts;
use tunemask_shared::remark::uncased_tagging;
use tunemask_shared::validation::validate;

/// An experiment file that was read.
#[derive(Debug)]
pub struct File {
    path: PathBuf,
    text: String,
    /// What it holds.
    pub experiment: Experiment,
    /// What its reader should know.
    pub remark: Option<String>,
}

impl File {
    /// Reads an experiment file, downloads what it names of the hub, and holds it against its model and data. `json` says how it is shown
    /// what is downloaded.
    ///
    /// # Errors
    /// A file that cannot be read or is not an experiment; else every field's error at once. Errors name
    /// file, line and field.
    pub fn read(path: &Path, json: bool) -> Result<Self> {
        let at = path.display();
        let text = files::text(path, files::SETTINGS)?;
        let experiment: Experiment = toml::from_str(&text).map_err(|e| anyhow!("{at}: {e}"))?;
        let mut file = Self { path: path.to_owned(), text, experiment, remark: None };
        let experiment = &file.experiment;
        // What is wrong without it is said before anything is downloaded.
        let known = validate(experiment, &Facts::default()).map(|_| ());
        known
            .and_then(|()| fetching::experiment(experiment, json))
            .map_err(|errors| file.refused(&errors))?;
        if !json {
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

    /// Every field's error with its line.
    pub fn refused(&self, errors: &[FieldError]) -> Error {
        let lines = errors.iter().map(|error| match line_of(&self.text, &error.field) {
            Some(line) => format!("  line {line}: {error}"),
            None => format!("  {error}"),
        });
        anyhow!("{} cannot be run:\n{}", self.path.display(), lines.collect::<Vec<_>>().join("\n"))
    }
}

/// The line, from 1, in which a field such as `masks[1]` stands; `None` if it is left to its default.
fn line_of(text: &str, field: &str) -> Option<usize> {
    let (name, index) = match field.split_once('[') {
        Some((name, rest)) => (name, rest.strip_suffix(']').and_then(|i| i.parse::<usize>().ok())),
        None => (field, None),
    };
    let table = DeTable::parse(text).ok()?;
    let (key, value) = table.get_ref().iter().find(|(key, _)| key.get_ref() == name)?;
    let item = match (value.get_ref(), index) {
        (DeValue::Array(items), Some(index)) => items.get(index).map(|item| item.span()),
        _ => None,
    };
    let start = item.unwrap_or_else(|| key.span()).start;
    Some(1 + text[..start].matches('\n').count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_items_are_found_in_their_lines() {
        let text = "name = \"x\"\n\nmasks = [\n  \"full\",\n  \"fulll\",\n]\nseeds = [1, 1]\n";
        let line = |field| line_of(text, field);
        assert_eq!([line("name"), line("masks"), line("masks[1]")], [Some(1), Some(3), Some(5)]);
        assert_eq!([line("seeds[1]"), line("epochs"), line("masks[7]")], [Some(7), None, Some(3)]);
    }
}
