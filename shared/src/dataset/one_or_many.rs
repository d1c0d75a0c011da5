//! One text or a list of them: `text = "review"`, `text = ["premise", "hypothesis"]`. Whole numbers and truth values
//! are read as they are spelled, since labels are often written so.

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, Error, IntoDeserializer};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Writes a list of one as its item.
pub(super) fn serialize<T: Serialize, S: Serializer>(items: &[T], serializer: S) -> Result<S::Ok, S::Error> {
    match items {
        [one] => one.serialize(serializer),
        many => many.serialize(serializer),
    }
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a text or a list of texts")]
enum Written {
    One(Item),
    Many(Vec<Item>),
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a text or a list of texts")]
enum Item {
    Text(String),
    Number(i64),
    Truth(bool),
}

/// Reads a text or a list of them.
pub(super) fn deserialize<'de, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    T: DeserializeOwned,
    D: Deserializer<'de>,
{
    let items = match Written::deserialize(deserializer)? {
        Written::One(item) => vec![item],
        Written::Many(items) => items,
    };
    let item = |item| {
        let text = match item {
            Item::Text(text) => text,
            Item::Number(number) => number.to_string(),
            Item::Truth(truth) => truth.to_string(),
        };
        let text: StrDeserializer<'_, D::Error> = text.as_str().into_deserializer();
        T::deserialize(text).map_err(D::Error::custom)
    };
    items.into_iter().map(item).collect()
}
