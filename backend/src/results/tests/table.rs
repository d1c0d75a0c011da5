//! The result table over states of the log as they come: whole, in progress, with failures.

use super::states::{experiment, middle_wins, state, state_in, table_of};
use crate::results::paper::PaperTable;
use crate::results::render::{csv, latex, markdown};
use crate::results::table::{BOLD, Edge, bold, notes, table};
use tunemask_shared::event::ExperimentId;
use tunemask_shared::experiment::{Experiment, RatePick, ReportedEpoch};
use tunemask_shared::facts::{DataFacts, Facts};
use tunemask_shared::mask::Mask;
use tunemask_shared::metric::Metric;
use tunemask_shared::report::Layout;
use tunemask_shared::run::RunStatus;
use tunemask_shared::state::LabState;
use tunemask_shared::task::Task;
use tunemask_shared::validation::GridCell;

#[test]
fn the_best_mean_is_picked_and_averaged() {
    let t = table_of(&experiment(), middle_wins);
    assert_eq!((t.rows.len(), t.columns().len()), (2, 3));
    let row = &t.rows[0];
    assert_eq!((row.trainable, row.cells[0].picked.clone()), (Some(4608), vec![1e-3]));
    let first = row.cells[0].figures[0].clone();
    assert_eq!((first.metric, first.summary.n), (Metric::Accuracy, 2));
    assert!((first.summary.mean - 0.7).abs() < 1e-12 && (first.summary.std - 0.02f64.sqrt()).abs() < 1e-12);
    assert_eq!(
        row.cells[1].figures.iter().map(|f| f.metric).collect::<Vec<_>>(),
        [Metric::F1, Metric::Accuracy]
    );
    assert!((row.average.unwrap() - 0.7).abs() < 1e-12);
    assert!(row.cells.iter().all(|c| c.settled && c.edge.is_none()));
    // How it was made, and what stands bold.
    assert_eq!(notes(&t).len(), 2);
}

#[test]
fn the_last_epoch_and_the_rate_of_each_seed() {
    let last = table_of(&Experiment { reported_epoch: ReportedEpoch::Last, ..experiment() }, middle_wins);
    assert!((last.rows[0].cells[0].figures[0].summary.mean - 0.5).abs() < 1e-12);
    let each = table_of(&Experiment { rate_pick: RatePick::PerSeed, ..experiment() }, middle_wins);
    let cell = &each.rows[0].cells[0];
    assert_eq!((cell.picked.clone(), cell.edge), (vec![1e-3, 1e-2], Some(Edge::Highest)));
    assert!((cell.figures[0].summary.mean - 0.75).abs() < 1e-12);
}

#[test]
fn not_a_number_and_failed_runs_never_win() {
    let nan =
        table_of(&experiment(), |c| Ok(if c.learning_rate == 1e-2 { f64::NAN } else { c.learning_rate }));
    assert_eq!(nan.rows[0].cells[0].picked, [1e-3]);
    let failed = table_of(&experiment(), |c| match (c.learning_rate, c.seed) {
        (1e-2, 2) => Err(RunStatus::Failed),
        (1e-2, _) => Ok(0.9),
        _ => Ok(0.5),
    });
    let cell = &failed.rows[1].cells[0];
    assert_eq!((cell.picked.clone(), cell.edge, cell.settled), (vec![1e-4], Some(Edge::Lowest), true));
    let remarks = notes(&failed).join("\n");
    assert!(
        remarks.contains("frozen on RTE: of 6 runs 1 failed; at 1e-2 and seed 2: diverged at step 3."),
        "{remarks}"
    );
    assert!(remarks.contains("lowest of the grid"), "{remarks}");
    let nothing = table_of(&experiment(), |_| Ok(f64::NAN));
    assert!(nothing.rows[0].cells[0].picked.is_empty() && nothing.rows[0].average.is_none());
}

/// Of six seeds two have no correlation at either rate; the others are best at their own.
fn unscored() -> Experiment {
    Experiment {
        tasks: vec!["similarity".into(), "sentiment".into()],
        masks: vec!["frozen".into(), "bitfit".into()],
        learning_rates: vec![1e-5, 1e-4],
        seeds: (1..=6).collect(),
        data: None,
        ..experiment()
    }
}

fn without_two_seeds(cell: &GridCell) -> Result<f64, RunStatus> {
    let undefined = cell.task == Task::similarity() && cell.mask == Mask::Frozen && cell.seed > 4;
    Ok(if undefined { f64::NAN } else { cell.seed as f64 / 10.0 })
}

#[test]
fn a_seed_without_a_number_is_left_out_and_told() {
    for rate_pick in [RatePick::PerSeed, RatePick::BestMean] {
        let t = table_of(&Experiment { rate_pick, ..unscored() }, without_two_seeds);
        let (cell, bitfit) = (&t.rows[0].cells[0], &t.rows[1].cells[0]);
        let figure = &cell.figures[0];
        assert_eq!((figure.summary.n, cell.seeds(), figure.gap.as_deref()), (4, 6, Some("2 undefined")));
        assert!((figure.summary.mean - 0.25).abs() < 1e-12 && !cell.settled);
        assert!(t.rows[0].average.is_none() && t.rows[1].average.is_some());
        assert!(bitfit.settled && bitfit.figures.iter().all(|f| f.gap.is_none()));
        let remarks = notes(&t);
        assert!(
            remarks[0].contains("over 6 seeds") && remarks[0].contains("A seed without a number is left out"),
            "{remarks:?}"
        );
        let why = "frozen on Similarity: of 12 runs 4 have no Spearman correlation and no Pearson correlation: \
                   all predictions are the same.";
        assert!(remarks.contains(&why.to_owned()), "{remarks:#?}");

        let text = markdown::table(&t);
        assert!(text.contains("25.0 ± 12.9 (n 4 of 6: 2 undefined) @ 1e-5↓"), "{text}");
        let tex = latex::table(&t);
        assert!(tex.contains("{\\scriptsize n 4 of 6: 2 undefined; 1e-5$\\downarrow$}"), "{tex}");
        let lines = csv::table(&t);
        assert!(
            lines.contains(",4,6,2 undefined,false,false\n") && lines.contains(",6,6,,false,true\n"),
            "{lines}"
        );
        let paper = PaperTable::new(&t, Layout::Modules, None);
        let made = [paper.markdown(), paper.latex(), paper.csv()];
        assert!(made[0].contains("25.0 ± 12.9 (n 4 of 6: 2 undefined) @ 1e-5↓"), "{}", made[0]);
        assert!(made[1].contains("{\\scriptsize n 4 of 6: 2 undefined; 1e-5"), "{}", made[1]);
        assert!(made[2].contains(",4,6,2 undefined,"), "{}", made[2]);
    }
}

#[test]
fn an_empty_cell_says_why() {
    let gap = |outcome: fn(&GridCell) -> Result<f64, RunStatus>| {
        let t = table_of(&unscored(), outcome);
        let text = markdown::table(&t);
        let gap = t.rows[0].cells[0].figures[0].gap.clone().unwrap_or_default();
        assert!(text.contains(&format!("| – ({gap}) |")) || text.contains(&format!("– ({gap}) ")), "{text}");
        assert!(csv::table(&t).contains(&format!(
            ",0,6,{}",
            if gap.contains(',') { format!("\"{gap}\"") } else { gap.clone() }
        )));
        (gap, notes(&t).join("\n"))
    };
    assert_eq!(gap(|_| Err(RunStatus::Queued)).0, "6 to come");
    let (undefined, remarks) = gap(|_| Ok(f64::NAN));
    assert_eq!(undefined, "6 undefined");
    // No run of the task says otherwise: it may be the labels.
    let why = "of 12 runs 12 have no Spearman correlation and no Pearson correlation: \
               all predictions, or all labels, are the same.";
    assert!(remarks.contains(why), "{remarks}");
    let mixed = gap(|cell| match (cell.seed, cell.learning_rate) {
        (1, _) => Err(RunStatus::Failed),
        (2, _) => Err(RunStatus::Cancelled),
        (3, _) => Err(RunStatus::Interrupted),
        // The hopeful one of its two rates is told.
        (4, 1e-5) => Err(RunStatus::Failed),
        (4, _) => Err(RunStatus::Running),
        _ => Ok(f64::NAN),
    });
    assert_eq!(mixed.0, "1 to come, 1 interrupted, 1 cancelled, 2 undefined, 1 failed");
    assert!(mixed.1.contains("of 12 runs 1 running, 3 failed, 2 cancelled, 2 interrupted; at 1e-5 and seed 1: diverged at step 3."), "{}", mixed.1);
}

#[test]
fn a_prediction_that_is_not_finite_is_told_from_constant_ones() {
    let remarks = |without: &[Metric]| {
        let mut state = state(&unscored(), |_| Ok(0.5));
        for run in state.runs.values_mut() {
            let scores = &mut run.outcome.as_mut().unwrap().metrics;
            scores.iter_mut().filter(|s| without.contains(&s.metric)).for_each(|s| s.value = f64::NAN);
        }
        notes(&table(&state, ExperimentId(7)).unwrap()).join("\n")
    };
    let one = remarks(&[Metric::Spearman]);
    let why = "of 12 runs 12 have no Spearman correlation: all predictions, or all labels, are the same.";
    assert!(one.contains(why) && !one.contains("Pearson"), "{one}");
    let all = remarks(&[Metric::Spearman, Metric::Pearson, Metric::Loss]);
    assert!(all.contains("no Pearson correlation: a prediction is not finite, or there is none."), "{all}");
}

#[test]
fn one_rule_says_what_is_bold() {
    let e = Experiment { masks: ["full", "frozen", "bitfit"].map(Into::into).into(), ..unscored() };
    let t = table_of(&e, |cell| match (&cell.mask, cell.task.name().as_str()) {
        (Mask::Full, _) => Ok(0.9),
        // The best of the others, but over some of the seeds.
        (Mask::Frozen, "similarity") if cell.seed > 4 => Ok(f64::NAN),
        (Mask::Frozen, _) => Ok(0.8),
        _ => Ok(0.5),
    });
    let column = |place: usize| {
        bold(t.rows.iter().map(|row| {
            let figure = row.cells.iter().flat_map(|c| &c.figures).nth(place)?;
            Some((&row.mask, figure))
        }))
    };
    // A single one has nothing to be better than.
    assert_eq!((column(0), column(2)), (vec![false; 3], vec![false, true, false]));
    let paper = PaperTable::new(&t, Layout::Modules, None);
    let marks = |at: usize| paper.rows.iter().map(|r| r.cells[at].as_ref().unwrap().best).collect::<Vec<_>>();
    assert_eq!((marks(0), marks(2)), (column(0), column(2)));
    assert!(paper.legend.contains(&BOLD.to_owned()), "{:?}", paper.legend);
}

#[test]
fn a_name_is_one_line_wherever_it_is_written() {
    let e = Experiment { name: "a\n\u{1b}[2Jb".into(), ..experiment() };
    let t = table_of(&e, middle_wins);
    let paper = PaperTable::new(&t, Layout::Modules, None);
    for text in [markdown::table(&t), paper.markdown()] {
        assert!(text.starts_with("### a\\n\\u{1b}[2Jb (experiment 7, builtin:tiny)\n"), "{text}");
    }
    for text in [latex::table(&t), paper.latex()] {
        assert!(!text.contains('\u{1b}') && text.lines().all(|l| l != "b"), "{text}");
    }
}

#[test]
fn an_experiment_in_progress_has_no_average() {
    let t = table_of(&experiment(), |c| match (c.task.name().as_str(), c.seed) {
        ("mrpc", 2) => Err(RunStatus::Queued),
        _ => Ok(0.5),
    });
    let cell = &t.rows[0].cells[1];
    assert_eq!((cell.settled, cell.figures[0].summary.n, cell.unfinished().count()), (false, 1, 3));
    assert!(t.rows[0].average.is_none());
    let none = table_of(&experiment(), |_| Err(RunStatus::Queued));
    assert!(none.rows[0].cells[0].figures[0].summary.mean.is_nan());
    assert!(table(&LabState::default(), ExperimentId(1)).is_none());
}

#[test]
fn a_grid_of_two_rates_is_all_edge_and_one_of_one_rate_has_none() {
    let with = |learning_rates: &[f64], rate_pick| {
        let e = Experiment { learning_rates: learning_rates.to_vec(), rate_pick, ..experiment() };
        table_of(&e, |c| Ok(if c.seed == 1 { c.learning_rate } else { 0.9 - c.learning_rate }))
    };
    let edge = |t: &crate::results::table::ResultTable| t.rows[0].cells[0].edge;
    assert_eq!(edge(&with(&[1e-3], RatePick::BestMean)), None);
    assert_eq!(edge(&with(&[1e-3, 1e-4], RatePick::PerSeed)), Some(Edge::Both));
    let both = markdown::table(&with(&[1e-3, 1e-4], RatePick::PerSeed));
    assert!(both.contains("@ 1e-3, 1e-4↕"), "{both}");
    assert!(
        both.contains(
            "- After a learning rate: ↕ the lowest of its grid for one seed and the highest for another"
        ),
        "{both}"
    );
    let two = Experiment { learning_rates: vec![1e-4, 1e-3], ..experiment() };
    assert_eq!(edge(&table_of(&two, middle_wins)), Some(Edge::Highest));
    assert_eq!(edge(&table_of(&two, |c| Ok(0.5 - c.learning_rate))), Some(Edge::Lowest));
}

#[test]
fn a_rate_that_drops_out_of_the_choice_is_told() {
    let outcome = |c: &GridCell| match (c.learning_rate, c.seed) {
        (1e-2, _) => Ok(f64::NAN),
        (1e-3, 2) => Err(RunStatus::Failed),
        (1e-4, _) => Ok(0.5),
        _ => Ok(0.9),
    };
    let told = |rate_pick| notes(&table_of(&Experiment { rate_pick, ..experiment() }, outcome)).join("\n");
    let sentence = "frozen on RTE: left out of the choice of the learning rate: 1e-3 (no number from 1 of 2 runs), \
                    1e-2 (no number from 2 of 2 runs).";
    let best_mean = told(RatePick::BestMean);
    assert!(best_mean.contains(sentence), "{best_mean}");
    let per_seed = told(RatePick::PerSeed);
    assert!(
        per_seed.contains("left out of the choice of those seeds of the learning rate: 1e-3 (no"),
        "{per_seed}"
    );
    let whole = notes(&table_of(&experiment(), middle_wins)).join("\n");
    assert!(!whole.contains("left out of the choice"), "{whole}");
}

#[test]
fn what_a_mask_picks_at_one_end_of_its_grid_is_one_note() {
    let t = table_of(&experiment(), |c| {
        Ok(if c.task == Task::mrpc() { 0.5 - c.learning_rate } else { c.learning_rate })
    });
    let remarks = notes(&t);
    let lowest = "layernorms on MRPC: the picked learning rate is the lowest of the grid; try lower ones.";
    let highest = "layernorms on RTE: the picked learning rate is the highest of the grid; try higher ones.";
    assert_eq!(
        remarks[1],
        "After a learning rate: ↓ the lowest of its grid, ↑ the highest of its grid; a better one may lie beyond."
    );
    assert_eq!(remarks[2], BOLD);
    assert_eq!(remarks[3..5], [lowest, highest]);
    let t = table_of(&experiment(), |c| Ok(c.learning_rate));
    assert!(
        notes(&t)[3].starts_with("layernorms on RTE, MRPC: the picked learning rate is the highest"),
        "{t:?}"
    );
    assert_eq!(notes(&t).len(), 3 + t.rows.len());
}

#[test]
fn written_out_in_three_ways() {
    let t = table_of(&experiment(), middle_wins);
    let text = markdown::table(&t);
    assert!(text.starts_with("### A & B_1 (experiment 7, builtin:tiny)\n"), "{text}");
    assert!(
        text.contains(
            "| layernorms |     4,608 | **70.0 ± 14.1 @ 1e-3** | **70.0 ± 14.1 @ 1e-3** | **80.0 ± 14.1** |    70.0 |"
        ),
        "{text}"
    );
    let lines: Vec<usize> = text.lines().filter(|l| l.starts_with('|')).map(|l| l.chars().count()).collect();
    assert!(lines.len() == 4 && lines.iter().all(|&l| l == lines[0]), "{text}");

    let tex = latex::table(&t);
    assert!(tex.contains(
            "\\begin{tabular}{lrrrrr}\n\\toprule\n &  & \\multicolumn{1}{c}{RTE} & \\multicolumn{2}{c}{MRPC} &  \\\\\n"
        ) && tex.contains("\nmask & trainable & acc. & F1 & acc. & average \\\\\n\\midrule\n"), "{tex}");
    assert!(tex.contains("\\texttt{layernorms} & 4{,}608 & $\\mathbf{70.0}_{\\pm 14.1}$ & "), "{tex}");
    assert!(tex.contains("\\bottomrule\n\\end{tabular}%\n}\n") && tex.ends_with("\\end{table}\n"));

    let lines = csv::table(&t);
    let lines: Vec<&str> = lines.lines().collect();
    assert_eq!(lines.len(), 1 + 2 * 3);
    assert_eq!(lines[1], "layernorms,4608,rte,dev,accuracy,1e-3,,0.7,0.14142135623730953,2,2,,true,true");
    let commas = |l: &&str| l.matches(',').count();
    assert!(lines.iter().all(|l| commas(l) == commas(&lines[0])));
}

#[test]
fn mnli_has_both_its_sets() {
    let e = Experiment { tasks: vec!["mnli".into()], ..experiment() };
    let t = table_of(&e, middle_wins);
    assert_eq!(t.columns(), [(Task::mnli(), Metric::Accuracy, 0), (Task::mnli(), Metric::Accuracy, 1)]);
    assert!(!t.has_average());
    assert!(markdown::table(&t).contains("MNLI mismatched accuracy"));
}

#[test]
fn of_an_error_the_least_is_picked_and_bold() {
    let own: Task = serde_json::from_str(
        r#"{"source":"own","name":"own:grades","kind":{"regression":{"low":0.0,"high":10.0}},"pairs":false,
            "metrics":["rmse","pearson"],"development_sets":["dev"],"size":"small"}"#,
    )
    .unwrap();
    let facts = Facts { data: Some(Ok(DataFacts { tasks: vec![own.clone()] })), ..Facts::default() };
    let e = Experiment { tasks: vec!["own:grades".into()], ..experiment() };
    // The higher the rate, the greater the error; `frozen` has more of it.
    let error =
        |cell: &GridCell| Ok(1.0 + cell.learning_rate + f64::from(u8::from(cell.mask == Mask::Frozen)));
    let t = table(&state_in(&e, &facts, error), ExperimentId(7)).unwrap();
    assert_eq!(t.tasks, [own]);
    let picked: Vec<&[f64]> = t.rows.iter().map(|row| row.cells[0].picked.as_slice()).collect();
    assert_eq!(picked, [[1e-4], [1e-4]]);
    assert_eq!(t.bold()[0], [true, false]);
    // In a unit of its own: nothing is averaged, and nothing is a percentage.
    assert!(t.rows.iter().all(|row| row.average.is_none() && row.cells[0].settled));
    let text = markdown::table(&t);
    assert!(text.contains("in percent (RMSE in the unit of the scores) over 2 seeds"), "{text}");
    assert!(text.contains("grades RMSE") && text.contains("**1.0001 ± 0.0000 @ 1e-4↓**"), "{text}");
}
