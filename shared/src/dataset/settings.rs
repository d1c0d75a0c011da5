//! What a `dataset.toml` says. All of it is optional: what is not said is found in the files, or asked for.

use super::one_or_many;
use crate::metric::Metric;
use serde::{Deserialize, Serialize};

/// The file's name.
pub const SETTINGS_FILE: &str = "dataset.toml";

/// What a `dataset.toml` says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DatasetSettings {
    /// What the task is called, `own:NAME`; else as the folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The data set of the hub whose files are read, `hf:OWNER/NAME`; else those beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// The part of it that is meant, where it has several: the name of its folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config: Option<String>,
    /// Training files, relative to the folder; `*` stands for any characters but `/`.
    #[serde(with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub train: Vec<String>,
    /// Development files, likewise. Without one, a share of the training examples is split off.
    #[serde(with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub development: Vec<String>,
    /// The share of the training examples that becomes the development set where there is no file of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split: Option<f64>,
    /// The column of texts, or those of two texts; of tagging, the column of lists of words.
    #[serde(with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub text: Vec<String>,
    /// The column of labels or scores; of tagging, of lists of tags. Of several labels for a text, the column of lists of
    /// them, the one of texts in which they stand side by side, or a column of 0 and 1 for each.
    #[serde(with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub label: Vec<String>,
    /// What stands between the labels of one cell: `|` in `toxic|insult`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub separator: Option<String>,
    /// What is predicted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<DatasetKind>,
    /// The labels' names; a label's place is its number.
    #[serde(with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// What is reported; the first one picks epoch and learning rate.
    #[serde(with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub metric: Vec<Metric>,
    /// Columns that are neither text nor label.
    #[serde(with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub ignore: Vec<String>,
}

/// What is predicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DatasetKind {
    /// One of several labels.
    Classification,
    /// A number.
    Regression,
    /// A label for each word.
    Tagging,
    /// Any number of labels, none included.
    #[serde(rename = "multi-label", alias = "multi_label", alias = "multi_label_classification")]
    MultiLabel,
}

impl DatasetKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Classification, Self::Regression, Self::Tagging, Self::MultiLabel];

    /// The word in files, on the wire and for a reader.
    pub fn name(self) -> &'static str {
        match self {
            Self::Classification => "classification",
            Self::Regression => "regression",
            Self::Tagging => "tagging",
            Self::MultiLabel => "multi-label",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_one_are_written_without_brackets() {
        let text = r#"{"text":"review","label":"stars","labels":[1,"two",true],"metric":"f1"}"#;
        let read: DatasetSettings = serde_json::from_str(text).unwrap();
        assert_eq!(read.labels, ["1", "two", "true"]);
        assert_eq!(
            (read.text.as_slice(), read.metric.as_slice()),
            (&["review".to_owned()][..], &[Metric::F1][..])
        );
        let written = serde_json::to_string(&read).unwrap();
        assert_eq!(written, r#"{"text":"review","label":"stars","labels":["1","two","true"],"metric":"f1"}"#);
        assert_eq!(serde_json::to_string(&DatasetSettings::default()).unwrap(), "{}");
        assert!(serde_json::from_str::<DatasetSettings>(r#"{"texts":"review"}"#).is_err());
        for kind in DatasetKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
        let text = r#"{"label":["toxic","insult"],"separator":"|","kind":"multi_label_classification"}"#;
        let read: DatasetSettings = serde_json::from_str(text).unwrap();
        assert_eq!((read.label.len(), read.kind), (2, Some(DatasetKind::MultiLabel)));
    }
}
