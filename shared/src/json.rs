//! Reading JSON into what the log and the wire hold.
//!
//! serde's derived readers are made anew for every type and for every form that its fields may come in: they were a
//! seventh of the page's wasm. Here a text becomes JSON values first, and each type takes its fields out of an object
//! by their names. Writing is serde's; `tests/golden` holds both to the same files.

use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt::Display;

/// What could not be read, and where: `state: runs: step: no whole number`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Misread(String);

impl Misread {
    /// An error with this text.
    pub fn new(text: impl Display) -> Self {
        Self(text.to_string())
    }
    fn within(self, name: &str) -> Self {
        Self(format!("{name}: {}", self.0))
    }
}

/// Can be read from a JSON value.
pub trait FromJson: Sized {
    /// Reads one; the absent field of an object reads as null.
    ///
    /// # Errors
    /// The value is none.
    fn from_json(value: Value) -> Result<Self, Misread>;
}

/// The fields of an object, to be taken one by one.
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    pub(crate) fn of(value: Value) -> Result<Self, Misread> {
        match value {
            Value::Object(map) => Ok(Self(map)),
            _ => Err(Misread::new("no object")),
        }
    }

    /// Takes a field.
    pub(crate) fn take<T: FromJson>(&mut self, name: &str) -> Result<T, Misread> {
        let value = self.0.remove(name).unwrap_or(Value::Null);
        T::from_json(value).map_err(|e| e.within(name))
    }

    /// Takes a field that stands for `plain` where it is absent.
    pub(crate) fn take_or<T: FromJson>(&mut self, name: &str, plain: T) -> Result<T, Misread> {
        if self.0.contains_key(name) { self.take(name) } else { Ok(plain) }
    }

    /// Reads a `T` from the fields that are left.
    pub(crate) fn rest<T: FromJson>(self) -> Result<T, Misread> {
        T::from_json(Value::Object(self.0))
    }
}

/// Reads structs from objects, every field by its name. With `or default` an absent field keeps the struct's default,
/// those of `or absent` keep their type's.
macro_rules! read_fields {
    ($type:ty { $($field:ident),* $(,)? }) => {
        impl $crate::json::FromJson for $type {
            fn from_json(value: serde_json::Value) -> Result<Self, $crate::json::Misread> {
                let mut fields = $crate::json::Fields::of(value)?;
                Ok(Self { $($field: fields.take(stringify!($field))?),* })
            }
        }
    };
    ($type:ty { $($field:ident),* $(,)? } or absent { $($absent:ident),* }) => {
        impl $crate::json::FromJson for $type {
            fn from_json(value: serde_json::Value) -> Result<Self, $crate::json::Misread> {
                let mut fields = $crate::json::Fields::of(value)?;
                Ok(Self {
                    $($field: fields.take(stringify!($field))?,)*
                    $($absent: fields.take_or(stringify!($absent), Default::default())?),*
                })
            }
        }
    };
    ($type:ty { $($field:ident),* $(,)? } or default) => {
        impl $crate::json::FromJson for $type {
            fn from_json(value: serde_json::Value) -> Result<Self, $crate::json::Misread> {
                let mut fields = $crate::json::Fields::of(value)?;
                let plain = Self::default();
                Ok(Self { $($field: fields.take_or(stringify!($field), plain.$field)?),* })
            }
        }
    };
}

/// Reads an enum without fields from its words. A variant that has none does not compile.
macro_rules! read_words {
    ($type:ty { $($word:literal => $variant:ident),* $(,)? }) => {
        const _: fn($type) = |value| match value {
            $(<$type>::$variant => (),)*
        };
        impl $crate::json::FromJson for $type {
            fn from_json(value: serde_json::Value) -> Result<Self, $crate::json::Misread> {
                match value.as_str().unwrap_or_default() {
                    $($word => Ok(Self::$variant),)*
                    other => Err($crate::json::Misread::new(format_args!("`{other}` is not known"))),
                }
            }
        }
    };
}

/// Reads a type from the text that it writes itself as.
macro_rules! read_parsed {
    ($type:ty) => {
        impl $crate::json::FromJson for $type {
            fn from_json(value: serde_json::Value) -> Result<Self, $crate::json::Misread> {
                value.as_str().unwrap_or_default().parse().map_err($crate::json::Misread::new)
            }
        }
    };
}

/// Lets serde read a struct or a tagged enum that carries `#[serde(remote = "Self")]` from an object alone. serde's own
/// readers would also take a list, the fields in their order: an empty one would be a struct of defaults.
macro_rules! reads_objects_alone {
    ($type:ty) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                <$type>::serialize(self, serializer)
            }
        }
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Object;
                impl<'de> serde::de::Visitor<'de> for Object {
                    type Value = $type;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("an object")
                    }
                    fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<$type, A::Error> {
                        <$type>::deserialize(serde::de::value::MapAccessDeserializer::new(map))
                    }
                }
                deserializer.deserialize_map(Object)
            }
        }
    };
}

/// Lets serde read a type as [`FromJson`] does.
macro_rules! serde_reads_json {
    ($type:ty) => {
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = serde_json::Value::deserialize(deserializer)?;
                $crate::json::FromJson::from_json(value).map_err(serde::de::Error::custom)
            }
        }
    };
}

pub(crate) use {read_fields, read_parsed, read_words, reads_objects_alone, serde_reads_json};

fn whole(value: &Value) -> Result<u64, Misread> {
    value.as_u64().ok_or_else(|| Misread::new("no whole number"))
}

impl FromJson for u64 {
    fn from_json(value: Value) -> Result<Self, Misread> {
        whole(&value)
    }
}

macro_rules! read_smaller {
    ($($type:ty)*) => {$(
        impl FromJson for $type {
            fn from_json(value: Value) -> Result<Self, Misread> {
                Self::try_from(whole(&value)?).map_err(Misread::new)
            }
        }
    )*};
}
read_smaller!(u8 u32 usize);

impl FromJson for f64 {
    /// Not-a-number and the infinities are read by their names, see [`crate::number`].
    fn from_json(value: Value) -> Result<Self, Misread> {
        let named = || value.as_str().and_then(crate::number::named);
        value.as_f64().or_else(named).ok_or_else(|| Misread::new("no number"))
    }
}

impl FromJson for bool {
    fn from_json(value: Value) -> Result<Self, Misread> {
        value.as_bool().ok_or_else(|| Misread::new("neither true nor false"))
    }
}

impl FromJson for String {
    fn from_json(value: Value) -> Result<Self, Misread> {
        match value {
            Value::String(text) => Ok(text),
            _ => Err(Misread::new("no text")),
        }
    }
}

impl<T: FromJson> FromJson for Option<T> {
    fn from_json(value: Value) -> Result<Self, Misread> {
        if value.is_null() { Ok(None) } else { T::from_json(value).map(Some) }
    }
}

impl<T: FromJson> FromJson for Box<T> {
    fn from_json(value: Value) -> Result<Self, Misread> {
        T::from_json(value).map(Box::new)
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn from_json(value: Value) -> Result<Self, Misread> {
        match value {
            Value::Array(items) => items.into_iter().map(T::from_json).collect(),
            _ => Err(Misread::new("no list")),
        }
    }
}

impl<T: FromJson, const N: usize> FromJson for [T; N] {
    fn from_json(value: Value) -> Result<Self, Misread> {
        let items = Vec::from_json(value)?;
        Self::try_from(items)
            .map_err(|items: Vec<T>| Misread::new(format_args!("{} items, not {N}", items.len())))
    }
}

impl<K: FromJson + Ord, T: FromJson> FromJson for BTreeMap<K, T> {
    fn from_json(value: Value) -> Result<Self, Misread> {
        let Fields(map) = Fields::of(value)?;
        map.into_iter()
            .map(|(key, value)| Ok((K::from_json(Value::String(key))?, T::from_json(value)?)))
            .collect()
    }
}

impl<T: FromJson> FromJson for Result<T, String> {
    fn from_json(value: Value) -> Result<Self, Misread> {
        let mut fields = Fields::of(value)?;
        match fields.take("Ok")? {
            Some(value) => Ok(Ok(value)),
            None => fields.take("Err").map(Err),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let error = |value: Value| BTreeMap::<String, Vec<u32>>::from_json(value).unwrap_err().to_string();
        assert_eq!(error(json!([1])), "no object");
        assert_eq!(error(json!({"a": [1, -1]})), "no whole number");
        assert!(error(json!({"a": [1u64 << 40]})).contains("range"));
        let mut fields =
            Fields::of(json!({"a": {"Err": "why"}, "b": {"Ok": 3}, "c": {}, "d": [1, 2]})).unwrap();
        assert_eq!(fields.take("a"), Ok(Err::<u32, _>("why".to_owned())));
        assert_eq!(fields.take("b"), Ok(Ok::<u32, String>(3)));
        assert_eq!(fields.take::<Result<u32, String>>("c"), Err(Misread("c: Err: no text".into())));
        assert_eq!(fields.take::<[f64; 3]>("d"), Err(Misread("d: 2 items, not 3".into())));
        assert_eq!((fields.take("gone"), fields.take_or("gone", 7u32)), (Ok(None::<u32>), Ok(7)));
    }

    #[test]
    fn numbers_that_json_cannot_spell_have_names() {
        let read = |value: Value| f64::from_json(value).map_err(|e| e.to_string());
        assert!(read(json!("NaN")).unwrap().is_nan());
        assert_eq!((read(json!("-Infinity")), read(json!(2))), (Ok(f64::NEG_INFINITY), Ok(2.0)));
        assert_eq!(read(json!("nan")), Err("no number".into()));
    }
}
