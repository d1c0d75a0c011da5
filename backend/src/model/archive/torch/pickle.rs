//! A pickle, read into values.
//!
//! Values stand in one vector and name each other by their places: no depth of nesting is too deep, a value that is
//! named many times stands once, and a pickle takes a multiple of its own bytes at most.

use super::Problem;
use super::machine::Machine;
use super::object::{Object, Storage};

/// The place of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place(pub(super) usize);

/// A value; its parts stand elsewhere.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value<'a> {
    Object(Object<'a>),
    /// A tuple or a list.
    Items(Vec<Place>),
    /// Keys and values in the order in which they were set.
    Dict(Vec<(Place, Place)>),
    Storage(Storage<'a>),
    /// The arguments of the function that rebuilds a tensor.
    Tensor(Vec<Place>),
}

/// What a pickle holds.
#[derive(Debug)]
pub(super) struct Pickle<'a> {
    values: Vec<Value<'a>>,
    top: Place,
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
    pub(super) fn get(&self, place: Place) -> &Value<'a> {
        &self.values[place.0]
    }

    /// A value that is a whole number.
    pub(super) fn int(&self, place: Place) -> Option<u64> {
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
