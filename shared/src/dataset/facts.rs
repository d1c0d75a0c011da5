//! What is known of a folder of data before anything trains on it: what `tunemask data check` prints.

use super::DatasetSettings;
use crate::experiment::FieldError;
use serde::{Deserialize, Serialize};

/// What is known of a folder of data.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DatasetFacts {
    /// The folder, as it was named.
    pub folder: String,
    /// How an experiment names the task: `own:reviews`.
    pub task: String,
    /// The files that are read.
    pub files: Vec<FileFacts>,
    /// The columns of the training files.
    pub columns: Vec<ColumnFacts>,
    /// The first rows of the training files, a cell for each column, shortened; missing cells are `None`.
    pub rows: Vec<Vec<Option<String>>>,
    /// What the `dataset.toml` says and what was found, together.
    pub settings: DatasetSettings,
    /// The same as the text of a `dataset.toml`.
    pub toml: String,
    /// What must be said before it can be trained on; the fields are those of the settings.
    pub questions: Vec<FieldError>,
    /// What the user should know.
    pub notes: Vec<String>,
    /// How often each label stands in the examples; of tagging, at how many words.
    pub labels: Vec<LabelFacts>,
    /// The accuracy on the development set of whoever always says the label that is most frequent in training; `None`
    /// without labels.
    pub majority: Option<f64>,
    /// The least and the greatest score in training.
    pub range: Option<[f64; 2]>,
    /// How long the examples are, in tokens.
    pub lengths: Option<Lengths>,
}

/// A file that is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFacts {
    /// `train` or `dev`.
    pub set: String,
    /// Its path within the folder.
    pub path: String,
    /// Bytes.
    pub bytes: u64,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnFacts {
    /// Its name.
    pub name: String,
    /// What its cells are, for a reader: `text`, `lists of text`.
    pub cells: String,
    /// Different values; `None` where there are more than are counted.
    pub distinct: Option<u64>,
    /// Cells without a value.
    pub missing: u64,
    /// Characters of the longest cell; of lists, items.
    pub longest: u64,
    /// What it is read as.
    pub role: Role,
}

/// What a column is read as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Nothing.
    #[default]
    Ignored,
    /// The text, or the first of two.
    Text,
    /// The second text.
    Pair,
    /// The label, score or tags.
    Label,
}

/// How often a label stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelFacts {
    /// The label.
    pub label: String,
    /// In training.
    pub train: u64,
    /// In development.
    pub development: u64,
}

/// How long examples are, in tokens with the special ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lengths {
    /// Examples that were tokenised: all, or an even sample.
    pub sampled: u64,
    /// Of so many.
    pub examples: u64,
    /// Tokens that a bin is wide; the first begins at 0, the last also holds all that is longer.
    pub bin: u32,
    /// Examples in each bin.
    pub bins: Vec<u64>,
    /// The longest.
    pub longest: u32,
    /// The limit of the experiment.
    pub limit: u32,
    /// Examples that are longer, and will be cut.
    pub cut: u64,
}
