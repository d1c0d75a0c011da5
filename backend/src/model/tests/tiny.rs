//! The built-in model.

use crate::model::{open, shape, unweighted};

#[test]
fn it_is_the_same_everywhere() {
    let model = open("builtin:tiny").unwrap();
    assert_eq!(model.fingerprint, open(" builtin:tiny ").unwrap().fingerprint);
    assert_eq!(model.fingerprint, "d01f381f1bbc103ea065a4d263e0e9f926a62f5bb899cf9f6b5250a76e743419");
}

#[test]
fn its_weights_are_those_of_its_record() {
    let record: serde_json::Value = serde_json::from_str(include_str!("../tiny/pretraining.json")).unwrap();
    // The vocabulary and the config that it was made with are those of today.
    assert_eq!(record["model_sha256"], unweighted("builtin:tiny").unwrap().fingerprint);
    assert_eq!(record["settings"]["start"], "fresh");
    let model = open("builtin:tiny").unwrap();
    let facts = shape("builtin:tiny").unwrap();
    assert_eq!(facts.shape, model.config.shape);
    assert_eq!((facts.cased, facts.dropout as f32), (model.cased, model.config.hidden_dropout));
    assert_eq!(model.weights.len(), facts.shape.scalars());
    assert_eq!(model.tokenizer.vocabulary_size(), facts.shape.vocabulary);
    assert!(model.weights.iter().all(|w| w.is_finite()));
}

#[test]
fn its_vocabulary_is_the_language_and_spells_the_rest() {
    let model = open("builtin:tiny").unwrap();
    let ids = |text: &str| model.tokenizer.encode(text, None, 64).unwrap().ids;
    let unknown = model.tokenizer.encode("[UNK]", None, 8).unwrap().ids[1];
    let whole = ids("The teacher gave the child a book.");
    assert_eq!(whole.len(), 8 + 2);
    assert!(!whole.contains(&unknown));
    let spelled = ids("Xyzzy 42");
    assert_eq!(spelled.len(), 5 + 2 + 2);
    assert!(!spelled.contains(&unknown));
}
