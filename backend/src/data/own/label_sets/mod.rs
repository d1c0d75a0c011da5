//! Several labels of one text, or none.
//!
//! In reading order:

/// In which form they stand.
mod form;
/// Which of them a row has.
mod row;

pub(super) use form::Form;
pub(super) use row::presences;

use super::alike::alike;
use super::label::one_alone;
use super::question::{FindError, Question};
use super::roles::Roles;
use crate::data::frame::Frame;
use tunemask_shared::dataset::DatasetSettings;

/// Several labels of one text, or none.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LabelSets {
    pub labels: Vec<String>,
    pub form: Form,
}

/// The labels and the form in which they stand.
///
/// # Errors
/// That cannot be told; a number without a class.
pub(super) fn find(
    frame: &Frame,
    roles: &Roles,
    settings: &DatasetSettings,
    notes: &mut Vec<String>,
) -> Result<LabelSets, FindError> {
    let column = &frame.columns[roles.label()];
    let name = &column.name;
    let form = match &settings.separator {
        _ if roles.labels.len() > 1 => Form::Columns,
        _ if column.is_list() => form::of_lists(column),
        Some(separator) if separator.is_empty() => {
            let message = "it is empty; expected what stands between two labels";
            return Err(Question::new("separator", message).into());
        }
        Some(separator) => Form::Separated(separator.clone()),
        None => {
            let message = format!(
                "`{name}` has no lists: say what stands between the labels of a cell (separator = \"|\"), or name a \
                 column of 0 and 1 for each label (label = [\"toxic\", \"insult\"])"
            );
            return Err(Question::new("separator", message).into());
        }
    };
    if let Some(list) = roles.labels.iter().map(|&place| &frame.columns[place]).find(|c| c.is_list())
        && form == Form::Columns
    {
        let message = format!("`{}` has lists; several columns of labels have 0 and 1", list.name);
        return Err(Question::new("label", message).into());
    }
    let found = match form {
        Form::Columns => roles.labels.iter().map(|&place| frame.columns[place].name.clone()).collect(),
        Form::Names | Form::Separated(_) if !settings.labels.is_empty() => settings.labels.clone(),
        Form::Names | Form::Flags | Form::Separated(_) => row::names(frame, column, &form)?,
    };
    let labels = match (&form, settings.labels.len()) {
        (_, 0) | (Form::Names | Form::Separated(_), _) => found,
        (Form::Columns | Form::Flags, said) if said != found.len() => {
            let message = format!("{said} names for {} labels; each needs one", found.len());
            return Err(Question::new("labels", message).into());
        }
        (Form::Columns | Form::Flags, _) => settings.labels.clone(),
    };
    match labels.len() {
        0 => return Err(Question::new("label", format!("no row has a label in `{name}`")).into()),
        1 => {
            let message = one_alone(settings).unwrap_or_else(|| {
                format!("the only label in `{name}` is `{}`; two are needed at least", labels[0])
            });
            return Err(Question::new("labels", message).into());
        }
        _ => {}
    }
    if let Some(list) = labels.iter().find(|label| label.starts_with(['[', '{'])) {
        notes.push(format!(
            "the label `{list}` looks like the beginning of a list; write lists as JSON Lines or parquet, or join their \
             labels with a separator"
        ));
    }
    notes.extend(alike(&labels));
    Ok(LabelSets { labels, form })
}
