//! Numbers that JSON cannot spell: `"NaN"`, `"Infinity"` and `"-Infinity"` as strings, all else as numbers.
//!
//! For `#[serde(with = "crate::number")]` on an `f64`, and `columns` on a `Vec<f64>`.

use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// The number that a name stands for.
pub(crate) fn named(name: &str) -> Option<f64> {
    match name {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

struct Wire(f64);

impl Serialize for Wire {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(x) = *self;
        if x.is_nan() {
            serializer.serialize_str("NaN")
        } else if x.is_infinite() {
            serializer.serialize_str(if x > 0.0 { "Infinity" } else { "-Infinity" })
        } else {
            serializer.serialize_f64(x)
        }
    }
}

impl<'de> Deserialize<'de> for Wire {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl Visitor<'_> for Reader {
    type Value = Wire;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, \"NaN\", \"Infinity\" or \"-Infinity\"")
    }
    fn visit_f64<E: Error>(self, x: f64) -> Result<Wire, E> {
        Ok(Wire(x))
    }
    fn visit_u64<E: Error>(self, x: u64) -> Result<Wire, E> {
        Ok(Wire(x as f64))
    }
    fn visit_i64<E: Error>(self, x: i64) -> Result<Wire, E> {
        Ok(Wire(x as f64))
    }
    fn visit_str<E: Error>(self, name: &str) -> Result<Wire, E> {
        named(name).map(Wire).ok_or_else(|| E::invalid_value(Unexpected::Str(name), &self))
    }
}

/// Serializes one number.
///
/// # Errors
/// The serializer's.
pub fn serialize<S: Serializer>(x: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    Wire(*x).serialize(serializer)
}

/// Deserializes one number.
///
/// # Errors
/// Neither a number nor one of the three names.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Wire::deserialize(deserializer).map(|Wire(x)| x)
}

/// The same for a column of numbers.
pub mod columns {
    use super::Wire;
    use serde::{Deserialize, Deserializer, Serializer};

    /// Serializes a column.
    ///
    /// # Errors
    /// The serializer's.
    pub fn serialize<S: Serializer>(xs: &[f64], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(xs.iter().map(|&x| Wire(x)))
    }

    /// Deserializes a column.
    ///
    /// # Errors
    /// An element that is neither a number nor one of the three names.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f64>, D::Error> {
        let wire = Vec::<Wire>::deserialize(deserializer)?;
        Ok(wire.into_iter().map(|Wire(x)| x).collect())
    }
}
