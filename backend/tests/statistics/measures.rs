//! By which scores masks are compared where only one of them had epochs or rates to select among.

use super::{cell, contrast, near, study};
use tunemask::results::predictions::Predictions;
use tunemask::results::significance::{Candidates, Cell, Estimate, ModelSelection, Rule, Study, pair_tests};
use tunemask_shared::experiment::{RatePick, ReportedEpoch};
use tunemask_shared::mask::Mask;
use tunemask_shared::metric::Metric;
use tunemask_shared::philox::{Purpose, Stream};
use tunemask_shared::task::Task;

const EXAMPLES: u32 = 61;
const RULE: Rule = Rule { epoch: ReportedEpoch::Best, rate: RatePick::BestMean };

/// What three models predict, right on three of four examples.
fn predictions() -> Vec<Predictions> {
    let of_seed = |seed: u64| {
        let mut stream = Stream::new(seed, Purpose::Language, 0);
        let actual: Vec<u16> = (0..EXAMPLES).map(|_| u16::from(stream.unit() < 0.4)).collect();
        let wrong = |a: &u16| if stream.unit() < 0.25 { 1 - a } else { *a };
        Predictions::Labels { predicted: actual.iter().map(wrong).collect(), actual }
    };
    (1..=3).map(of_seed).collect()
}

/// Two masks of the same models on MRPC, whose metric is F1.
fn twins() -> Study {
    let every: Vec<u32> = (0..EXAMPLES).collect();
    let scores: Vec<f64> = predictions().iter().map(|p| p.score(Metric::F1, &every)).collect();
    let twin = |mask| cell(Task::mrpc(), mask, scores.clone(), predictions());
    study(3, vec![Task::mrpc()], [Mask::LayerNorms, Mask::Frozen].map(twin).into())
}

/// The same models after each of so many epochs.
fn epochs(count: usize) -> Candidates {
    Candidates(vec![predictions().into_iter().map(|p| vec![p; count]).collect()])
}

#[test]
fn a_mask_without_a_choice_is_scored_on_halves_beside_one_with_a_choice() {
    let mixed = twins().with_model_selection(RULE, |cell: &Cell| {
        Some(epochs(if cell.mask == Mask::LayerNorms { 2 } else { 1 }))
    });
    let of = |mask: &Mask| mixed.cell(mask, &Task::mrpc()).unwrap();
    assert!(matches!(of(&Mask::LayerNorms).selection, ModelSelection::CrossValidated(_)));
    let fixed = &of(&Mask::Frozen).selection;
    assert!(matches!(fixed, ModelSelection::Fixed { .. }));
    // The mean of F1 over halves is not F1 on the whole.
    let halves = fixed.half_scores().unwrap();
    assert!(halves.iter().zip(&of(&Mask::Frozen).scores).all(|(half, whole)| (half - whole).abs() > 1e-6));
    let got = Estimate::of(&mixed, &contrast()).unwrap();
    assert_eq!((got.value, got.method.choice_counted), (0.0, true));
    let order = pair_tests(&mixed, None)[0].stochastic_order.unwrap();
    assert_eq!(order.violation_ratio, 0.5, "equal scores, neither of which is larger");
}

#[test]
fn masks_without_a_choice_are_compared_on_the_whole_set() {
    let fixed = twins().with_model_selection(RULE, |_| Some(epochs(1)));
    assert!(fixed.cells.iter().all(|c| c.selection == ModelSelection::Fixed { half_scores: None }));
    let got = Estimate::of(&fixed, &contrast()).unwrap();
    assert_eq!((got.value, got.method.choice_counted), (0.0, true));
}

#[test]
fn without_predictions_of_one_mask_both_are_compared_as_reported() {
    // One had a choice that can be undone, the other none and nothing stored: by halves only one could be scored.
    let mut study = twins();
    let bare = study.cells.iter_mut().find(|c| c.mask == Mask::Frozen).unwrap();
    *bare = cell(Task::mrpc(), Mask::Frozen, vec![0.5; 3], vec![]);
    let study = study.with_model_selection(RULE, |cell| (cell.mask == Mask::LayerNorms).then(|| epochs(2)));
    let reported = study.cell(&Mask::LayerNorms, &Task::mrpc()).unwrap().scores.iter().sum::<f64>() / 3.0;
    let got = Estimate::of(&study, &contrast()).unwrap();
    assert!(near(got.value, reported - 0.5), "{} is not {}", got.value, reported - 0.5);
    assert!(!got.method.choice_counted);
}

#[test]
fn a_rate_is_chosen_by_other_seeds_than_the_one_that_is_scored() {
    // At the first rate one seed of three is lucky: its mean is the higher one, and no other seed does well there.
    let labels = |right: usize| Predictions::Labels {
        predicted: (0..40).map(|i| u16::from(i < right)).collect(),
        actual: vec![1; 40],
    };
    let (lucky, steady) = ([40, 8, 8], [16, 16, 16]);
    let of = |rule: Rule| {
        let scores = lucky.map(|right| right as f64 / 40.0).to_vec();
        let masks = [Mask::LayerNorms, Mask::Frozen];
        let cells = masks.map(|m| cell(Task::rte(), m, scores.clone(), lucky.map(labels).into()));
        let rates = [lucky, steady].map(|rate| rate.map(|right| vec![labels(right)]).to_vec());
        let study = study(3, vec![Task::rte()], cells.into());
        let study = study.with_model_selection(rule, |_| Some(Candidates(rates.to_vec())));
        study.cells[0].selection.half_scores().unwrap().to_vec()
    };
    // On half the examples both rates are rarely equal; then the first is chosen.
    let close = |got: f64, want: f64| (got - want).abs() < 0.02;
    // The others of the lucky seed do better at the second rate. Where a half of the seeds is the lucky one, or it and another,
    // that half chooses the first rate for the rest.
    let got = of(RULE);
    assert!(close(got[0], 0.4), "{got:?}");
    assert!(got[1..].iter().all(|score| (0.2..0.4).contains(score)), "{got:?}");
    assert!(got.iter().sum::<f64>() < 3.0 * 0.4, "{got:?}");
    let each = of(Rule { rate: RatePick::PerSeed, ..RULE });
    assert!(each.iter().zip([1.0, 0.4, 0.4]).all(|(got, want)| close(*got, want)), "{each:?}");
}
