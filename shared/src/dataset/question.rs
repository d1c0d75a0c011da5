//! What a page asks about data of the user's own, and what it hears.

use super::{DatasetFacts, DatasetSettings};
use crate::task::TaskName;
use serde::{Deserialize, Serialize};

/// What is in a data folder, read how?
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataQuestion {
    /// The data folder, as the form has it.
    pub data: String,
    /// Which of the folders of rows in it is meant, see [`OwnData::folders`]; else the first.
    pub folder: Option<String>,
    /// What is said of it instead of what its `dataset.toml` says.
    pub settings: Option<DatasetSettings>,
    /// The model whose tokens are counted.
    pub model: String,
    /// Tokens of an example at most.
    pub max_length: u32,
}

/// What is known of the user's own data in a data folder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OwnData {
    /// The folders of rows: their paths within the data folder, empty for itself.
    pub folders: Vec<String>,
    /// The one that was looked at.
    pub folder: String,
    /// What was said of it: by the question, else by its `dataset.toml`.
    pub said: DatasetSettings,
    /// What is in it, or why it cannot be read.
    pub facts: Result<DatasetFacts, String>,
}

/// What is to be written as a folder's `dataset.toml`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataSettings {
    /// The data folder, as the form has it.
    pub data: String,
    /// The folder of rows in it, see [`OwnData::folders`].
    pub folder: String,
    /// What is written.
    pub settings: DatasetSettings,
    /// The text of a `dataset.toml` that may be replaced; any other stays.
    pub over: Option<String>,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SavedSettings {
    /// It is written.
    Written {
        /// The file.
        path: String,
        /// Its text.
        text: String,
        /// How an experiment names the task; `None` if it cannot have such a name.
        task: Option<TaskName>,
    },
    /// Another file is there, and stays until its text is named as the one that may be replaced.
    Exists {
        /// The file.
        path: String,
        /// Its text.
        text: String,
    },
    /// It cannot be written.
    Failed {
        /// What was wrong and what to do.
        reason: String,
    },
}
