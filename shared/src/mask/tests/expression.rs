//! Expressions: errors, meaning, canonical form.

use super::super::*;
use crate::fixtures::SMALL_SHAPE;
use crate::philox::{Purpose, Stream};
use crate::selection::Selection;
use crate::shape::{Kind, ModelShape};

const SHAPE: ModelShape = ModelShape { vocabulary: 7, layers: 4, positions: 5, ..SMALL_SHAPE };

fn canonical(text: &str) -> String {
    text.parse::<Mask>().unwrap_or_else(|e| panic!("{e}")).to_string()
}

fn weights(shape: &ModelShape) -> Vec<f32> {
    let mut stream = Stream::new(11, Purpose::Weights, 0);
    (0..shape.scalars()).map(|_| stream.normal() as f32).collect()
}

#[test]
fn two_ways_to_write_a_mask_are_one() {
    for (canon, ways) in [
        (
            "layernorms",
            &["layers(*).ln", "layers(*).ln_a + layers(*).ln_f", "layernorm_f+layernorm_a", "(layernorms)"][..],
        ),
        ("layernorm_a", &["layernorms - layernorm_f", "layers(1-3,4-).ln_a.gamma + layers(*).ln_a.beta"]),
        ("mha", &["layers(*).query + layers(*).key + layers(*).value + layers(*).attention_output"]),
        ("ffn", &["layers(*).intermediate + layers(*).output", "layers(*) - mha - layernorms"]),
        ("bitfit", &["layers(*).bias", "layers(*).*.bias", "layers(*) - layers(*).weight"]),
        ("full", &["layers(*) + embeddings + pooler", "frozen + full"]),
        ("frozen", &["full - full", "mha & ffn", "outliers:4 - layernorms", "single_norm:3 & single_norm:4"]),
        ("single_norm:2", &["layers(2).ln", "layernorms & layers(2)", "layers(1-2).ln - layers(1)"]),
        (
            "layers(1-3,6).ln",
            &["single_norm:1 + single_norm:6 + layers( 2 - 3 ).ln", "layers(6,3,2,1,1-2).ln"],
        ),
        ("layers(1-2,4-).ln", &["layernorms - single_norm:3"]),
        ("layers(4-).mha.weight", &["layers(*).mha.weight - layers(1-3)"]),
        (
            "layers(1-3,6).mha.weight + layers(*).ln_f.beta",
            &["layers(*).ln_f.beta + layers(1-3).mha.weight + layers(6).mha.weight"],
        ),
        ("mha + bitfit", &["bitfit + mha", "mha + layers(*).ffn.bias + layers(*).ln.bias"]),
        (
            "embeddings.ln",
            &[
                "embeddings.ln.gamma + embeddings.ln.beta",
                "embeddings - embeddings.words - embeddings.positions - embeddings.segments",
            ],
        ),
        ("pooler", &["pooler.weight + pooler.bias"]),
        (
            "random:5:3",
            &["random:5:3 in full", "random:5:3 + frozen", "random:5:3 & full", "random:5:3 + random:5:3"],
        ),
        ("random", &["random + frozen"]),
        ("outliers:4", &["outliers:4 & layernorms", "layernorms - (layernorms - outliers:4)"]),
        ("bitfit + outliers:4", &["outliers:4 + bitfit"]),
        (
            "layernorms - outliers:4",
            &["(layernorms - outliers:4) - outliers:4", "layernorms - layernorms & outliers:4"],
        ),
        ("layernorms + bitfit - outliers:4 & layers(*).ln.gamma", &["layernorms - outliers:4 + bitfit"]),
        (
            "largest:3 in layers(2).query.weight",
            &[
                "largest:3 per tensor in layers(2).query.weight",
                "largest:3 per module in layers(2).query.weight",
            ],
        ),
        ("largest:3 per tensor in layernorm_a", &["largest:3 per tensor in (layers(*).ln_a)"]),
        ("farthest:2 per tensor in layers(*).ln_a.gamma", &["farthest:2 per module in layers(*).ln_a.gamma"]),
        ("smallest:9 in (mha + pooler)", &["smallest:9 in ((pooler + layers(*).mha))"]),
        ("random:2 in mha", &["random:2 in (mha)"]),
    ] {
        assert_eq!(canonical(canon), canon);
        for way in ways {
            let (a, b): (Mask, Mask) = (canon.parse().unwrap(), way.parse().unwrap());
            assert_eq!(a, b, "{way} is {b}");
            assert_eq!(b.to_string(), canon, "{way}");
        }
    }
}

#[test]
fn different_masks_stay_different() {
    let masks = [
        "layers(1-4).ln",
        "layernorms",
        "layers(4-).ln",
        "random:5",
        "random:5:1",
        "random:5 in mha",
        "random:5 per tensor in mha",
        "random:5 per module in mha",
        "largest:5 in mha",
        "smallest:5 in mha",
        "farthest:5 in mha",
        "largest:4 in mha",
        "layernorms - outliers:4",
        "layernorms & outliers:4 - single_norm:1",
    ];
    let masks: Vec<Mask> = masks.iter().map(|m| m.parse().unwrap()).collect();
    for (i, a) in masks.iter().enumerate() {
        for b in &masks[..i] {
            assert_ne!(a, b);
            assert_ne!(a.to_string(), b.to_string());
        }
    }
    let resolved = |text: &str| {
        let mask: Mask = text.parse().unwrap();
        mask.resolve(&SHAPE, MaskSwitches::default(), 0, None).unwrap()
    };
    // What only this shape makes equal is told by the scalars.
    assert_eq!(Overlap::of(&resolved("layers(1-4).ln"), &resolved("layernorms")).jaccard, 1.0);
}

#[test]
fn errors_say_where_and_what_to_do() {
    for (text, column, want) in [
        ("layernorms + foo", 14, "`foo` is not a mask, module or rule"),
        ("layernorms +", 13, "ends where a mask is expected"),
        ("layernorms layernorm_a", 12, "a mask cannot continue with"),
        ("β + layernorm", 1, "`β` is not a mask"),
        ("full - β", 8, "`β` is not a mask"),
        ("layers.mha", 7, "`(` is missing"),
        ("layers(1-3,x).mha", 12, "a block's number is missing"),
        ("layers(0).mha", 8, "1 (the lowest) to 127"),
        ("layers(3-200)", 10, "1 (the lowest) to 127"),
        ("layers(3-2)", 10, "runs backwards; write 2-3"),
        ("layers(1", 9, "`,` is missing"),
        ("layers(1).", 11, "missing after the dot"),
        ("layers(1).mah", 11, "`mah` is not a module"),
        ("layers(1).mha.gamma", 15, "`mha` has no `gamma`"),
        ("layers(1).mha.wieght", 15, "`mha` has no `wieght`"),
        ("layers(1).mha.weight.x", 21, "a mask cannot continue with"),
        ("pooler.gamma", 8, "`pooler` has no `gamma`"),
        ("embeddings.bias", 0, ""),
        ("(mha + ffn", 11, "`)` is missing"),
        ("mha + )", 7, "`)` is where a mask is expected"),
        ("single_norm:0 + mha", 13, "1 (the lowest) to 127"),
        ("single_norm:x + mha", 13, "write it as `single_norm:L`"),
        ("mha + full:1", 7, "write it as `full`"),
        ("largest in mha", 1, "say how many"),
        ("largest:0 in mha", 9, "say how many"),
        ("largest:x in mha", 9, "a whole number is missing"),
        ("largest:1:2 in mha", 11, "one number too many"),
        ("largest:1 mha", 11, "`in` is missing"),
        ("largest:1 per block in mha", 15, "write `per tensor` or `per module`"),
        ("largest:1 in outliers:4", 14, "a rule picks from whole tensors"),
        ("largest:1 in frozen", 14, "there is nothing to pick from"),
        ("random:1:2:3 in mha", 12, "one number too many"),
    ] {
        if column == 0 {
            assert!(text.parse::<Mask>().is_ok(), "{text}");
            continue;
        }
        let error = text.parse::<Mask>().unwrap_err();
        let message = error.to_string();
        assert!(message.contains(want), "{message}");
        match error {
            MaskError::Syntax { column: at, text: shown, .. } => {
                assert_eq!((at, &*shown), (column, text), "{message}")
            }
            other => panic!("{other:?}"),
        }
    }
    let many: Vec<String> = (1..10).map(|n| format!("outliers:{n}")).collect();
    assert!(many.join(" + ").parse::<Mask>().unwrap_err().to_string().contains("at most 8"));
    let deep = format!("{}mha{}", "(".repeat(40), ")".repeat(40));
    assert!(deep.parse::<Mask>().unwrap_err().to_string().contains("at most 32 deep"));
    // What stands behind `in` is deeper, too.
    let deep = format!("{}mha", "largest:1 in ".repeat(600));
    assert!(deep.parse::<Mask>().unwrap_err().to_string().contains("at most 32 deep"));
    // Longer ones are not read at all.
    let long = format!("{}mha", "largest:1 in ".repeat(50_000));
    assert_eq!(long.parse::<Mask>().unwrap_err(), MaskError::Long(650_003));
    let shallow = format!("{}mha{}", "(".repeat(30), ")".repeat(30));
    assert_eq!(shallow.parse::<Mask>().unwrap(), Mask::Mha);
}

#[test]
fn blocks_that_the_model_lacks_are_named() {
    let none = MaskSwitches::default();
    for (text, asked) in [
        ("layers(5).ln", 5),
        ("layers(2-9).mha", 9),
        ("layers(5-).mha", 5),
        ("layernorms - single_norm:7", 7),
        ("largest:2 in layers(6).mha", 6),
        ("bitfit + single_norm:5", 5),
    ] {
        let mask: Mask = text.parse().unwrap();
        match mask.check(&SHAPE, none) {
            Err(MaskError::Layer { asked: got, layers: 4, .. }) if got == asked => {}
            // `bitfit` covers β of block 5, its γ is left.
            other => panic!("{text}: {other:?}"),
        }
    }
    for text in ["layers(4-).ln", "layernorms - single_norm:4", "layers(1-3,5-).ln"] {
        assert_eq!(text.parse::<Mask>().unwrap().check(&SHAPE, none), Ok(()), "{text}");
    }
    let few: Mask = "largest:5 per tensor in layers(*).ln".parse().unwrap();
    assert!(matches!(few.check(&SHAPE, none), Err(MaskError::Count { asked: 5, available: 4, .. })));
    let all: Mask = "largest:5 per module in layers(*).ln".parse().unwrap();
    assert_eq!(all.count(&SHAPE, none), Ok(8 * 5));
}

/// Every expression's scalars, against sets joined scalar by scalar; and its canonical form, read again.
#[test]
fn an_expression_means_what_its_parts_mean() {
    const ATOMS: [&str; 22] = [
        "full",
        "frozen",
        "mha",
        "ffn",
        "layernorms",
        "layernorm_a",
        "bitfit",
        "single_norm:2",
        "layers(1-2).mha.weight",
        "layers(2-).ln",
        "layers(*).bias",
        "embeddings.ln",
        "pooler.bias",
        "embeddings",
        "layers(1,3-).output",
        "outliers:3",
        "outliers_random:2:5",
        "random:60:1",
        "largest:20 in (mha + embeddings)",
        "farthest:2 per tensor in layers(*).weight",
        "random:3 per module in layers(*)",
        "smallest:4 in layers(3)",
    ];
    let weights = weights(&SHAPE);
    let none = MaskSwitches::default();
    let resolve = |text: &str| {
        let mask: Mask = text.parse().unwrap_or_else(|e| panic!("{e}"));
        mask.resolve(&SHAPE, none, 9, Some(&weights)).unwrap_or_else(|e| panic!("{e}"))
    };
    let mut stream = Stream::new(5, Purpose::Language, 0);
    let mut custom = 0;
    for _ in 0..600 {
        // (text, scalars), joined at random.
        let mut parts: Vec<(String, Selection)> = (0..2 + stream.below(5))
            .map(|_| ATOMS[stream.below(22) as usize])
            .map(|atom| (atom.to_owned(), resolve(atom)))
            .collect();
        while parts.len() > 1 {
            let at = stream.below(parts.len() as u64 - 1) as usize;
            let (right, left) = (parts.remove(at + 1), parts.remove(at));
            let (sign, set) = match stream.below(3) {
                0 => ("+", left.1.union(&right.1)),
                1 => ("-", left.1.difference(&right.1)),
                _ => ("&", left.1.intersection(&right.1)),
            };
            parts.insert(at, (format!("({}) {sign} ({})", left.0, right.0), set));
        }
        let (text, want) = parts.remove(0);
        let mask: Mask = match text.parse() {
            Ok(mask) => mask,
            Err(error) => panic!("{error}"),
        };
        assert_eq!(mask.resolve(&SHAPE, none, 9, Some(&weights)).unwrap(), want, "{text}");
        let canon = mask.to_string();
        assert_eq!(canon.parse::<Mask>().as_ref(), Ok(&mask), "{text} is written as {canon}");
        match mask.size(&SHAPE, none, None, None).unwrap() {
            Count::Exact(n) => assert_eq!(n, want.len(), "{canon}"),
            Count::AtMost(n) => assert!(n >= want.len(), "{canon}: {n} < {}", want.len()),
        }
        assert_eq!(mask.size(&SHAPE, none, Some(9), Some(&weights)), Ok(Count::Exact(want.len())), "{canon}");
        custom += usize::from(matches!(mask, Mask::Custom(_)));
    }
    assert!(custom > 300, "{custom}");
}

#[test]
fn matrices_count_where_they_train_whole() {
    let none = MaskSwitches::default();
    let trains = |text: &str, switches| text.parse::<Mask>().unwrap().trains_matrices(switches);
    for text in
        ["full", "mha", "random:5", "layers(2).query.weight", "full - random:4:1", "embeddings", "layers(3)"]
    {
        assert!(trains(text, none), "{text}");
    }
    for text in [
        "frozen",
        "bitfit",
        "outliers:4",
        "layers(*).mha.bias",
        "largest:9 in mha",
        "random:5 & mha",
        "bitfit + random:7:1",
    ] {
        assert!(!trains(text, none), "{text}");
    }
    assert!(trains("bitfit", MaskSwitches { pooler_trains: true, ..none }));
}

#[test]
fn draws_of_grids_are_their_seeds_and_pools() {
    let none = MaskSwitches::default();
    let draw = |text: &str, seed| {
        let mask: Mask = text.parse().unwrap();
        mask.resolve(&SHAPE, none, seed, None).unwrap()
    };
    assert_eq!(draw("random:9:3 in mha", 1), draw("random:9 in mha", 3));
    assert_ne!(draw("random:9 in mha", 1), draw("random:9 in mha", 2));
    let spread = draw("random:2:1 per tensor in layers(*).mha.weight", 0);
    for p in SHAPE.parameters() {
        let held = p.kind.is_matrix() && p.kind.is_attention();
        assert_eq!(spread.within(p.range()).len(), if held { 2 } else { 0 }, "{}", p.name());
    }
    let places = |layer| {
        let p = SHAPE.parameter(Kind::QueryWeight, Some(layer)).unwrap();
        spread.within(p.range()).iter().map(|i| i - p.offset).collect::<Vec<_>>()
    };
    assert!((1..4).any(|l| places(l) != places(0)), "tensors are drawn from independently");
}
