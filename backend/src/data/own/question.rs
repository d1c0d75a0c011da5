//! What must be said before anything can be trained on a folder.

use tunemask_shared::experiment::FieldError;

/// A question that a field of `dataset.toml` answers.
#[derive(Clone, Debug, PartialEq)]
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
