//! Claims held against results that are made up.

use super::*;
use crate::results::predictions::Predictions;
use crate::results::significance::{Cell, Method};
use tunemask_shared::mask::Mask;
use tunemask_shared::philox::{Purpose, Stream};
use tunemask_shared::run::RunId;
use tunemask_shared::task::Task;

/// A study on two tasks of 400 examples and three seeds in which each mask is right on its share of examples.
fn study(shares: &[(&str, u64, f64)]) -> Study {
    let tasks = vec![Task::Rte, Task::Sst2];
    let mut cells = Vec::new();
    let mut part = 0;
    for (name, trainable, share) in shares {
        for &task in &tasks {
            let mask: Mask = name.parse().unwrap();
            let predictions: Vec<Predictions> = (0..3)
                .map(|_| {
                    part += 1;
                    let mut stream = Stream::new(part, Purpose::Language, 0);
                    let predicted = (0..400).map(|_| u16::from(stream.unit() < *share)).collect();
                    Predictions::Labels { predicted, actual: vec![1; 400] }
                })
                .collect();
            let every: Vec<u32> = (0..400).collect();
            let scores = predictions.iter().map(|p| p.score(task.primary_metric(), &every)).collect();
            let runs = (0..3).map(|s| RunId(format!("{name}/{task}/{s}"))).collect();
            cells.push(Cell { task, mask, trainable: *trainable, runs, scores, predictions });
        }
    }
    let masks = shares.iter().map(|(name, ..)| name.parse().unwrap()).collect();
    Study { seeds: vec![1, 2, 3], tasks, masks, cells, left_out: vec![] }
}

const MILLION: u64 = 1_000_000;

fn papers() -> Vec<(&'static str, u64, f64)> {
    vec![
        ("full", 109 * MILLION, 0.80),
        ("frozen", 0, 0.55),
        ("mha", 28 * MILLION, 0.81),
        ("ffn", 57 * MILLION, 0.81),
        ("layernorms", 36_864, 0.82),
        ("layernorm_a", 18_432, 0.82),
        ("layernorm_f", 18_432, 0.60),
        ("random", 36_864, 0.62),
        ("single_norm:1", 3_072, 0.60),
        ("single_norm:2", 3_072, 0.75),
        ("single_norm:3", 3_072, 0.61),
        ("outliers:4", 96, 0.64),
    ]
}

fn outcomes(shares: &[(&str, u64, f64)], margin: f64) -> (Vec<Outcome>, Vec<Verdict>) {
    let options = Options { margin, resamples: 400, ..Options::default() };
    let study = study(shares);
    let verdicts = verdicts(&study, &Resamples::draw(&study, options.resamples, options.seed), options);
    assert_eq!(verdicts.iter().map(|v| v.claim).collect::<Vec<_>>(), Claim::ALL);
    (verdicts.iter().map(|v| v.outcome).collect(), verdicts)
}

fn changed(changes: &[(&str, f64)]) -> Vec<(&'static str, u64, f64)> {
    let mut all = papers();
    for (name, share) in changes {
        all.iter_mut().filter(|m| m.0 == *name).for_each(|m| m.2 = *share);
    }
    all
}

#[test]
fn results_like_the_papers_support_its_claims() {
    let (outcomes, verdicts) = outcomes(&papers(), 0.06);
    assert_eq!(outcomes, [Outcome::Supported; 6], "{verdicts:#?}");
    let every = &verdicts[0].evidence;
    assert_eq!(every.len(), 3);
    for comparison in every {
        assert_eq!(comparison.method, Method::Bootstrap { resamples: 400 });
        assert_eq!((comparison.tasks.len(), comparison.runs.len()), (2, 2 * 2 * 3));
        assert!(
            comparison.interval[0] < comparison.difference && comparison.difference < comparison.interval[1]
        );
        assert!(comparison.p < 0.05 && comparison.bound == -0.06);
    }
    // The evidence travels to the page.
    let text = serde_json::to_string(&verdicts).unwrap();
    let back: Vec<Verdict> = serde_json::from_str(&text).unwrap();
    assert_eq!(back, verdicts);
}

#[test]
fn contrary_results_do_not() {
    let (outcomes, verdicts) = outcomes(
        &changed(&[
            ("ffn", 0.55),
            ("layernorms", 0.53),
            ("layernorm_a", 0.40),
            ("layernorm_f", 0.40),
            ("random", 0.70),
            ("single_norm:2", 0.50),
            ("outliers:4", 0.45),
        ]),
        0.06,
    );
    assert_eq!(outcomes, [Outcome::NotSupported; 6], "{verdicts:#?}");
}

#[test]
fn what_is_too_close_to_tell_is_undecided() {
    // About as far from full as the margin is wide; and gains that 400 examples do not show.
    let shares = changed(&[
        ("mha", 0.77),
        ("layernorm_a", 0.79),
        ("layernorm_f", 0.79),
        ("random", 0.805),
        ("outliers:4", 0.585),
    ]);
    let (outcomes, verdicts) = outcomes(&shares, 0.03);
    let close = [outcomes[0], outcomes[2], outcomes[3], outcomes[5]];
    assert_eq!(close, [Outcome::Undecided; 4], "{verdicts:#?}");
    assert!(verdicts[0].reason.contains("mha − full"), "{}", verdicts[0].reason);
}

#[test]
fn missing_masks_are_named() {
    let few: Vec<_> =
        papers().into_iter().filter(|m| !["mha", "frozen", "single_norm:2"].contains(&m.0)).collect();
    let (outcomes, verdicts) = outcomes(&few, 0.06);
    assert_eq!(outcomes[0], Outcome::Undecided);
    assert_eq!(verdicts[0].reason, "The study has no `mha`.");
    assert_eq!(verdicts[1].reason, "The study has no `mha`, `frozen`.");
    assert_eq!(verdicts[4].reason, "The study has no `single_norm:2`.");
    assert_eq!(verdicts[5].reason, "The study has no `frozen`.");
    let mut study = study(&papers());
    study.cells.retain(|c| c.mask != Mask::Full);
    let verdicts = super::verdicts(&study, &Resamples::draw(&study, 10, 1), Options::default());
    assert_eq!(verdicts[0].reason, "No task has finished runs of `mha` and `full`.");
}

#[test]
fn the_middle_is_the_middle_third() {
    let blocks = |top: usize| -> Vec<usize> {
        let shares: Vec<String> = (1..=top).map(|b| format!("single_norm:{b}")).collect();
        let masks = shares.iter().map(|s| s.parse().unwrap()).collect();
        let study = Study { seeds: vec![1], tasks: vec![], masks, cells: vec![], left_out: vec![] };
        let (_, hypotheses) = evidence::of(Claim::MiddleLayers, &study, 0.02).unwrap();
        let of = |m: &Mask| if let Mask::SingleNorm(b) = m { *b } else { 0 };
        hypotheses[0].left.iter().map(of).collect()
    };
    assert_eq!(blocks(3), [2]);
    assert_eq!(blocks(4), [2, 3]);
    assert_eq!(blocks(6), [3, 4]);
    assert_eq!(blocks(12), [5, 6, 7, 8]);
}
