//! The labels of texts that have one each.

use super::alike::alike;
use super::label::{Label, MAX_LABELS, label, names, ordered};
use super::question::{FindError, Question};
use crate::data::frame::{Column, Frame};
use crate::data::table::shortened;
use tunemask_shared::dataset::{DatasetSettings, SETTINGS_FILE};

/// The labels of a column.
///
/// # Errors
/// They cannot be labels; a number without a class.
pub(super) fn find(
    frame: &Frame,
    column: &Column,
    settings: &DatasetSettings,
    notes: &mut Vec<String>,
) -> Result<Vec<String>, FindError> {
    let name = &column.name;
    let labels = if settings.labels.is_empty() {
        let found = names(frame, column)?;
        if found.len() > MAX_LABELS {
            let message = format!(
                "`{name}` has more than {MAX_LABELS} different values; is it the label? Scores need a point for \
                 their decimals, and kind = \"regression\" where they are whole"
            );
            return Err(Question::new("label", message).into());
        }
        column.class_names.clone().unwrap_or_else(|| ordered(found))
    } else {
        settings.labels.clone()
    };
    if labels.len() < 2 {
        lacks_none(frame, column, &settings.labels)?;
        let message = format!("every label in `{name}` is `{}`; two are needed at least", labels.concat());
        return Err(Question::new("labels", message).into());
    }
    if labels.iter().any(|label| label == "-1") && settings.labels.is_empty() {
        notes
            .push("-1 is read as a label; if it stands for none, name the others with labels = [...]".into());
    }
    notes.extend(alike(&labels));
    Ok(labels)
}

/// Sees that a list of `dataset.toml`, if there is one, lacks no label.
///
/// # Errors
/// The first that it lacks; a number without a class.
fn lacks_none(frame: &Frame, column: &Column, said: &[String]) -> Result<(), FindError> {
    for row in (0..frame.rows()).filter(|_| !said.is_empty()) {
        match label(column, column.cell(row)).map_err(|why| frame.error(row, why))? {
            // How test sets write that a label is withheld.
            Label::Name(name) if name != "-1" && !said.iter().any(|said| *said == name) => {
                let (name, place) = (shortened(&name), frame.place(row));
                let message =
                    format!("the list in {SETTINGS_FILE} lacks `{name}`, which first stands in {place}");
                return Err(Question::new("labels", message).into());
            }
            Label::Name(_) | Label::Missing => {}
        }
    }
    Ok(())
}
