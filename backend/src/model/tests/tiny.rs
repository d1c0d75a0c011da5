use crate::model::{open, shape};
use tunemask_shared::shape::Kind;

#[test]
fn it_is_the_same_everywhere() {
    let model = open("builtin:tiny").unwrap();
    assert_eq!(model.fingerprint, open(" builtin:tiny ").unwrap().fingerprint);
    assert_eq!(model.fingerprint, "f807d8220a249617a399334a720c6e791eb99e4d15a263754fbdfdc6ee8694df");
}

#[test]
fn its_weights_are_drawn_and_its_norms_are_neutral() {
    let model = open("builtin:tiny").unwrap();
    let facts = shape("builtin:tiny").unwrap();
    assert_eq!(facts.shape, model.config.shape);
    assert_eq!((facts.cased, facts.dropout as f32), (model.cased, model.config.hidden_dropout));
    assert_eq!(model.weights.len(), facts.shape.scalars());
    assert_eq!(model.tokenizer.vocabulary_size(), facts.shape.vocabulary);
    for parameter in facts.shape.parameters() {
        let values = &model.weights[parameter.range()];
        let mean = values.iter().sum::<f32>() / values.len() as f32;
        let deviation = (values.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / values.len() as f32).sqrt();
        let gamma = [Kind::EmbeddingGamma, Kind::AttentionGamma, Kind::FeedForwardGamma];
        if let Some(want) = crate::model::tiny::deviation(parameter.kind) {
            let near = (0.85..1.15).contains(&(f64::from(deviation) / want));
            assert!(near && f64::from(mean).abs() < 0.2 * want, "{} {deviation}", parameter.name());
        } else {
            let constant = if gamma.contains(&parameter.kind) { 1.0 } else { 0.0 };
            assert!(values.iter().all(|v| *v == constant), "{}", parameter.name());
        }
    }
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
