//! Numbers that JSON cannot spell: `"NaN"`, `"Infinity"` and `"-Infinity"` as strings, all else as numbers.
//!
//! For `#[serde(with = "crate::number")]` on an `f64`, and [`columns`] on a `Vec<f64>`.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Wire {
    Number(f64),
    Name(String),
}

fn to_wire(x: f64) -> Wire {
    if x.is_nan() {
        Wire::Name("NaN".into())
    } else if x.is_infinite() {
        Wire::Name(if x > 0.0 { "Infinity" } else { "-Infinity" }.into())
    } else {
        Wire::Number(x)
    }
}

fn from_wire<E: Error>(wire: Wire) -> Result<f64, E> {
    match wire {
        Wire::Number(x) => Ok(x),
        Wire::Name(name) => match name.as_str() {
            "NaN" => Ok(f64::NAN),
            "Infinity" => Ok(f64::INFINITY),
            "-Infinity" => Ok(f64::NEG_INFINITY),
            other => Err(E::custom(format!(
                "`{other}` is no number; expected a number, NaN, Infinity or -Infinity"
            ))),
        },
    }
}

/// Serializes one number.
///
/// # Errors
/// The serializer's.
pub fn serialize<S: Serializer>(x: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    to_wire(*x).serialize(serializer)
}

/// Deserializes one number.
///
/// # Errors
/// Neither a number nor one of the three names.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    from_wire(Wire::deserialize(deserializer)?)
}

/// The same for a column of numbers.
pub mod columns {
    use super::{Wire, from_wire, to_wire};
    use serde::{Deserialize, Deserializer, Serializer};

    /// Serializes a column.
    ///
    /// # Errors
    /// The serializer's.
    pub fn serialize<S: Serializer>(xs: &[f64], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(xs.iter().map(|&x| to_wire(x)))
    }

    /// Deserializes a column.
    ///
    /// # Errors
    /// An element that is neither a number nor one of the three names.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f64>, D::Error> {
        Vec::<Wire>::deserialize(deserializer)?.into_iter().map(from_wire).collect()
    }
}
