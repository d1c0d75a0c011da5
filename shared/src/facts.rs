//! What is known about a model and a data folder before anything trains.

use crate::hub::RepositoryKind;
use crate::places::TrainingPlace;
use crate::shape::ModelShape;
use crate::task::{Task, TaskName};
use serde::{Deserialize, Serialize};

/// What is known about a model and a data folder. A field is `None` where nothing was asked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// The model, or why it cannot be used.
    pub model: Option<Result<ModelFacts, String>>,
    /// The data folder, or why it cannot be used.
    pub data: Option<Result<DataFacts, String>>,
    /// What of them is on the hub and not, or not whole, on this machine.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absent: Vec<RepositoryKind>,
}

/// What is known about a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelFacts {
    /// For people: the folder's name or `builtin:tiny`.
    pub title: String,
    /// Its shape.
    pub shape: ModelShape,
    /// Whether its tokenizer keeps case.
    pub cased: bool,
    /// Its own dropout of hidden states.
    pub dropout: f64,
}

/// What is known about a data folder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DataFacts {
    /// The tasks that it holds.
    pub tasks: Vec<Task>,
}

/// The task that a name means: what a data folder holds by that name comes before what is known.
pub fn resolve(name: &TaskName, data: Option<&DataFacts>) -> Option<Task> {
    data.and_then(|data| data.task(name)).cloned().or_else(|| Task::known(name))
}

impl DataFacts {
    /// The task that a name means in the folder, if it holds that.
    pub fn task(&self, name: &TaskName) -> Option<&Task> {
        self.tasks.iter().find(|task| task.name() == name)
    }
}

/// Models and data that can be used as they lie on the server's machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnMachine {
    /// Models, the built-in one first.
    pub models: Vec<Local>,
    /// Data folders and data sets of the hub.
    pub data: Vec<Local>,
    /// Where runs can train.
    #[serde(default)]
    pub places: Vec<TrainingPlace>,
}

/// A model or data folder on the server's machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Local {
    /// What is written into the form: a folder, or a name of the hub.
    pub name: String,
    /// What it is, for people: `12 blocks of width 768`, `RTE, CoLA`.
    pub note: String,
    /// Bytes of its files; 0 where they were not counted.
    pub bytes: u64,
}
