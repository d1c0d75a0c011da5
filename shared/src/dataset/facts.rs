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
    /// The files of rows, those that are read first.
    pub files: Vec<FileFacts>,
    /// The columns of the training files.
    pub columns: Vec<ColumnFacts>,
    /// The first rows of the training files, a cell for each column, shortened; missing cells are `None`.
    pub rows: Vec<Vec<Option<String>>>,
    /// What the `dataset.toml` says and what was found, together.
    pub settings: DatasetSettings,
    /// The same as the text of a `dataset.toml`.
    pub toml: String,
    /// The examples of each set, training first; empty while something must be said.
    pub sets: Vec<SetFacts>,
    /// What must be said before it can be trained on; the fields are those of the settings.
    pub questions: Vec<FieldError>,
    /// What the user should know.
    pub notes: Vec<String>,
    /// How often each label stands in the examples; of tagging, at how many words. Of several labels for a text their sum is
    /// not the number of examples.
    pub labels: Vec<LabelFacts>,
    /// The accuracy on the development set of whoever always says the label that is most frequent in training; `None`
    /// where not every example has one label.
    pub majority: Option<f64>,
    /// The least and the greatest score in training.
    pub range: Option<[f64; 2]>,
    /// How long the examples are, in tokens.
    pub lengths: Option<Lengths>,
}

/// A file of rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFacts {
    /// `train` or `dev`; empty, if it is not read.
    pub set: String,
    /// Its path within the folder.
    pub path: String,
    /// Its size in bytes.
    pub bytes: u64,
}

/// The examples of a set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetFacts {
    /// `train` or `dev`.
    pub set: String,
    /// Examples of the set.
    pub examples: u64,
    /// Rows that cannot be one, for want of a text or a label.
    pub skipped: u64,
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

impl ColumnFacts {
    /// What is in it, in words: `text; 2 different, longest 4`.
    pub fn words(&self) -> String {
        let distinct = self.distinct.map_or("many".to_owned(), |count| count.to_string());
        let missing = if self.missing > 0 { format!(", {} missing", self.missing) } else { String::new() };
        format!("{}; {distinct} different, longest {}{missing}", self.cells, self.longest)
    }
}

/// What a column is read as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// It is not read.
    #[default]
    Ignored,
    /// The text, or the first of two.
    Text,
    /// The second text.
    Pair,
    /// The label, score or tags; of several labels in as many columns, one of them.
    Label,
}

impl Role {
    /// For a reader.
    pub fn title(self) -> &'static str {
        match self {
            Role::Ignored => "not read",
            Role::Text => "text",
            Role::Pair => "second text",
            Role::Label => "label",
        }
    }
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
    /// Examples that there are.
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

impl Lengths {
    /// The bins that are not beyond the longest example: the shortest and the longest length in each, and how many have it.
    pub fn filled(&self) -> Vec<(u32, u32, u64)> {
        let last = self.bins.iter().rposition(|&count| count > 0).map_or(0, |last| last + 1);
        let bin = |(place, &count): (usize, &u64)| {
            let first = place as u32 * self.bin + 1;
            // The last one is open.
            let end = if place + 1 == self.bins.len() { self.longest } else { first + self.bin - 1 };
            (first, end, count)
        };
        self.bins.iter().take(last).enumerate().map(bin).collect()
    }

    /// The longest, and what the limit cuts: `longest 140; 3 are cut to 128`.
    pub fn words(&self) -> String {
        let sample = if self.sampled < self.examples {
            format!(" of a sample of {}", self.sampled)
        } else {
            String::new()
        };
        format!("longest {}; {} are cut to {}{sample}", self.longest, self.cut, self.limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_said_bin_by_bin() {
        let lengths = Lengths {
            sampled: 9,
            examples: 90,
            bin: 4,
            bins: vec![1, 0, 8, 0],
            longest: 11,
            limit: 8,
            cut: 8,
        };
        assert_eq!(lengths.filled(), [(1, 4, 1), (5, 8, 0), (9, 12, 8)]);
        assert_eq!(lengths.words(), "longest 11; 8 are cut to 8 of a sample of 9");
        let open = Lengths { bins: vec![1, 0, 8, 1], longest: 40, ..lengths };
        assert_eq!(open.filled()[3], (13, 40, 1));
        assert_eq!(Lengths { bins: vec![0; 4], ..open }.filled(), []);
    }

    #[test]
    fn a_column_is_said_in_a_line() {
        let column = ColumnFacts {
            name: "x".into(),
            cells: "text".into(),
            distinct: None,
            missing: 3,
            longest: 70,
            role: Role::Text,
        };
        assert_eq!(column.words(), "text; many different, longest 70, 3 missing");
    }
}
