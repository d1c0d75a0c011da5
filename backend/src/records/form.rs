//! The form of a file of rows.

use std::path::{Path, PathBuf};

/// The form of a file of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Comma-separated values with a header.
    Csv,
    /// A JSON object a line.
    JsonLines,
    /// Parquet.
    Parquet,
}

/// A file's name that says no form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {}; end it in .csv, .jsonl or .parquet", .0.display(), why(.0))]
pub struct UnknownForm(PathBuf);

fn why(path: &Path) -> String {
    match path.extension() {
        Some(ending) => format!("no table is written as `.{}`", ending.to_string_lossy()),
        None => "the name says no form".to_owned(),
    }
}

impl Form {
    /// The form that a file's ending says, in any case.
    ///
    /// # Errors
    /// It says none, or one that is not written.
    pub fn of(path: &Path) -> Result<Self, UnknownForm> {
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        match ending.as_deref() {
            Some("csv") => Ok(Self::Csv),
            Some("jsonl") => Ok(Self::JsonLines),
            Some("parquet") => Ok(Self::Parquet),
            _ => Err(UnknownForm(path.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_the_form_of_its_ending_or_is_refused_by_name() {
        let form = |name: &str| Form::of(Path::new(name)).map_err(|error| error.to_string());
        assert_eq!(form("a/b.csv"), Ok(Form::Csv));
        assert_eq!(form("x.y.JSONL"), Ok(Form::JsonLines));
        assert_eq!(form("x.parquet"), Ok(Form::Parquet));
        let wrong = "runs.xlsx: no table is written as `.xlsx`; end it in .csv, .jsonl or .parquet";
        assert_eq!(form("runs.xlsx"), Err(wrong.to_owned()));
        let none = ".csv: the name says no form; end it in .csv, .jsonl or .parquet";
        assert_eq!(form(".csv"), Err(none.to_owned()));
    }
}
