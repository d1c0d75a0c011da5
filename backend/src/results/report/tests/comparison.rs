//! Runs and experiments beside each other.

use super::*;
use crate::artifacts::{Artifacts, Keep, Product, Trained, Truth};
use tunemask_shared::class_weights::ClassWeights;
use tunemask_shared::comparison::{ComparedRun, Comparison};
use tunemask_shared::experiment::{DecayOn, EngineKind, EpsilonPlace, RatePick, ReportedEpoch};
use tunemask_shared::halving::Halving;
use tunemask_shared::mask::{OutlierPool, OutlierStatistic};
use tunemask_shared::schedule::Decay;

/// A lab of two experiments, 7 and 8.
fn two(first: &Experiment, second: &Experiment, score: impl Fn(&Experiment, u64) -> f64) -> LabState {
    let mut lab = results::state(first, |cell| Ok(score(first, cell.seed)));
    let other = results::state(second, |cell| Ok(score(second, cell.seed)));
    lab.runs.extend(other.runs);
    lab.experiments.insert(ExperimentId(8), other.experiments[&ID].clone());
    lab
}

fn one_mask(mask: &str) -> Experiment {
    Experiment {
        masks: vec![mask.into()],
        tasks: vec!["rte".into()],
        learning_rates: vec![1e-3],
        seeds: vec![1, 2, 3],
        ..results::experiment()
    }
}

fn experiments() -> Comparison {
    Comparison::Experiments(vec![ID, ExperimentId(8)])
}

fn of_runs(lab: &LabState, chosen: impl Fn(&tunemask_shared::run::RunSpec) -> bool) -> Comparison {
    let seen = |experiment_id: ExperimentId| {
        let runs = &lab.experiments[&experiment_id].runs;
        runs.iter()
            .filter(|run| chosen(&lab.runs[*run].spec))
            .map(move |run| ComparedRun { experiment_id, run: run.clone() })
    };
    Comparison::Runs(lab.experiments.keys().copied().flat_map(seen).collect())
}

fn compared(lab: &LabState, comparison: &Comparison) -> Report {
    compare(lab, &nowhere(), comparison).unwrap()
}

/// The texts of each row of the table whose caption begins so.
fn rows(report: &Report, caption: &str) -> Vec<Vec<String>> {
    let all = tables(report);
    let table =
        all.iter().find(|table| table.caption.contains(caption)).unwrap_or_else(|| panic!("{caption}"));
    table.rows.iter().map(|row| row.iter().map(|cell| cell.text.clone()).collect()).collect()
}

#[test]
fn every_table_of_a_comparison_can_be_taken_away() {
    let lab = two(&one_mask("layernorms"), &one_mask("frozen"), |e, _| 0.5 + e.masks[0].len() as f64 / 100.0);
    let made = compared(&lab, &experiments());
    assert!(tables(&made).len() >= 3);
    assert_eq!(without_files(&made.blocks, false), [""; 0]);
    for table in tables(&made) {
        assert_eq!(table.files.iter().map(|file| file.form).collect::<Vec<_>>(), KEPT, "{}", table.caption);
    }
}

#[test]
fn settings_that_differ_have_a_column_each_and_the_others_are_folded() {
    let second = Experiment { reported_epoch: ReportedEpoch::Last, batch_size: 32, ..one_mask("frozen") };
    let lab = two(&one_mask("layernorms"), &second, |_, _| 0.5);
    let made = compared(&lab, &experiments());
    let differ = rows(&made, "in which they differ");
    let names: Vec<&str> = differ.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(names, ["Masks", "Batch size", "Reported epoch"]);
    assert_eq!(differ[1][1..], ["16", "32"]);
    let equal = rows(&made, "Settings that are equal");
    assert!(equal.iter().any(|row| row[..] == ["Seeds", "1, 2, 3"]), "{equal:?}");
    let folded = made
        .blocks
        .iter()
        .find_map(|b| if let Block::Fold { summary, .. } = b { Some(summary) } else { None });
    assert_eq!(folded.unwrap(), &format!("{} settings are equal", equal.len()));
    let twin = two(&one_mask("frozen"), &one_mask("frozen"), |_, _| 0.5);
    let made = compared(&twin, &experiments());
    assert!(made.blocks.contains(&Block::Paragraph("All settings are equal.".into())));
}

#[test]
fn no_setting_of_the_protocol_is_left_out() {
    let plain = one_mask("layernorms");
    let other = Experiment {
        epochs: Some(2),
        batch_size: 32,
        max_length: 64,
        warmup_fraction: 0.2,
        dropout: Some(0.2),
        adam_epsilon: 1e-8,
        adam_beta1: 0.8,
        adam_beta2: 0.98,
        epsilon_place: EpsilonPlace::Keras,
        weight_decay: 0.1,
        weight_decay_on: DecayOn::All,
        max_gradient_norm: Some(1.0),
        schedule: Decay::Cosine,
        gradient_accumulation: 2,
        early_stopping: Some(2),
        class_weights: Some(ClassWeights::Balanced),
        train_limit: Some(100),
        eval_limit: Some(100),
        pooler_trains: true,
        embedding_norm_counts: true,
        outlier_pool: OutlierPool::Gamma,
        outlier_statistic: OutlierStatistic::Magnitude,
        clip_predictions: true,
        reported_epoch: ReportedEpoch::Last,
        rate_pick: RatePick::PerSeed,
        engine: EngineKind::Candle,
        ..plain.clone()
    };
    let (of_plain, of_other) = (serde_json::to_value(&plain).unwrap(), serde_json::to_value(&other).unwrap());
    let changed = of_other.as_object().unwrap().iter().filter(|(field, value)| of_plain[*field] != **value);
    let mut fields = 0;
    for (field, value) in changed {
        let mut second = of_plain.clone();
        second[field] = value.clone();
        let second: Experiment = serde_json::from_value(second).unwrap();
        let made = compared(&two(&plain, &second, |_, _| 0.5), &experiments());
        assert_eq!(rows(&made, "in which they differ").len(), 1, "{field}");
        fields += 1;
    }
    assert_eq!(fields, 26);
    // It goes with several rates and a pick for each seed alone.
    let halving = Some(Halving { keep: 0.5, after: vec![1] });
    let rates = vec![1e-4, 1e-3];
    let plain = Experiment { learning_rates: rates, rate_pick: RatePick::PerSeed, ..plain };
    let halved = Experiment { halving, ..plain.clone() };
    let made = compared(&two(&plain, &halved, |_, _| 0.5), &experiments());
    assert_eq!(rows(&made, "in which they differ").len(), 1);
}

#[test]
fn masks_are_beside_each_other_where_each_has_one_and_the_best_is_bold() {
    let score = |e: &Experiment, seed| if e.masks[0] == "frozen" { 0.6 } else { 0.8 } + seed as f64 / 100.0;
    let lab = two(&one_mask("full"), &one_mask("frozen"), score);
    let made = compared(&lab, &experiments());
    assert_eq!(rows(&made, "Scores"), [["RTE accuracy", "82.0 ± 1.0", "62.0 ± 1.0"]]);
    let all = tables(&made);
    let cells = &all.iter().find(|table| table.caption.starts_with("Scores")).unwrap().rows[0];
    // `full`, too: here it is one of what is compared.
    assert_eq!(cells.iter().map(|cell| cell.strong).collect::<Vec<_>>(), [false, true, false]);
    assert_eq!((cells[2].seen_from, cells[2].runs.len()), (Some(ExperimentId(8)), 3));
    assert!(cells[2].runs.iter().all(|run| lab.experiments[&ExperimentId(8)].runs.contains(run)));
    assert!(text::report(&made).contains("Bold: the best of each row."));
}

#[test]
fn experiments_are_tested_cell_by_cell_as_pairs_of_masks_are() {
    let score = |e: &Experiment, seed| {
        if e.epochs == Some(2) { 0.9 + [0.0, 0.01, 0.02][seed as usize - 1] } else { 0.5 }
    };
    let grid = Experiment { masks: vec!["layernorms".into(), "frozen".into()], ..one_mask("layernorms") };
    let lab = two(
        &grid,
        &Experiment { epochs: Some(2), masks: vec!["frozen".into(), "bitfit".into()], ..grid.clone() },
        score,
    );
    let made = compared(&lab, &experiments());
    let tests = rows(&made, "Tests");
    assert_eq!(tests.len(), 1, "frozen alone is of both: {tests:?}");
    assert_eq!(tests[0][..3], ["#8 − #7", "RTE accuracy", "41.0"]);
    // Exactly what a test of a pair says of the same numbers: 0.4, 0.41, 0.42 less nothing, on two degrees of freedom.
    assert_eq!(tests[0][3], "38.5 to 43.5");
    assert_eq!(tests[0][4], "< 0.001");
    assert!(
        tests[0][5].starts_with(
            "The accuracy of #8 is 41.0 points higher than that of #7. Other seeds would show it, too"
        ),
        "{}",
        tests[0][5]
    );
    assert!(
        text::report(&made).contains("2 cells of a mask and a task that only one of two has are not tested.")
    );
}

/// Two experiments may train masks of two names that select the same.
#[test]
fn what_predicts_the_same_is_said_to_do_so() {
    let lab = two(&one_mask("layernorms"), &one_mask("outliers:256"), |_, _| 0.5);
    let home = tempfile::tempdir().unwrap();
    for (run, state) in &lab.runs {
        // Half of the examples right, other ones with each seed.
        let logits = |i: u64| if (i + state.spec.seed) % 4 < 2 { [1.0, 0.0] } else { [0.0, 1.0] };
        let predictions = vec![(0..40).flat_map(logits).collect::<Vec<f32>>()];
        let best = Product { epoch: 1, trained: vec![0.0], predictions };
        let truth = Truth { targets: (0..40).map(|i| (i % 2) as f32).collect(), reads: vec![1; 40] };
        let trained = Trained {
            last: best.clone(),
            best,
            truth: vec![truth],
            norms: vec![Vec::new()],
            answers: vec![Vec::new()],
        };
        Artifacts::new(home.path()).finish(&run.0, &trained, Keep::Both).unwrap();
    }
    let made = compare(&lab, home.path(), &experiments()).unwrap();
    let tests = rows(&made, "Tests");
    assert_eq!(tests[0][2..4], ["0.0", "0.0 to 0.0"]);
    assert_eq!(
        tests[0][5],
        "The accuracy of #8 equals that of #7: they predict the same for every example at every seed."
    );
}

/// Runs of the same seed are paired, wherever an experiment names it.
#[test]
fn the_order_in_which_seeds_are_named_is_of_no_account() {
    let tests = |seeds: Vec<u64>| {
        let second = Experiment { seeds, ..one_mask("bitfit") };
        let lab = two(&one_mask("frozen"), &second, |experiment, seed| {
            0.4 + seed as f64 / 20.0 + if experiment.masks == ["bitfit"] { 0.1 } else { 0.0 }
        });
        rows(&compared(&lab, &experiments()), "Tests")
    };
    assert_eq!(tests(vec![3, 1, 2]), tests(vec![1, 2, 3]));
}

#[test]
fn what_cannot_be_tested_says_why() {
    let reason = |second: &Experiment, change: &dyn Fn(&mut LabState)| {
        let mut lab = two(&one_mask("frozen"), second, |_, seed| 0.5 + seed as f64 / 100.0);
        change(&mut lab);
        let made = compared(&lab, &experiments());
        rows(&made, "Tests")[0].last().unwrap().clone()
    };
    let nothing: &dyn Fn(&mut LabState) = &|_| {};
    let seeds = Experiment { seeds: vec![1, 2, 4], ..one_mask("bitfit") };
    assert_eq!(
        reason(&seeds, nothing),
        "Not tested. Their seeds differ (1, 2, 3; 1, 2, 4): a test pairs runs of the same seed."
    );
    assert_eq!(reason(&one_mask("frozen"), nothing), "Not tested. They are the same runs.");
    let other_data: &dyn Fn(&mut LabState) = &|lab| {
        let own = lab.experiments[&ExperimentId(8)].runs.clone();
        own.iter().for_each(|run| lab.runs.get_mut(run).unwrap().spec.data = "other".into());
    };
    assert!(reason(&one_mask("bitfit"), other_data).contains("on different examples"));
    let unfinished: &dyn Fn(&mut LabState) = &|lab| {
        let run = lab.experiments[&ExperimentId(8)].runs[0].clone();
        let state = lab.runs.get_mut(&run).unwrap();
        (state.status, state.outcome) = (RunStatus::Failed, None);
    };
    assert_eq!(reason(&one_mask("bitfit"), unfinished), "Not tested. #8: of 3 seeds 1 failed.");
    let apart = two(
        &one_mask("frozen"),
        &Experiment {
            tasks: vec!["mrpc".into()],
            masks: vec!["bitfit".into(), "mha".into()],
            ..one_mask("x")
        },
        |_, _| 0.5,
    );
    assert!(text::report(&compared(&apart, &experiments())).contains("no mask and task in common"));
}

#[test]
fn runs_are_named_by_what_differs_and_speak_for_themselves() {
    let lab =
        two(
            &one_mask("layernorms"),
            &one_mask("frozen"),
            |e, _| if e.masks[0] == "frozen" { 0.5 } else { 0.75 },
        );
    let chosen = of_runs(&lab, |spec| spec.seed == 2);
    assert_eq!(chosen.len(), 2);
    let made = compared(&lab, &chosen);
    let (layernorms, frozen) = ("#7 · layernorms", "#8 · frozen");
    let all = tables(&made);
    let scores = all.iter().find(|table| table.caption.starts_with("Scores")).unwrap();
    assert_eq!(
        scores.columns.iter().map(|column| column.title.as_str()).collect::<Vec<_>>(),
        ["Score", layernorms, frozen]
    );
    assert_eq!((scores.rows[0][1].text.as_str(), scores.rows[0][1].under.as_str()), ("75.0", "epoch 1"));
    let said = rows(&made, "Tests")[0].last().unwrap().clone();
    // Without stored predictions there is nothing that tells how one run's score varies.
    assert!(said.starts_with(&format!("The accuracy of {frozen} is 25.0 points lower than that of {layernorms}. Whether that is chance cannot be said")), "{said}");
    assert!(
        rows(&made, "in which they differ").iter().any(|row| row[..] == ["Masks", "layernorms", "frozen"])
    );
}

#[test]
fn runs_of_different_tasks_are_beside_each_other_and_not_tested() {
    let e = Experiment { tasks: vec!["rte".into(), "mrpc".into()], seeds: vec![1], ..one_mask("frozen") };
    let lab = results::state(&e, |_| Ok(0.5));
    let made = compared(&lab, &of_runs(&lab, |_| true));
    let tests = rows(&made, "Tests");
    assert!(
        tests[0].last().unwrap().contains("has no runs on MRPC: other tasks have other examples"),
        "{tests:?}"
    );
    let scores = rows(&made, "Scores");
    assert!(scores.iter().any(|row| row[..] == ["RTE accuracy", "50.0", "–"]), "{scores:?}");
    assert!(scores.iter().any(|row| row[0] == "MRPC accuracy" && row[1] == "–"), "{scores:?}");
}

#[test]
fn what_is_not_there_is_said() {
    let lab = two(&one_mask("layernorms"), &one_mask("frozen"), |_, _| 0.5);
    let why = |comparison: Comparison| compare(&lab, &nowhere(), &comparison).unwrap_err();
    let missing = why(Comparison::Experiments(vec![ID, ExperimentId(99)]));
    assert_eq!(
        (&*missing.field, &*missing.message),
        ("comparison", "There is no experiment 99; it may have been deleted.")
    );
    let Comparison::Runs(mut runs) = of_runs(&lab, |spec| spec.seed == 1) else { panic!("runs") };
    // A run is seen from an experiment that has it.
    runs[1].experiment_id = ID;
    assert!(why(Comparison::Runs(runs.clone())).message.ends_with("in experiment 7."));
    assert!(why(Comparison::Runs(runs[..1].to_vec())).message.starts_with("Only one is chosen"));
}
