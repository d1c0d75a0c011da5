//! A JSON document with other values in some places.

use crate::fuzz::Chance;
use serde_json::Value;

/// Levels around a value that is nested more deeply. However many of them come together, a parser that stops at 128 goes on.
const LEVELS: [usize; 3] = [1, 10, 35];

/// A document with a few places changed; what is no document, with a few bytes changed.
pub(super) fn changed(chance: &mut Chance, input: &[u8], corpus: &[Vec<u8>]) -> Vec<u8> {
    let Ok(mut document) = serde_json::from_slice::<Value>(input) else {
        return chance.mutated(&[input.to_vec()], &["{}"]);
    };
    for _ in 0..=chance.below(3) {
        let other = chance.pick(corpus).and_then(|other| serde_json::from_slice(other).ok());
        let other = other.map(|other: Value| some_place(chance, other));
        let mut left = Some(chance.below(places(&document)));
        at_place(&mut document, &mut left, &mut |value: &mut Value| change(chance, value, other.as_ref()));
    }
    document.to_string().into_bytes()
}

/// How many values a document has, itself among them.
fn places(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(places).sum::<usize>(),
        Value::Object(fields) => fields.values().map(places).sum(),
        _ => 0,
    }
}

/// Calls for the value of a number, counted from the outside in.
fn at_place(value: &mut Value, left: &mut Option<usize>, change: &mut impl FnMut(&mut Value)) {
    match *left {
        None => return,
        Some(0) => {
            *left = None;
            return change(value);
        }
        Some(more) => *left = Some(more - 1),
    }
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| at_place(item, left, change)),
        Value::Object(fields) => fields.values_mut().for_each(|item| at_place(item, left, change)),
        _ => {}
    }
}

/// Some value of a document.
fn some_place(chance: &mut Chance, mut document: Value) -> Value {
    let (mut left, mut found) = (Some(chance.below(places(&document))), Value::Null);
    at_place(&mut document, &mut left, &mut |value: &mut Value| found = value.take());
    found
}

fn change(chance: &mut Chance, value: &mut Value, other: Option<&Value>) {
    if chance.below(4) > 0 {
        let kind = chance.below(4);
        match value {
            Value::Array(items) if !items.is_empty() => {
                let at = chance.below(items.len());
                match kind {
                    0 => _ = items.remove(at),
                    1 => items.push(items[at].clone()),
                    2 => items.extend(other.cloned()),
                    _ => items.reverse(),
                }
                return;
            }
            Value::Object(fields) if !fields.is_empty() => {
                let at = chance.below(fields.len());
                let key = fields.keys().nth(at).cloned().unwrap_or_default();
                let old = fields.remove(&key).unwrap_or_default();
                match kind {
                    0 => {}
                    1 => _ = fields.insert(key + "x", old),
                    2 => fields.extend(other.map(|other| (key, other.clone()))),
                    _ => fields.extend([(key, old), ("type".to_owned(), Value::Null)]),
                }
                return;
            }
            Value::String(text) => {
                let bytes =
                    chance.mutated(&[text.as_bytes().to_vec()], &["", "\u{0}", "hf:a/b", "../x", "é"]);
                *text = String::from_utf8_lossy(&bytes).into_owned();
                return;
            }
            _ => {}
        }
    }
    *value = match chance.below(6) {
        0 => Value::Null,
        1 => Value::Bool(chance.below(2) == 0),
        2 => other.cloned().unwrap_or_default(),
        3 => {
            let levels = *chance.pick(&LEVELS).unwrap_or(&1);
            (0..levels).fold(value.take(), |inner, _| Value::Array(vec![inner]))
        }
        4 => Value::String("NaN".into()),
        _ => serde_json::from_str(chance.number()).unwrap_or_default(),
    };
}
