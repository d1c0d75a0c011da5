//! What nothing beats that trains as little.

use super::*;

#[test]
fn the_front_counts_every_mask_that_could_be_better() {
    let shares = [("frozen", 0, 0.55), ("outliers:4", 96, 0.60), ("layernorms", 36_864, 0.57)];
    let study = study(&shares, LITTLE);
    let p = |mask: Mask, than: Mask| {
        Estimate::of(&study, &Contrast::pair(mask, than)).unwrap().on_method.p_above(0.0)
    };
    // Of three pairs two have the smaller mask behind.
    let pairs = [
        (Mask::Frozen, Mask::Outliers(4)),
        (Mask::Frozen, Mask::LayerNorms),
        (Mask::Outliers(4), Mask::LayerNorms),
    ];
    let corrected = holm(&pairs.map(|(mask, than)| p(mask, than)));
    let places = front(&study);
    assert_eq!(places[2].beaten_by, Some(Mask::Outliers(4)));
    assert_eq!(places[2].p, corrected[2]);
    assert!((places[2].p - 3.0 * p(Mask::Outliers(4), Mask::LayerNorms)).abs() < 1e-12, "{places:?}");
    assert!(places[..2].iter().all(|place| place.beaten_by.is_none() && place.p.is_nan()), "{places:?}");
}

#[test]
fn the_front_holds_what_nothing_beats_that_trains_as_little() {
    let places = front(&study(&papers(), MUCH));
    let on: Vec<String> =
        places.iter().filter(|p| p.beaten_by.is_none()).map(|p| p.mask.to_string()).collect();
    assert_eq!(on, ["frozen", "outliers:4", "outliers:16", "single_norm:2", "layernorm_a", "layernorms"]);
    let layernorm_f = places.iter().find(|p| p.mask == Mask::LayerNormF).unwrap();
    assert!(layernorm_f.beaten_by.is_some() && layernorm_f.p < 0.001, "{layernorm_f:?}");
    assert!(layernorm_f.sentence(Options::default()).starts_with("below: "));
}

#[test]
fn what_is_better_by_less_than_the_margin_is_better() {
    // One step is a small gain, the other is open because its seeds vary: the claim is undecided, not refuted by its own gain.
    let of = |share: f64| {
        let shares = changed(&[("outliers:4", 0.64), ("outliers:16", 0.66)]);
        study(&[&shares[..], &[("outliers:64", 1_536, share)]].concat(), MUCH)
    };
    let (mut mixed, high) = (of(0.62), of(0.80));
    for (cell, high) in mixed.cells.iter_mut().zip(high.cells) {
        if cell.mask == Mask::Outliers(64) {
            for seed in [1, 3] {
                cell.scores[seed] = high.scores[seed];
                cell.predictions[seed] = high.predictions[seed].clone();
            }
            *cell = cell.clone().with_influences();
        }
    }
    let more = verdicts(&mixed, Options { margin: 0.06, ..Options::default() }).swap_remove(7);
    assert_eq!((more.claim, more.outcome), (Claim::MoreOutliers, Outcome::Undecided), "{more:#?}");
    assert!(more.evidence[0].p < 0.05 && more.evidence[0].p_contrary < 0.05, "{more:#?}");
    assert!(more.evidence[1].seeds_needed.is_some() && more.evidence[0].seeds_needed.is_none());
}

#[test]
fn another_name_of_the_layernorms_is_no_rival_of_theirs() {
    // In a small model 256 outliers of a LayerNorm are all of it.
    let mut study = study(&[&papers()[..], &[("outliers:256", 36_864, 0.5)]].concat(), MUCH);
    let layernorms: Vec<_> = study.cells.iter().filter(|c| c.mask == Mask::LayerNorms).cloned().collect();
    for own in layernorms {
        let twin = study.cells.iter_mut().find(|c| c.mask == Mask::Outliers(256) && c.task == own.task);
        *twin.unwrap() = Cell { mask: Mask::Outliers(256), ..own };
    }
    let verdict = verdicts(&study, Options { margin: 0.06, ..Options::default() }).swap_remove(1);
    assert_eq!(verdict.claim, Claim::BestOfTheirSize);
    assert!(verdict.evidence.iter().all(|c| c.right != [Mask::Outliers(256)]));
    assert_eq!(verdict.outcome, Outcome::Supported, "{verdict:#?}");
}
