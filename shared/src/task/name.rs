//! How experiments name tasks.

use super::{known, known_tasks};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A task's name: one of those that every program knows (`rte`), or one of the user's own (`own:reviews`). Only a data
/// folder says what the latter is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TaskName(String);

/// Begins the name of a user's own task.
const OWN: &str = "own:";

/// Characters of an own task's name without its beginning, at most.
pub const MAX_OWN_CHARS: usize = 64;

impl TaskName {
    /// The name of a known task, as the table spells it.
    pub(super) fn known(name: &str) -> Self {
        Self(name.to_owned())
    }

    /// The name of the user's own task in a folder of this name; `None` if a task cannot be named so.
    ///
    /// A name has letters, digits, `-`, `_` and `.` alone: it stands in lists, addresses and file names.
    pub fn own(folder: &str) -> Option<Self> {
        let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        let named = folder.chars().all(fits) && folder.chars().any(char::is_alphanumeric);
        (named && folder.chars().count() <= MAX_OWN_CHARS).then(|| Self(format!("{OWN}{folder}")))
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As a part of a file's name.
    pub fn in_file_names(&self) -> String {
        self.0.replace(':', "-")
    }

    /// The name of a user's own task, without what all such begin with.
    pub fn as_own(&self) -> Option<&str> {
        self.0.strip_prefix(OWN)
    }

    /// The name for a reader: `RTE`, `reviews`.
    pub fn title(&self) -> &str {
        self.as_own().unwrap_or_else(|| known::title(&self.0).unwrap_or(&self.0))
    }
}

impl fmt::Display for TaskName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl PartialEq<str> for TaskName {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl From<TaskName> for String {
    fn from(name: TaskName) -> Self {
        name.0
    }
}

impl TryFrom<String> for TaskName {
    type Error = UnknownTask;
    fn try_from(text: String) -> Result<Self, UnknownTask> {
        text.parse()
    }
}

/// No task has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a task; known are {list}, and your own as own:FOLDER", list = known_names())]
pub struct UnknownTask(pub String);

fn known_names() -> String {
    known_tasks().iter().map(|task| task.name().as_str()).collect::<Vec<_>>().join(", ")
}

impl FromStr for TaskName {
    type Err = UnknownTask;
    /// Reads a known name or title in any case (`stsb`, `STS-B`, `sts-b`), or an own task's name as it stands.
    fn from_str(text: &str) -> Result<Self, UnknownTask> {
        let text = text.trim();
        let plain: String = text.to_lowercase().chars().filter(|c| !matches!(c, '-' | '_')).collect();
        let known =
            || known_tasks().iter().find(|task| *task.name() == *plain).map(|task| task.name().clone());
        let name = match text.strip_prefix(OWN) {
            Some(own) => Self::own(own),
            None => known(),
        };
        name.ok_or_else(|| UnknownTask(text.to_owned()))
    }
}
