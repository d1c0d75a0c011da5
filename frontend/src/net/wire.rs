//! Between the socket's texts and messages.
//!
//! The browser takes the JSON apart: its reader is there already, and faster. Columns of numbers cross over at once.

use js_sys::{Array, Float64Array, JSON, Object};
use serde_json::{Number, Value};
use tunemask_shared::json::{FromJson, Misread};
use tunemask_shared::protocol::FromServer;
use wasm_bindgen::{JsCast, JsValue};

/// Whole numbers up to here are exact in the browser.
const EXACT: f64 = (1u64 << 53) as f64;

/// Reads a message of the server.
///
/// # Errors
/// It is no JSON, or no message of this version's server.
pub fn read(text: &str) -> Result<FromServer, Misread> {
    let parsed = JSON::parse(text).map_err(|_| Misread::new("no JSON"))?;
    FromServer::from_json(value(&parsed))
}

fn value(js: &JsValue) -> Value {
    if let Some(x) = js.as_f64() {
        number(x)
    } else if let Some(text) = js.as_string() {
        Value::String(text)
    } else if let Some(array) = js.dyn_ref::<Array>() {
        list(array)
    } else if js.is_object() {
        let entries = Object::entries(js.unchecked_ref());
        entries.iter().map(|pair| field(pair.unchecked_ref())).collect()
    } else {
        js.as_bool().map_or(Value::Null, Value::Bool)
    }
}

fn field(pair: &Array) -> (String, Value) {
    (pair.get(0).as_string().unwrap_or_default(), value(&pair.get(1)))
}

fn list(array: &Array) -> Value {
    // What begins with a number is a column of them, holes by their names among them: the browser reads those, too.
    match array.get(0).as_f64() {
        Some(_) => Float64Array::new(array).to_vec().into_iter().map(number).collect(),
        None => array.iter().map(|item| value(&item)).collect(),
    }
}

fn number(x: f64) -> Value {
    let name = if x.is_nan() { "NaN" } else { if x > 0.0 { "Infinity" } else { "-Infinity" } };
    if (0.0..=EXACT).contains(&x) && x.fract() == 0.0 {
        Value::Number((x as u64).into())
    } else {
        Number::from_f64(x).map_or_else(|| name.into(), Value::Number)
    }
}
