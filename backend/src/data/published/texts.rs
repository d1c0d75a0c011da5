//! Texts and their labels, in the columns of GLUE's repository.

use super::WITHHELD;
use super::labels::{Found, found};
use crate::data::DataError;
use crate::data::frame::{Column, Frame};
use crate::data::glue::{Labels, published_columns};
use crate::data::record::{Input, Record};
use crate::data::report::Skipped;
use std::path::Path;
use tunemask_shared::task::GlueTask;

/// The records of a set.
///
/// # Errors
/// A column that is missing or a list; a row without a text, or with a label that the task does not have.
pub(super) fn records(
    task: GlueTask,
    frame: &Frame,
    path: &Path,
    skipped: &mut Vec<Skipped>,
    notes: &mut Vec<String>,
) -> Result<Vec<Record>, DataError> {
    let column = |name: &str| -> Result<&Column, DataError> {
        let found = frame.column(name).filter(|column| !column.is_list());
        found.ok_or_else(|| {
            let why = format!("no column `{name}` of texts or numbers in it; found {}", frame.found());
            DataError::Unreadable { path: path.to_owned(), why }
        })
    };
    let (text, pair, label) = published_columns(task);
    let (text, pair, label) = (column(text)?, pair.map(column).transpose()?, column(label)?);
    let mut labels = Labels::new(task, &label.name);
    let mut records = Vec::with_capacity(frame.rows());
    for row in 0..frame.rows() {
        let error = |why| frame.error(row, why);
        let name = match found(label, label.cell(row)).map_err(error)? {
            Found::Label(name) => name,
            Found::Withheld => {
                Skipped::count(skipped, frame.line(row), WITHHELD);
                continue;
            }
        };
        let target = labels.target(name).map_err(error)?;
        let read = |column: &Column| {
            let text = column.cell(row).ok_or_else(|| error(format!("`{}` has no text", column.name)))?;
            Ok::<_, DataError>(text.to_owned())
        };
        let input = match pair {
            Some(pair) => Input::Pair(read(text)?, read(pair)?),
            None => Input::Text(read(text)?),
        };
        let index = u32::try_from(row).map_err(|_| error("more rows than can be numbered".to_owned()))?;
        records.push(Record { input, targets: vec![target], index });
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    notes.extend(labels.note().map(|note| format!("{name}: {note}")));
    Ok(records)
}
