//! A cell of a table in LaTeX.

/// A cell in LaTeX.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Cell {
    pub text: String,
    /// What stands below it in smaller letters.
    pub under: String,
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self { text, under: String::new() }
    }
}
