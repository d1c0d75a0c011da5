//! What a user says of data, and what that leaves to be found again: labels belong to a column, metrics to a kind.

use tunemask_shared::dataset::{DatasetKind, DatasetSettings, FileFacts};
use tunemask_shared::metric::Metric;

/// Something that is said.
#[derive(Clone, Debug, PartialEq)]
pub enum Says {
    /// What the task is called; empty: as its folder.
    Name(String),
    /// The column of texts, or of the first; empty: to be found.
    Text(String),
    /// The column of second texts; empty: there is none.
    Pair(String),
    /// The column of labels, or several with line ends between; empty: to be found.
    Label(String),
    /// What stands between the labels of a cell; empty: nothing.
    Separator(String),
    /// What is predicted; `None`: to be found.
    Kind(Option<DatasetKind>),
    /// The labels in their order; none: to be found.
    Labels(Vec<String>),
    /// What decides; `None`: the usual.
    Metric(Option<Metric>),
    /// The share that is split off; `None`: the usual.
    Split(Option<f64>),
    /// A file is of another set: `train`, `dev`, or empty for none.
    File {
        /// Its path in the folder.
        path: String,
        /// The set.
        set: String,
    },
}

/// What is said after something more was said; `found` is all that is known of it, and `files` are those of the folder.
pub fn say(
    says: Says,
    said: &DatasetSettings,
    found: &DatasetSettings,
    files: &[FileFacts],
) -> DatasetSettings {
    let mut said = said.clone();
    match says {
        Says::Name(name) => said.name = Some(name).filter(|name| !name.trim().is_empty()),
        Says::Text(column) if column.is_empty() => said.text.clear(),
        Says::Text(column) => {
            let pair = found.text.get(1).filter(|pair| **pair != column).cloned();
            said.text = std::iter::once(column).chain(pair).collect();
        }
        Says::Pair(column) => {
            let first = found.text.first().cloned();
            let pair = Some(column).filter(|column| !column.is_empty());
            said.text = first.into_iter().chain(pair).collect();
        }
        Says::Label(column) => {
            said.label = column.lines().filter(|column| !column.is_empty()).map(str::to_owned).collect();
            said.separator = None;
            (said.kind, said.labels, said.metric) = (None, Vec::new(), Vec::new());
        }
        Says::Separator(separator) => {
            said.separator = Some(separator).filter(|separator| !separator.is_empty());
            said.kind = said.separator.is_some().then_some(DatasetKind::MultiLabel);
            (said.labels, said.metric) = (Vec::new(), Vec::new());
        }
        Says::Kind(kind) => {
            said.kind = kind;
            said.separator = said.separator.filter(|_| kind == Some(DatasetKind::MultiLabel));
            (said.labels, said.metric) = (Vec::new(), Vec::new());
        }
        Says::Labels(labels) => said.labels = labels,
        Says::Metric(metric) => said.metric = metric.into_iter().collect(),
        Says::Split(share) => said.split = share,
        Says::File { path, set } => {
            let of = |wanted: &str| {
                let now =
                    |file: &&FileFacts| if file.path == path { set == wanted } else { file.set == wanted };
                files.iter().filter(now).map(|file| file.path.clone()).collect::<Vec<_>>()
            };
            (said.train, said.development) = (of("train"), of("dev"));
            // What was found in other files is found again.
            if said.development.is_empty() && found.split.is_none() {
                said.split = None;
            }
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(items: &[&str]) -> Vec<String> {
        items.iter().map(|&item| item.to_owned()).collect()
    }

    #[test]
    fn what_depends_on_a_column_goes_with_it() {
        let found = DatasetSettings {
            name: Some("reviews".into()),
            text: texts(&["premise", "hypothesis"]),
            label: texts(&["stars"]),
            kind: Some(DatasetKind::Classification),
            labels: texts(&["1", "2", "3"]),
            metric: vec![Metric::MacroF1],
            split: Some(0.1),
            ..DatasetSettings::default()
        };
        let said = |says| say(says, &found, &found, &[]);
        let other = said(Says::Label("verdict".into()));
        assert_eq!(
            (other.label, other.kind, other.name.as_deref()),
            (texts(&["verdict"]), None, Some("reviews"))
        );
        assert!(other.labels.is_empty() && other.metric.is_empty());
        assert_eq!(other.text, found.text);
        let scores = said(Says::Kind(Some(DatasetKind::Regression)));
        assert_eq!((scores.label, scores.labels.len()), (texts(&["stars"]), 0));
        let several = said(Says::Label("toxic\ninsult".into()));
        assert_eq!(several.label, ["toxic", "insult"]);
        let separated = said(Says::Separator("|".into()));
        assert_eq!(separated.kind, Some(DatasetKind::MultiLabel));
        let plain = say(Says::Kind(None), &separated, &found, &[]);
        assert_eq!((plain.separator, said(Says::Separator(String::new())).kind), (None, None));
        assert_eq!(said(Says::Labels(texts(&["3", "1"]))).labels, ["3", "1"]);
        assert_eq!(said(Says::Text("hypothesis".into())).text, ["hypothesis"]);
        assert_eq!(said(Says::Text("id".into())).text, ["id", "hypothesis"]);
        assert_eq!(said(Says::Pair(String::new())).text, ["premise"]);
        assert_eq!(said(Says::Pair("id".into())).text, ["premise", "id"]);
        assert_eq!(said(Says::Name(" ".into())).name, None);
    }

    #[test]
    fn a_file_is_of_one_set() {
        let file = |path: &str, set: &str| FileFacts { set: set.into(), path: path.into(), bytes: 1 };
        let files = [file("a.csv", "train"), file("b.csv", "train"), file("c.csv", "")];
        let plain = DatasetSettings::default();
        let says = |path: &str, set: &str| {
            let said = say(Says::File { path: path.into(), set: set.into() }, &plain, &plain, &files);
            (said.train, said.development)
        };
        assert_eq!(says("b.csv", "dev"), (texts(&["a.csv"]), texts(&["b.csv"])));
        assert_eq!(says("c.csv", "train"), (texts(&["a.csv", "b.csv", "c.csv"]), Vec::new()));
        assert_eq!(says("a.csv", ""), (texts(&["b.csv"]), Vec::new()));
    }
}
