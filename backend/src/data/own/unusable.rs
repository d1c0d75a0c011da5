//! Why a row is not an example.

/// Why a row is not an example.
#[derive(Debug, PartialEq, thiserror::Error)]
pub(super) enum Unusable {
    /// A text is missing: the row is skipped.
    #[error("no text")]
    NoText,
    /// A label is withheld, or was never given: the row is skipped.
    #[error("no label")]
    NoLabel,
    /// What stands in it cannot be one, which ends the reading.
    #[error("{0}")]
    Wrong(String),
}

impl From<String> for Unusable {
    fn from(why: String) -> Self {
        Self::Wrong(why)
    }
}
