//! JSON Schema (2020-12), as far as the description uses it.
//!
//! Stricter than it: a field that the schema does not name is an error, so that nothing goes out undescribed. A keyword that
//! is not known here is one, too.

use serde_json::Value;

/// What is wrong with a value by a schema of this document; nothing if it fits.
pub fn errors(document: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    check(document, schema, value, "$", &mut found);
    found
}

/// What a `$ref` leads to; anything else is what it is.
pub fn resolved<'a>(document: &'a Value, node: &'a Value) -> &'a Value {
    match node.get("$ref").and_then(Value::as_str) {
        Some(to) => {
            let pointer = to.strip_prefix('#').expect("a reference within the document");
            resolved(document, document.pointer(pointer).unwrap_or_else(|| panic!("{to} leads nowhere")))
        }
        None => node,
    }
}

fn check(document: &Value, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    let schema = resolved(document, schema).as_object().expect("a schema is an object");
    for (keyword, rule) in schema {
        let mut wrong = |what: String| found.push(format!("{at}: {what}"));
        match keyword.as_str() {
            "description" | "properties" | "additionalProperties" | "format" => {}
            "type" => {
                let allowed = rule.as_array().cloned().unwrap_or_else(|| vec![rule.clone()]);
                if !allowed.iter().any(|one| is(one.as_str().unwrap(), value)) {
                    wrong(format!("{value} is not of type {rule}"));
                }
            }
            "enum" => {
                if !rule.as_array().unwrap().contains(value) {
                    wrong(format!("{value} is none of {rule}"));
                }
            }
            "minimum" => {
                if value.as_f64().is_some_and(|number| number < rule.as_f64().unwrap()) {
                    wrong(format!("{value} is below {rule}"));
                }
            }
            "required" => {
                let names = rule.as_array().unwrap().iter().map(|name| name.as_str().unwrap());
                for name in names.filter(|name| value.as_object().is_some_and(|o| !o.contains_key(*name))) {
                    wrong(format!("{name} is missing"));
                }
            }
            "items" => {
                for (i, item) in value.as_array().into_iter().flatten().enumerate() {
                    check(document, rule, item, &format!("{at}[{i}]"), found);
                }
            }
            "allOf" => {
                for one in rule.as_array().unwrap() {
                    check(document, one, value, at, found);
                }
            }
            "oneOf" => {
                let of = rule.as_array().unwrap().iter().map(|one| errors(document, one, value));
                let of: Vec<Vec<String>> = of.collect();
                if of.iter().filter(|wrong| wrong.is_empty()).count() != 1 {
                    wrong(format!("{value} fits not exactly one of {of:?}"));
                }
            }
            other => panic!("{other} is not known here"),
        }
    }
    let (Some(properties), Some(object)) = (schema.get("properties"), value.as_object()) else { return };
    for (name, field) in object {
        match properties.get(name) {
            Some(rule) => check(document, rule, field, &format!("{at}.{name}"), found),
            None => found.push(format!("{at}: {name} is not described")),
        }
    }
}

fn is(named: &str, value: &Value) -> bool {
    match named {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "number" => value.is_number(),
        "integer" => value.is_u64() || value.is_i64(),
        other => panic!("{other} is not a type"),
    }
}

#[test]
fn what_does_not_fit_is_found() {
    let document: Value = serde_json::from_str(crate::server::api::description::TEXT).unwrap();
    let wrong = |name: &str, text: &str| {
        let schema = serde_json::json!({ "$ref": format!("#/components/schemas/{name}") });
        errors(&document, &schema, &serde_json::from_str(text).unwrap()).join("; ")
    };
    assert_eq!(wrong("Score", r#"{"metric":"f1","set":0,"value":"NaN"}"#), "");
    assert_eq!(wrong("Score", r#"{"metric":"f1","set":0}"#), "$: value is missing");
    assert_eq!(wrong("Started", r#"{"id":1,"more":2}"#), "$: more is not described");
    assert_eq!(wrong("Started", r#"{"id":-1}"#), "$.id: -1 is below 0");
    assert!(
        wrong("Score", r#"{"metric":"f2","set":0.5,"value":"nan"}"#).contains("$.set: 0.5 is not of type")
    );
    assert!(wrong("Block", r#"{"heading":"a","paragraph":"b"}"#).contains("fits not exactly one"));
    assert!(wrong("Report", r#"{"blocks":[{"notes":[1]}]}"#).starts_with("$.blocks[0]: "));
}
