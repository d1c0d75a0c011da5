//! What stands in the text fields. As JSON it is an object by the fields' names; one that lacks a field, or has another, is
//! refused.

use super::field::{ALL, FIELDS, Field};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;

/// A text for each field.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Texts([String; FIELDS]);

impl Texts {
    /// What stands in a field.
    pub fn get(&self, field: Field) -> &str {
        &self.0[field as usize]
    }

    /// Writes into a field.
    pub fn set(&mut self, field: Field, text: String) {
        self.0[field as usize] = text;
    }
}

impl Serialize for Texts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(ALL.map(|field| (field.name(), self.get(field))))
    }
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut written = BTreeMap::<String, String>::deserialize(deserializer)?;
        let mut texts = Texts::default();
        for field in ALL {
            let text = written.remove(field.name()).ok_or_else(|| D::Error::missing_field(field.name()))?;
            texts.set(field, text);
        }
        match written.into_keys().next() {
            Some(other) => Err(D::Error::custom(format!("no field is called `{other}`"))),
            None => Ok(texts),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_by_the_names_of_their_fields() {
        let mut texts = Texts::default();
        texts.set(Field::Seeds, "1-3".into());
        let written = serde_json::to_string(&texts).unwrap();
        assert!(written.contains("\"seeds\":\"1-3\""), "{written}");
        assert_eq!(serde_json::from_str::<Texts>(&written).unwrap(), texts);
        for other in [
            written.replace("\"seeds\"", "\"seed\""),
            written.replace("\"seeds\":\"1-3\",", ""),
            written.replace("\"seeds\"", "\"more\":\"\",\"seeds\""),
        ] {
            assert_ne!(other, written);
            assert!(serde_json::from_str::<Texts>(&other).is_err(), "{other}");
        }
    }
}
