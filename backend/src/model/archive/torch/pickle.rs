//! A pickle, read into values.

use super::machine::Machine;
use super::object::{Object, Storage};
use super::problem::Problem;
use super::value::{Value, ValueId};

/// What a pickle holds.
#[derive(Debug)]
pub(super) struct Pickle<'a> {
    values: Vec<Value<'a>>,
    top: ValueId,
}

impl<'a> Pickle<'a> {
    /// Reads a pickle from the front of some bytes.
    ///
    /// # Errors
    /// It ends early, has an instruction or names an object that no `state_dict` needs, or holds too much.
    pub(super) fn read(rest: &mut &'a [u8]) -> Result<Self, Problem> {
        let (values, top, behind) = Machine::run(rest)?;
        *rest = behind;
        Ok(Self { values, top })
    }

    /// The whole.
    pub(super) fn top(&self) -> &Value<'a> {
        self.get(self.top)
    }

    /// A value.
    pub(super) fn get(&self, place: ValueId) -> &Value<'a> {
        &self.values[place.0]
    }

    /// A value that is a whole number.
    pub(super) fn int(&self, place: ValueId) -> Option<u64> {
        match self.get(place) {
            Value::Object(Object::Int(n)) => u64::try_from(*n).ok(),
            _ => None,
        }
    }

    /// Of a dictionary the keys that are texts, with their values.
    pub(super) fn entries(&self, value: &Value<'a>) -> impl Iterator<Item = (&'a str, &Value<'a>)> {
        let pairs = match value {
            Value::Dict(pairs) => pairs.clone(),
            _ => Vec::new(),
        };
        pairs.into_iter().filter_map(|(key, value)| match self.get(key) {
            Value::Object(Object::Text(key)) => Some((*key, self.get(value))),
            _ => None,
        })
    }

    /// Every storage that is named.
    pub(super) fn storages(&self) -> impl Iterator<Item = &Storage<'a>> {
        self.values.iter().filter_map(|value| match value {
            Value::Storage(storage) => Some(storage),
            _ => None,
        })
    }
}
