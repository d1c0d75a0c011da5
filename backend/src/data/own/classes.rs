//! The labels of texts that have one each.

use super::alike::alike;
use super::label::{Label, MAX_LABELS, label, names, ordered};
use super::question::Question;
use crate::data::DataError;
use crate::data::frame::{Column, Frame};
use crate::data::table::shortened;
use tunemask_shared::dataset::{DatasetSettings, SETTINGS_FILE};

/// The labels of a column; a question where they cannot be labels.
///
/// # Errors
/// A number without a class.
pub(super) fn find(
    frame: &Frame,
    column: &Column,
    settings: &DatasetSettings,
    notes: &mut Vec<String>,
) -> Result<Result<Vec<String>, Question>, DataError> {
    let name = &column.name;
    let labels = if settings.labels.is_empty() {
        let found = names(frame, column)?;
        if found.len() > MAX_LABELS {
            let message = format!(
                "`{name}` has more than {MAX_LABELS} different values; is it the label? Scores need a point for \
                 their decimals, and kind = \"regression\" where they are whole"
            );
            return Ok(Err(Question::new("label", message)));
        }
        column.class_names.clone().unwrap_or_else(|| ordered(found))
    } else {
        settings.labels.clone()
    };
    if labels.len() < 2 {
        if let Some(message) = lacking(frame, column, &settings.labels)? {
            return Ok(Err(Question::new("labels", message)));
        }
        let message = format!("every label in `{name}` is `{}`; two are needed at least", labels.concat());
        return Ok(Err(Question::new("labels", message)));
    }
    if labels.iter().any(|label| label == "-1") && settings.labels.is_empty() {
        notes
            .push("-1 is read as a label; if it stands for none, name the others with labels = [...]".into());
    }
    notes.extend(alike(&labels));
    Ok(Ok(labels))
}

/// What to say of the first label that a list of `dataset.toml` lacks; `None` where there is no list, or it lacks none.
///
/// # Errors
/// A number without a class.
fn lacking(frame: &Frame, column: &Column, said: &[String]) -> Result<Option<String>, DataError> {
    for row in (0..frame.rows()).filter(|_| !said.is_empty()) {
        match label(column, column.cell(row)).map_err(|why| frame.error(row, why))? {
            // How test sets write that a label is withheld.
            Label::Name(name) if name != "-1" && !said.iter().any(|said| *said == name) => {
                let (name, place) = (shortened(&name), frame.place(row));
                return Ok(Some(format!(
                    "the list in {SETTINGS_FILE} lacks `{name}`, which first stands in {place}"
                )));
            }
            Label::Name(_) | Label::Missing => {}
        }
    }
    Ok(None)
}
