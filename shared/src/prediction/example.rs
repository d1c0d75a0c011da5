//! Examples to begin with.

use serde::{Deserialize, Serialize};

/// A development example as it stands in its file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TextExample {
    /// The text; for a task that tags words, the words separated by spaces.
    pub text: String,
    /// The second text of a pair.
    pub pair: Option<String>,
    /// What is right: a class, a number, the labels that hold, or a tag for each word.
    pub gold: Vec<String>,
}
