//! The values of a pickle.
//!
//! Values stand in one vector and name each other by their places: no depth of nesting is too deep, a value that is
//! named many times stands once, and a pickle takes a multiple of its own bytes at most.

use super::object::{Object, Storage};

/// The place of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ValueId(pub(super) usize);

/// A value; its parts stand elsewhere.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value<'a> {
    Object(Object<'a>),
    /// A tuple or a list.
    Items(Vec<ValueId>),
    /// Keys and values in the order in which they were set.
    Dict(Vec<(ValueId, ValueId)>),
    Storage(Storage<'a>),
    /// The arguments of the function that rebuilds a tensor.
    Tensor(Vec<ValueId>),
}
