//! What a config says, and which are refused.

use super::folder;
use crate::model::Config;
use serde_json::{Value, json};
use std::path::Path;
use tunemask_engine::Objective;

const CLASSES: Objective = Objective::Classification(2);

fn parse(value: &Value) -> Result<Config, String> {
    Config::parse(Path::new("m/config.json"), value.to_string().as_bytes()).map_err(|e| e.to_string())
}

fn with(field: &str, value: Value) -> Value {
    let mut config = folder::config();
    config[field] = value;
    config
}

fn without(field: &str) -> Value {
    let mut config = folder::config();
    config.as_object_mut().unwrap().remove(field);
    config
}

#[test]
fn every_field_is_read() {
    let config = parse(&folder::config()).unwrap();
    assert_eq!(config.encoder.shape, folder::SHAPE);
    assert_eq!((config.encoder.hidden_dropout, config.encoder.attention_dropout), (0.1, 0.2));
    assert_eq!((config.encoder.layer_norm_epsilon, config.encoder.initializer_range), (1e-12, 0.02));
    assert_eq!(config.dropout, 0.1);
    assert!(config.notes.is_empty());
}

#[test]
fn what_bert_has_always_had_may_be_absent() {
    for field in ["hidden_act", "type_vocab_size", "layer_norm_eps", "initializer_range", "model_type"] {
        assert_eq!(parse(&without(field)), parse(&folder::config()), "{field}");
    }
}

#[test]
fn the_head_has_the_dropout_that_the_config_gives_it() {
    let other = parse(&with("classifier_dropout", json!(0.3))).unwrap();
    assert_eq!((other.encoder.head_dropout(CLASSES), other.encoder.hidden_dropout), (0.3, 0.1));
    assert!(other.notes[0].contains("the head's dropout is 0.3"), "{:?}", other.notes);
    // An experiment's own is everywhere.
    let off = other.encoder.with_dropout(0.0);
    assert_eq!((off.head_dropout(CLASSES), off.hidden_dropout, off.attention_dropout), (0.0, 0.0, 0.0));
    for same in [with("classifier_dropout", Value::Null), without("classifier_dropout")] {
        let same = parse(&same).unwrap();
        assert!(same.encoder.head_dropout(CLASSES) == 0.1 && same.notes.is_empty());
    }
    let none = parse(&with("classifier_dropout", json!(0.0))).unwrap().encoder;
    assert_eq!((none.classifier_dropout, none.head_dropout(CLASSES)), (Some(0.0), 0.0));
    let wrong = parse(&with("classifier_dropout", json!("no"))).unwrap_err();
    assert!(wrong.contains("`classifier_dropout` is \"no\"; expected a share"), "{wrong}");
}

#[test]
fn what_the_engine_does_not_compute_is_refused_by_name() {
    let refused = [
        (
            "model_type",
            json!("gpt2"),
            "m/config.json: `model_type` is \"gpt2\"; can be trained: bert, roberta, xlm-roberta, camembert, \
             distilbert, electra",
        ),
        ("hidden_act", json!("silu"), "`hidden_act` is \"silu\"; only \"gelu\" (erf)"),
        ("position_embedding_type", json!("relative_key"), "`position_embedding_type` is \"relative_key\""),
        ("is_decoder", json!(true), "`is_decoder`"),
        ("pruned_heads", json!({"0": [1]}), "`pruned_heads`"),
        ("quantization_config", json!({"bits": 8}), "`quantization_config`"),
        ("hidden_size", json!(0), "`hidden_size` is 0; expected a whole number from 1"),
        ("hidden_size", json!(1e9), "`hidden_size`"),
        ("hidden_size", json!("4"), "`hidden_size` is \"4\""),
        ("num_hidden_layers", json!(-1), "`num_hidden_layers` is -1"),
        ("num_attention_heads", json!(3), "`num_attention_heads` is 3, which does not divide hidden_size 4"),
        ("hidden_dropout_prob", json!(1.0), "`hidden_dropout_prob` is 1.0; expected a share"),
        ("layer_norm_eps", json!(0), "`layer_norm_eps`"),
    ];
    for (field, value, expected) in refused {
        let error = parse(&with(field, value)).unwrap_err();
        assert!(error.contains(expected), "{field}: {error}");
    }
    for field in
        ["vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size"]
    {
        let error = parse(&without(field)).unwrap_err();
        assert!(error.contains(&format!("`{field}` is missing")), "{error}");
    }
}

#[test]
fn no_json_is_named_with_its_line() {
    let error =
        Config::parse(Path::new("m/config.json"), b"{\n\"model_type\": bert}").unwrap_err().to_string();
    assert!(
        Config::parse(Path::new("m/config.json"), format!("\u{feff}{}", folder::config()).as_bytes()).is_ok()
    );
    assert!(error.contains("m/config.json") && error.contains("line 2"), "{error}");
}

#[test]
fn published_configs_are_read() {
    for casing in ["uncased", "cased"] {
        let Some(path) = folder::shared(&format!("data/vocab/bert-base-{casing}")) else { return };
        let facts = crate::model::shape(path.to_str().unwrap()).unwrap();
        assert_eq!((facts.shape.layers, facts.shape.hidden, facts.cased), (12, 768, casing == "cased"));
        assert_eq!(facts.title, format!("bert-base-{casing}"));
    }
}
