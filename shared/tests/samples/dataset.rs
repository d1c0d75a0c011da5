//! What pages ask of data of the user's own, and what the program answers.

use tunemask_shared::dataset::{
    ColumnFacts, DataQuestion, DataSettings, DatasetFacts, DatasetKind, DatasetSettings, FileFacts,
    LabelFacts, Lengths, OwnData, Role, SavedSettings, SetFacts,
};
use tunemask_shared::experiment::FieldError;
use tunemask_shared::metric::Metric;
use tunemask_shared::protocol::FromServer;
use tunemask_shared::task::TaskName;

pub fn question(settings: Option<DatasetSettings>) -> DataQuestion {
    let folder = settings.as_ref().map(|_| "reviews".to_owned());
    DataQuestion { data: "/data".into(), folder, settings, model: "builtin:tiny".into(), max_length: 128 }
}

pub fn said() -> DatasetSettings {
    DatasetSettings {
        name: Some("reviews".into()),
        split: Some(0.1),
        text: vec!["premise".into(), "hypothesis".into()],
        label: vec!["stars".into()],
        kind: Some(DatasetKind::Classification),
        labels: vec!["1".into(), "2".into()],
        metric: vec![Metric::Accuracy],
        ..DatasetSettings::default()
    }
}

pub fn save() -> DataSettings {
    DataSettings {
        data: "/data".into(),
        folder: "reviews".into(),
        settings: said(),
        over: Some("label = \"stars\"\n".into()),
    }
}

/// What is known of a folder with everything that can be.
fn checked() -> DatasetFacts {
    DatasetFacts {
        folder: "/data/reviews".into(),
        task: "own:reviews".into(),
        files: vec![FileFacts { set: "train".into(), path: "train.csv".into(), bytes: 712 }],
        columns: vec![ColumnFacts {
            name: "stars".into(),
            cells: "whole numbers".into(),
            distinct: Some(2),
            missing: 1,
            longest: 1,
            role: Role::Label,
        }],
        rows: vec![vec![Some("1".into())], vec![None]],
        settings: said(),
        toml: "name = \"reviews\"\n".into(),
        sets: vec![SetFacts { set: "train".into(), examples: 20, skipped: 1 }],
        questions: vec![FieldError { field: "text".into(), message: "say which".into() }],
        notes: vec!["the labels differ only in case".into()],
        labels: vec![LabelFacts { label: "1".into(), train: 12, development: 3 }],
        majority: Some(0.75),
        range: Some([0.0, 5.0]),
        lengths: Some(Lengths {
            sampled: 20,
            examples: 20,
            bin: 16,
            bins: vec![18, 2],
            longest: 31,
            limit: 128,
            cut: 0,
        }),
    }
}

/// What is said of the user's own data, once each.
pub fn own_data() -> impl Iterator<Item = FromServer> {
    let own = |facts| OwnData {
        folders: vec![String::new(), "reviews".into()],
        folder: "reviews".into(),
        said: said(),
        facts,
    };
    let broken = Err("train.csv, line 3: 1 column; the header has 2".into());
    let all = [Some(own(Ok(checked()))), Some(own(broken)), None];
    let known = all.into_iter().map(|own| FromServer::OwnData { request: 17, own: own.map(Box::new) });
    let (path, text) = ("/data/reviews/dataset.toml", "name = \"reviews\"\n");
    let task: TaskName = "own:reviews".parse().unwrap();
    let saved = [
        SavedSettings::Written { path: path.into(), text: text.into(), task: Some(task) },
        SavedSettings::Exists { path: path.into(), text: text.into() },
        SavedSettings::Failed { reason: format!("{path}: this user may not write here") },
    ];
    known.chain(saved.into_iter().map(|saved| FromServer::DataSaved { request: 18, saved }))
}
