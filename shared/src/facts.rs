//! What is known about a model and a data folder before anything trains.

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
