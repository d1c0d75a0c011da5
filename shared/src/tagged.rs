//! Reading enums that JSON tells apart by a field.
//!
//! serde's derived reader of such an enum buffers its fields in a form of its own and instantiates every type
//! inside for that form, for its flattened part and for each way a field can be named: a fifth of the page's
//! wasm. Here the fields are a JSON object, and every type inside is read from JSON values alone.

use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// The fields of an object, to be taken one by one.
pub struct Fields(Map<String, Value>);

impl Fields {
    /// Reads an object.
    ///
    /// # Errors
    /// It is none.
    pub fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Map::deserialize(deserializer).map(Self)
    }

    /// Takes a field; an absent one reads as null.
    ///
    /// # Errors
    /// Its value is no `T`; the message names the field.
    pub fn take<T: DeserializeOwned, E: Error>(&mut self, name: &str) -> Result<T, E> {
        let value = self.0.remove(name).unwrap_or(Value::Null);
        serde_json::from_value(value).map_err(|e| E::custom(format!("{name}: {e}")))
    }

    /// Reads a `T` from the fields that are left.
    ///
    /// # Errors
    /// They are no `T`.
    pub fn rest<T: DeserializeOwned, E: Error>(self) -> Result<T, E> {
        serde_json::from_value(Value::Object(self.0)).map_err(E::custom)
    }
}
