//! Files that PyTorch wrote: `tests/fixtures/checkpoints/make.py` makes them.

use super::folder::{self, SHAPE};
use crate::model::{Model, open};
use std::fs;
use std::path::Path;

/// A model whose weights are one of PyTorch's files.
fn model(name: &str) -> Model {
    let dir = folder::folder();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/checkpoints").join(name);
    fs::copy(file, dir.path().join("pytorch_model.bin")).unwrap();
    open(dir.path().to_str().unwrap()).unwrap()
}

/// As the script draws them.
fn expected() -> Vec<f32> {
    let scalars = |name: String, count: usize| {
        let first: usize = name.bytes().map(usize::from).sum();
        (0..count).map(move |i| ((i + first) % 251) as f32 / 128.0 - 0.5)
    };
    SHAPE.parameters().iter().flat_map(|p| scalars(p.name(), p.len())).collect()
}

#[test]
fn the_container_before_pytorch_1_6_is_read() {
    let model = model("legacy.bin");
    assert_eq!(*model.weights, expected());
    assert!(model.notes.is_empty(), "{:?}", model.notes);
}

#[test]
fn views_parameters_types_and_prefixes_are_read_in_both_containers() {
    for name in ["legacy-views.bin", "views.bin"] {
        let model = model(name);
        assert!(*model.weights == expected(), "{name}");
        assert!(
            model.notes[0].starts_with("weights are stored as BF16 and F16 and F64;"),
            "{:?}",
            model.notes
        );
    }
}
