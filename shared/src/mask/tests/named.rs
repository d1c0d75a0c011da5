//! The paper's masks.

use super::super::*;
use crate::fixtures::SMALL_SHAPE;
use crate::shape::{Kind, ModelShape};

const BASE: ModelShape = ModelShape::BERT_BASE_UNCASED;

#[test]
fn counts_on_bert_base_are_the_papers() {
    let table = [
        ("full", 109_482_240),
        ("frozen", 0),
        ("mha", 28_348_416),
        ("ffn", 56_669_184),
        ("layernorms", 36_864),
        ("layernorm_a", 18_432),
        ("layernorm_f", 18_432),
        ("bitfit", 101_376),
        ("random", 36_864),
        ("random:500:1", 500),
        ("random_blocks", 36_864),
        ("single_norm:7", 3_072),
        ("outliers:256", 6_144),
        ("outliers_random:256:3", 6_144),
    ];
    let weights: Vec<f32> = (0..BASE.scalars()).map(|i| (i % 977) as f32).collect();
    for (name, count) in table {
        let mask: Mask = name.parse().unwrap();
        assert_eq!(mask.to_string(), name);
        assert_eq!(mask.count(&BASE, MaskSwitches::default()), Ok(count), "{name}");
        let selection = mask.resolve(&BASE, MaskSwitches::default(), 1, Some(&weights)).unwrap();
        assert_eq!(selection.len(), count, "{name}");
    }
}

/// What is not in `plain` has no box in the form, and an expression of the same weights does not get its name.
#[test]
fn names_without_a_number_are_the_plain_masks() {
    let forms = super::super::name::Name::ALL.map(super::super::name::Name::form);
    let bare = forms.into_iter().filter(|form| !form.contains(':'));
    assert_eq!(bare.collect::<Vec<_>>(), Mask::plain().map(|mask| mask.to_string()));
}

#[test]
fn unreadable_masks_say_how_to_write_them() {
    for (text, want) in [
        ("layernorm", "`layernorm` is not a mask"),
        ("single_norm", "write it as `single_norm:L`"),
        ("single_norm:x", "write it as `single_norm:L`"),
        ("single_norm:+3", "write it as `single_norm:L`"),
        ("full:1", "write it as `full`"),
        ("random:1:2:3", "write it as `random[:K[:SEED]]`"),
        ("random_blocks:0", "write it as `random_blocks[:K[:SEED]]`"),
        ("random_blocks:1:2:3", "write it as `random_blocks[:K[:SEED]]`"),
        ("outliers:-4", "write it as `outliers:N`"),
    ] {
        let error = text.parse::<Mask>().unwrap_err().to_string();
        assert!(error.contains(want), "{text}: {error}");
    }
}

#[test]
fn places_that_the_shape_lacks_are_errors() {
    let none = MaskSwitches::default();
    assert!(matches!(
        Mask::SingleNorm(13).count(&BASE, none),
        Err(MaskError::Layer { asked: 13, layers: 12, .. })
    ));
    assert!(matches!(Mask::SingleNorm(0).resolve(&BASE, none, 0, None), Err(MaskError::Layer { .. })));
    assert!(matches!(Mask::Outliers(1537).count(&BASE, none), Err(MaskError::Count { available: 1536, .. })));
    assert!(matches!(Mask::Outliers(4).resolve(&BASE, none, 0, None), Err(MaskError::NeedsWeights(_))));
}

#[test]
fn outliers_are_the_farthest_of_gamma_and_beta_together() {
    let shape =
        ModelShape { vocabulary: 9, layers: 1, heads: 1, intermediate: 4, positions: 4, ..SMALL_SHAPE };
    let mut weights = vec![0.0; shape.scalars()];
    let gamma = shape.parameter(Kind::AttentionGamma, Some(0)).unwrap().offset;
    weights[gamma..gamma + 8].copy_from_slice(&[1.0, 1.0, 9.0, 1.0, 1.0, -8.0, 1.0, 1.5]);
    let chosen = Mask::Outliers(2).resolve(&shape, MaskSwitches::default(), 0, Some(&weights)).unwrap();
    assert_eq!(chosen.within(gamma..gamma + 8).ranges(), &[gamma + 2..gamma + 3, gamma + 5..gamma + 6]);
}

#[test]
fn switches_add_pooler_and_embedding_norm() {
    let pooler = MaskSwitches { pooler_trains: true, ..Default::default() };
    assert_eq!(Mask::Frozen.count(&BASE, pooler), Ok(768 * 768 + 768));
    let norm = MaskSwitches { embedding_norm_counts: true, ..Default::default() };
    assert_eq!(Mask::LayerNorms.count(&BASE, norm), Ok(36_864 + 1_536));
    assert_eq!(Mask::BitFit.count(&BASE, norm), Ok(101_376 + 768));
    assert_eq!(Mask::LayerNormA.count(&BASE, norm), Ok(18_432));
}

#[test]
fn a_draw_is_its_seed() {
    let none = MaskSwitches::default();
    let draw = |text: &str, seed| text.parse::<Mask>().unwrap().resolve(&BASE, none, seed, None).unwrap();
    assert_eq!(draw("random:50:3", 1), draw("random:50:3", 2));
    assert_ne!(draw("random:50", 1), draw("random:50", 2));
    assert_eq!(draw("random:50", 3), draw("random:50:3", 1));
}

#[test]
fn a_draw_over_blocks_is_the_rule_that_it_stands_for() {
    let none = MaskSwitches::default();
    let read = |text: &str| text.parse::<Mask>().unwrap();
    let draw = |text: &str| read(text).resolve(&BASE, none, 3, None).unwrap();
    // Runs of the rule keep their identity: with a number the name is only a way to write it.
    assert_eq!(read("random_blocks:500:7"), read("random:500:7 in layers(*)"));
    assert_eq!(read("random_blocks:500:7").to_string(), "random:500:7 in layers(*)");
    assert_eq!(draw("random_blocks"), draw("random:36864 in layers(*)"));
    assert!(read("random_blocks").is_drawn_by_the_run());
    let picked = draw("random_blocks");
    let of_places = |p: &crate::shape::Parameter| p.layer.is_none() && !picked.within(p.range()).is_empty();
    assert!(!BASE.parameters().iter().any(of_places));
    // In an expression it keeps its name, and what it means.
    for text in ["random_blocks", "layernorms + random_blocks", "mha - random_blocks"] {
        let mask = read(text);
        assert_eq!(read(&mask.to_string()), mask, "{text}");
        assert!(mask.to_string().contains("random_blocks"), "{mask}");
    }
    let pooler = MaskSwitches { pooler_trains: true, ..none };
    assert_eq!(Mask::RandomBlocks.count(&BASE, pooler), Ok(36_864 + 768 * 768 + 768));
}
