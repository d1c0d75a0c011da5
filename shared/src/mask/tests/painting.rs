//! Masks painted tensor by tensor.

use super::super::*;
use crate::family::Family;
use crate::fixtures::SMALL_SHAPE;
use crate::shape::{BLOCK_KINDS, EMBEDDING_KINDS, Kind, ModelShape, POOLER_KINDS, PROJECTION_KINDS};

const SHAPE: ModelShape = ModelShape { vocabulary: 7, layers: 4, positions: 5, ..SMALL_SHAPE };

fn mask(text: &str) -> Mask {
    text.parse().unwrap()
}

fn tensors(blocks: &[usize], holds: impl Fn(Kind) -> bool) -> Vec<Tensor> {
    let of = |&block: &usize| BLOCK_KINDS.map(|kind| Tensor { kind, block: Some(block) });
    blocks.iter().flat_map(of).filter(|t| holds(t.kind)).collect()
}

fn every_tensor() -> Vec<Tensor> {
    let others = EMBEDDING_KINDS.into_iter().chain(POOLER_KINDS).map(|kind| Tensor { kind, block: None });
    tensors(&[0, 1, 2, 3], |_| true).into_iter().chain(others).collect()
}

#[test]
fn what_is_painted_is_read_and_written_like_any_mask() {
    let norms = |k: Kind| k.is_attention_norm() || k.is_feed_forward_norm();
    let queries = |k: Kind| matches!(k, Kind::QueryWeight | Kind::QueryBias);
    for (start, blocks, holds, brush, expected) in [
        ("frozen", &[0, 1, 2, 3][..], &norms as &dyn Fn(Kind) -> bool, Brush::Paint, "layernorms"),
        ("layers(1-3).ln", &[3], &norms, Brush::Paint, "layernorms"),
        ("layernorms", &[2], &norms, Brush::Wipe, "layers(1-2,4).ln"),
        ("frozen", &[1], &norms, Brush::Paint, "single_norm:2"),
        (
            "mha",
            &[0, 1],
            &queries,
            Brush::Wipe,
            "layers(3-4).mha + layers(*).key + layers(*).value + layers(*).attention_output",
        ),
        ("frozen", &[2], &|k: Kind| k == Kind::IntermediateBias, Brush::Paint, "layers(3).intermediate.bias"),
        ("full", &[0, 1, 2, 3], &|_| true, Brush::Wipe, "embeddings + pooler"),
        ("frozen", &[0, 1, 2, 3], &Kind::is_bias, Brush::Paint, "bitfit"),
        ("layernorms", &[0], &norms, Brush::Paint, "layernorms"),
        // Painted on rules: what is painted trains whole, what is wiped trains not at all.
        ("outliers:2", &[0], &Kind::is_attention, Brush::Paint, "layers(1).mha + outliers:2"),
        ("outliers:2", &[0, 1, 2, 3], &norms, Brush::Wipe, "frozen"),
    ] {
        let painted = mask(start).painted(&tensors(blocks, holds), brush, &SHAPE);
        assert_eq!(painted.to_string(), expected, "{start}");
        assert_eq!(mask(expected), painted, "{start}");
    }
    let words = Tensor { kind: Kind::WordEmbeddings, block: None };
    assert_eq!(mask("frozen").painted(&[words], Brush::Paint, &SHAPE).to_string(), "embeddings.words");
    assert_eq!(mask("frozen").painted(&every_tensor(), Brush::Paint, &SHAPE), Mask::Full);
}

#[test]
fn wiping_what_was_painted_leaves_nothing_of_it() {
    for start in ["frozen", "layernorms", "layers(2-3).mha.weight", "outliers:2 + ffn", "random:9:1"] {
        for tensor in every_tensor() {
            let painted = mask(start).painted(&[tensor], Brush::Paint, &SHAPE);
            assert_eq!(painted.coverage(&[tensor])[0], Coverage::Whole, "{start} {tensor:?}");
            let wiped = painted.painted(&[tensor], Brush::Wipe, &SHAPE);
            assert_eq!(wiped.coverage(&[tensor])[0], Coverage::Nothing, "{start} {tensor:?}");
            for other in every_tensor().into_iter().filter(|other| *other != tensor) {
                assert_eq!(
                    wiped.coverage(&[other])[0],
                    mask(start).coverage(&[other])[0],
                    "{start} {tensor:?} {other:?}"
                );
            }
        }
    }
}

#[test]
fn coverage_is_what_the_sketch_selects() {
    let switches = MaskSwitches::default();
    for text in [
        "full",
        "layernorms",
        "outliers:2",
        "random:5",
        "layers(2).mha.bias + outliers:1 - layers(1)",
        "pooler",
    ] {
        let (mask, selection) = (mask(text), mask(text).sketch(&SHAPE, switches));
        for parameter in SHAPE.parameters() {
            let chosen = selection.within(parameter.range()).len();
            let expected = match chosen {
                0 => Coverage::Nothing,
                all if all == parameter.len() => Coverage::Whole,
                _ => Coverage::Part,
            };
            let tensor = Tensor { kind: parameter.kind, block: parameter.layer };
            assert_eq!(mask.coverage(&[tensor])[0], expected, "{text} {}", parameter.name());
        }
    }
}

#[test]
fn rules_pick_from_what_is_painted() {
    let largest = ElementRule { pick: Pick::Largest, count: 3, seed: None, pool: Pool::Tensor };
    let painted = mask("layers(1-2).ffn.weight");
    let picked = painted.picking(Some(largest));
    assert_eq!(picked.to_string(), "largest:3 per tensor in layers(1-2).ffn.weight");
    assert_eq!(picked.element_rule(), Some(largest));
    assert_eq!(picked.picked_from(), painted);
    assert_eq!(picked.picking(None), painted);
    let drawn = ElementRule { pick: Pick::Random, count: 5, seed: Some(7), pool: Pool::Region };
    assert_eq!(picked.picking(Some(drawn)).to_string(), "random:5:7 in layers(1-2).ffn.weight");
    // Only a draw has a seed.
    let smallest = ElementRule { pick: Pick::Smallest, ..drawn };
    assert_eq!(painted.picking(Some(smallest)).to_string(), "smallest:5 in layers(1-2).ffn.weight");
    assert_eq!(mask("frozen").picking(Some(largest)), Mask::Frozen);
    assert_eq!(mask("outliers:4").element_rule(), None);
    assert_eq!(mask("outliers:4").picked_from(), Mask::LayerNorms);
    assert_eq!(mask("mha + largest:3 in ffn").element_rule(), None);
}

#[test]
fn sets_are_joined() {
    let [mha, norms] = ["mha", "layernorms"].map(mask);
    let joined = |operation| mha.joined(operation, &norms).unwrap().to_string();
    assert_eq!(joined(SetOperation::Union), "mha + layernorms");
    assert_eq!(joined(SetOperation::Difference), "mha");
    assert_eq!(joined(SetOperation::Intersection), "frozen");
    let rules =
        |from: usize| (from..from + 8).map(|n| format!("random:{n}:1")).collect::<Vec<_>>().join(" + ");
    assert_eq!(mask(&rules(1)).joined(SetOperation::Union, &mask(&rules(9))), None);
    assert_eq!(mask(&rules(1)).painted(&every_tensor(), Brush::Wipe, &SHAPE), Mask::Frozen);
}

/// What a family does not have is in no picture: painting all that there is gives the masks that are named.
#[test]
fn all_that_a_family_has_is_the_mask_that_the_paper_names() {
    let distilbert = ModelShape { segments: 0, family: Family::DistilBert, ..SHAPE };
    let electra = ModelShape { family: Family::Electra { embedding: 2 }, ..SHAPE };
    for shape in [distilbert, electra] {
        // A projection goes with the embeddings.
        let parameters = shape.parameters().into_iter().filter(|p| !PROJECTION_KINDS.contains(&p.kind));
        let all: Vec<Tensor> = parameters.map(|p| Tensor { kind: p.kind, block: p.layer }).collect();
        let embeddings: Vec<Tensor> = all.iter().copied().filter(|tensor| tensor.block.is_none()).collect();
        let painted = |from: Mask, tensors: &[Tensor], brush| {
            tensors.iter().fold(from, |mask, tensor| mask.painted(&[*tensor], brush, &shape))
        };
        assert_eq!(painted(Mask::Frozen, &all, Brush::Paint), Mask::Full);
        assert_eq!(painted(Mask::Frozen, &embeddings, Brush::Paint), mask("embeddings"));
        assert_eq!(painted(Mask::Full, &embeddings, Brush::Wipe), mask("layers(*)"));
        let wiped = painted(mask("embeddings + pooler"), &embeddings[..1], Brush::Wipe).to_string();
        assert!(!wiped.contains("pooler") && !wiped.contains("words"), "{wiped}");
        assert_eq!(painted(Mask::Full, &all, Brush::Wipe), Mask::Frozen);
    }
}
