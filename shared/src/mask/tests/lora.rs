//! LoRA where a mask may stand.

use super::super::*;
use crate::fixtures::{SMALL_SHAPE, run_spec};
use crate::run::RunSpec;
use crate::shape::{Kind, ModelShape};

const BASE: ModelShape = ModelShape::BERT_BASE_UNCASED;

fn read(text: &str) -> Mask {
    text.parse().unwrap()
}

#[test]
fn it_is_one_mask_however_it_is_written() {
    for (text, canonical) in [
        (
            "lora:8 in layers(*).mha.query + layers(*).mha.value",
            "lora:8 in layers(*).query + layers(*).value",
        ),
        ("lora:8:8 in layers(*).value.weight+layers(*).query", "lora:8 in layers(*).query + layers(*).value"),
        (" lora:4:16  in  (mha) ", "lora:4:16 in mha"),
        ("lora:4:16 in layers(*).mha.weight", "lora:4:16 in mha"),
        ("lora:4 in ffn + mha", "lora:4 in mha + ffn"),
        (
            "lora:1 in mha - layers(*).key",
            "lora:1 in layers(*).query + layers(*).value + layers(*).attention_output",
        ),
        ("lora:1 in mha & layers(2-3)", "lora:1 in layers(2-3).mha"),
        ("lora:1 in layers(1).mha + layers(*).mha.query", "lora:1 in layers(1).mha + layers(*).query"),
        ("lora:1 in layers(1-2).query + layers(2-3).query", "lora:1 in layers(1-3).query"),
        ("lora:2 in layers(3).ffn.output + layers(3).ffn.intermediate.weight", "lora:2 in layers(3).ffn"),
    ] {
        let mask = read(text);
        assert!(mask.is_lora());
        assert_eq!(mask.to_string(), canonical, "{text}");
        assert_eq!(read(canonical), mask, "{text}");
    }
    assert_ne!(read("lora:8 in mha"), read("lora:8:16 in mha"));
}

#[test]
fn what_cannot_be_read_says_what_where_and_what_to_do() {
    for (text, column, want) in [
        ("lora", 5, "the rank is missing; write it as `lora:R[:ALPHA] in MASK`"),
        ("lora:0 in mha", 6, "the rank is `0`; write a whole number from 1"),
        ("lora:-2 in mha", 6, "the rank is `-2`"),
        ("lora:8:0 in mha", 8, "the alpha is `0`"),
        ("lora:8:-16 in mha", 8, "the alpha is `-16`"),
        ("lora:8:0.5 in mha", 8, "the alpha is `0.5`"),
        ("lora:8: in mha", 8, "the alpha is ``"),
        ("lora:8", 7, "`in` is missing"),
        ("lora:8:8:8 in mha", 9, "`in` is missing"),
        ("lora:8 in", 10, "the text ends"),
        (
            "lora:8 in layernorms",
            11,
            "`layernorms` holds a LayerNorm or a bias; LoRA adapts whole matrices of blocks: query, key",
        ),
        ("lora:8 in mha + layers(1).ln_a", 17, "`layers(1).ln_a` holds a LayerNorm or a bias"),
        ("lora:8 in layers(*).mha.query.bias", 11, "holds a LayerNorm or a bias"),
        ("lora:8 in layers(1)", 11, "holds a LayerNorm or a bias"),
        ("lora:8 in embeddings.words", 11, "holds embeddings or the pooler"),
        ("lora:8 in full", 11, "holds embeddings or the pooler"),
        ("lora:8 in frozen", 11, "holds nothing"),
        ("lora:8 in largest:9 in mha", 11, "picks single scalars"),
        (
            "lora:8 in layers(*).query + mha",
            11,
            "`layers(*).query` names layers that the others name, too; leave it out",
        ),
        ("lora:8 in mha + layers(2).key", 17, "`layers(2).key` names layers that the others name, too"),
        ("lora:8 in mha - mha", 20, "no matrix is left to adapt"),
        ("lora:8 in layers(*).quarry", 21, "`quarry` is not a module or part of a block"),
        ("lora:8 in query", 11, "`query` is not a mask, module or rule"),
        ("lora:8 in mha, ffn", 14, "cannot continue with `,`"),
        ("layernorms + lora:8 in mha", 14, "is not joined with masks"),
        ("(lora:8 in mha)", 2, "is not joined with masks"),
    ] {
        let error = text.parse::<Mask>().unwrap_err().to_string();
        assert!(error.contains(want), "{text}: {error}");
        assert!(error.contains(&format!("column {column}:")), "{text}: {error}");
    }
    // A module names what is in it, in every mask.
    assert_eq!(read("layers(2).mha.key"), read("layers(2).key"));
    assert!(
        "layers(2).mha.output".parse::<Mask>().unwrap_err().to_string().contains("`mha` has no `output`")
    );
    // Nothing else does, and nothing but a linear layer is named so.
    for (text, want) in [
        ("layers(*).*.mha", "`*` has no `mha`"),
        ("layers(1).ln.ln_a", "`ln` has no `ln_a`"),
        ("layers(1).mha.mha", "`mha` has no `mha`"),
        ("layers(1).*.query", "`*` has no `query`"),
    ] {
        let error = text.parse::<Mask>().unwrap_err().to_string();
        assert!(error.contains(want), "{text}: {error}");
    }
}

#[test]
fn a_shape_that_has_no_room_for_it_is_an_error() {
    let none = MaskSwitches::default();
    for (text, want) in [
        (
            "lora:769 in mha",
            "rank 769 is more than bert.encoder.layer.0.attention.self.query [768, 768] can have; choose 1 to 768",
        ),
        ("lora:1 in layers(13).ffn", "there is no block 13; the model has 12 blocks"),
    ] {
        let mask = read(text);
        for error in [mask.check(&BASE, none).unwrap_err(), mask.trains(&BASE, none, 1, None).unwrap_err()] {
            assert!(error.to_string().contains(want), "{text}: {error}");
        }
    }
    assert_eq!(read("lora:768 in ffn").check(&BASE, none), Ok(()));
}

#[test]
fn it_trains_pairs_and_none_of_the_models_scalars() {
    let none = MaskSwitches::default();
    let mask = read("lora:8 in layers(*).mha.query + layers(*).mha.value");
    // As PEFT counts it: 12 blocks, two matrices each, A and B.
    assert_eq!(mask.count(&BASE, none), Ok(294_912));
    assert_eq!(read("lora:2 in ffn").count(&BASE, none), Ok(12 * 2 * 2 * (768 + 3072)));
    let trains = mask.trains(&BASE, none, 1, None).unwrap();
    assert!(trains.selection.is_empty() && trains.len() == 294_912);
    assert!(mask.resolve(&BASE, none, 1, None).unwrap().is_empty());
    assert!(mask.is_drawn_by_the_run() && !mask.selects_by_the_run() && !mask.trains_matrices(none));
    let names: Vec<String> = trains.tensors().into_iter().take(4).map(|t| t.name).collect();
    let own = |layer: &str, factor: &str| {
        format!("bert.encoder.layer.0.attention.self.{layer}.lora_{factor}.weight")
    };
    assert_eq!(names, [own("query", "A"), own("query", "B"), own("value", "A"), own("value", "B")]);
    let switches = MaskSwitches { pooler_trains: true, ..none };
    assert_eq!(mask.count(&BASE, switches), Ok(294_912 + 768 * 769));
}

#[test]
fn it_is_painted_like_other_masks() {
    let none = MaskSwitches::default();
    let tensor = |kind, block| Tensor { kind, block: Some(block) };
    let mask = read("lora:2 in layers(1).query");
    let shown = [Kind::QueryWeight, Kind::QueryBias, Kind::KeyWeight].map(|kind| tensor(kind, 0));
    assert_eq!(mask.coverage(&shown), [Coverage::Part, Coverage::Nothing, Coverage::Nothing]);
    assert_eq!(mask.sketch(&SMALL_SHAPE, none).len(), 1);
    let all = [tensor(Kind::QueryWeight, 1), tensor(Kind::AttentionGamma, 1)];
    let painted = mask.painted(&all, Brush::Paint, &SMALL_SHAPE);
    assert_eq!(painted, read("lora:2 in layers(*).query"));
    assert_eq!(painted.painted(&[tensor(Kind::QueryBias, 0)], Brush::Wipe, &SMALL_SHAPE), painted);
    let both = [0, 1].map(|block| tensor(Kind::QueryWeight, block));
    assert_eq!(painted.painted(&both, Brush::Wipe, &SMALL_SHAPE), Mask::Frozen);
    assert_eq!(mask.joined(SetOperation::Union, &Mask::LayerNorms), None);
    assert_eq!(Mask::LayerNorms.joined(SetOperation::Union, &mask), None);
    assert_eq!(mask.picked_from(), read("layers(1).query"));
    assert!(!mask.holds_whole_tensors());
}

#[test]
fn a_run_is_known_by_rank_alpha_and_targets_and_by_nothing_else() {
    let id = |text: &str| RunSpec { mask: read(text), ..run_spec() }.id().unwrap();
    let base = id("lora:8 in mha");
    assert_eq!(base, id("lora:8:8 in layers(*).mha.weight"));
    for other in ["lora:4 in mha", "lora:8:16 in mha", "lora:8 in ffn", "lora:8 in layers(1).mha", "mha"] {
        assert_ne!(base, id(other), "{other}");
    }
}
