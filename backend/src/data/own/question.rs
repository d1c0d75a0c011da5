//! What must be said before anything can be trained on a folder.

use crate::data::DataError;
use tunemask_shared::experiment::FieldError;

/// A question that a field of `dataset.toml` answers.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{field}: {message}")]
pub(super) struct Question {
    field: &'static str,
    message: String,
}

impl Question {
    pub(super) fn new(field: &'static str, message: impl Into<String>) -> Self {
        Self { field, message: message.into() }
    }
}

impl From<Question> for FieldError {
    fn from(Question { field, message }: Question) -> Self {
        Self { field: field.to_owned(), message }
    }
}

/// Why something of a folder is not found.
#[derive(Debug, thiserror::Error)]
pub(super) enum FindError {
    /// It must be said.
    #[error(transparent)]
    Question(#[from] Question),
    /// A file, or a row of it, cannot be read.
    #[error(transparent)]
    Data(#[from] DataError),
}

/// What was found; `None` where it must be said, which is then one of the questions.
///
/// # Errors
/// A file, or a row of it, cannot be read.
pub(super) fn or_ask<T>(
    found: Result<T, FindError>,
    questions: &mut Vec<FieldError>,
) -> Result<Option<T>, DataError> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(FindError::Data(error)) => Err(error),
        Err(FindError::Question(question)) => {
            questions.push(question.into());
            Ok(None)
        }
    }
}
