//! How a task is written and read: a known one as its name, any other as its definition.

use super::{Definition, Task, TaskName};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

impl Serialize for Task {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.is_known() { self.name().serialize(serializer) } else { self.0.serialize(serializer) }
    }
}

impl<'de> Deserialize<'de> for Task {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NameOrDefinition)
    }
}

/// Writes a task's name alone, where its definition is known elsewhere: for `#[serde(serialize_with = …)]`.
///
/// # Errors
/// The serializer's.
pub fn by_name<S: Serializer>(task: &Task, serializer: S) -> Result<S::Ok, S::Error> {
    task.name().serialize(serializer)
}

/// The same of several.
///
/// # Errors
/// The serializer's.
pub fn by_names<S: Serializer>(tasks: &[Task], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(tasks.iter().map(Task::name))
}

struct NameOrDefinition;

impl<'de> Visitor<'de> for NameOrDefinition {
    type Value = Task;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a known task, or a task's definition")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Task, E> {
        let name: TaskName = text.parse().map_err(E::custom)?;
        Task::known(&name).ok_or_else(|| E::custom(format!("`{text}` needs its definition beside its name")))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Task, A::Error> {
        let definition = Definition::deserialize(MapAccessDeserializer::new(map))?;
        Task::new(definition).map_err(A::Error::custom)
    }
}
