//! The result table over states of the log as they come: whole, in progress, with failures.
#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

mod results;

use results::{experiment, middle_wins, of};
use tunemask_shared::event::ExperimentId;
use tunemask_shared::experiment::{Experiment, RatePick, ReportedEpoch};
use tunemask_shared::metric::Metric;
use tunemask_shared::run::RunStatus;
use tunemask_shared::state::LabState;
use tunemask_shared::statistics::{Edge, csv, latex, markdown, notes, table};
use tunemask_shared::task::Task;

#[test]
fn the_best_mean_is_picked_and_averaged() {
    let t = of(&experiment(), middle_wins);
    assert_eq!((t.rows.len(), t.columns().len()), (2, 3));
    let row = &t.rows[0];
    assert_eq!((row.trainable, row.cells[0].picked.clone()), (Some(4608), vec![1e-3]));
    let first = row.cells[0].figures[0];
    assert_eq!((first.metric, first.summary.n), (Metric::Accuracy, 2));
    assert!((first.summary.mean - 0.7).abs() < 1e-12 && (first.summary.std - 0.02f64.sqrt()).abs() < 1e-12);
    assert_eq!(
        row.cells[1].figures.iter().map(|f| f.metric).collect::<Vec<_>>(),
        [Metric::F1, Metric::Accuracy]
    );
    assert!((row.average.unwrap() - 0.7).abs() < 1e-12);
    assert!(row.cells.iter().all(|c| c.settled && c.edge.is_none()));
    assert_eq!(notes(&t).len(), 1);
}

#[test]
fn the_last_epoch_and_the_rate_of_each_seed() {
    let last = of(&Experiment { reported_epoch: ReportedEpoch::Last, ..experiment() }, middle_wins);
    assert!((last.rows[0].cells[0].figures[0].summary.mean - 0.5).abs() < 1e-12);
    let each = of(&Experiment { rate_pick: RatePick::PerSeed, ..experiment() }, middle_wins);
    let cell = &each.rows[0].cells[0];
    assert_eq!((cell.picked.clone(), cell.edge), (vec![1e-3, 1e-2], Some(Edge::Highest)));
    assert!((cell.figures[0].summary.mean - 0.75).abs() < 1e-12);
}

#[test]
fn not_a_number_and_failed_runs_never_win() {
    let nan = of(&experiment(), |c| Ok(if c.learning_rate == 1e-2 { f64::NAN } else { c.learning_rate }));
    assert_eq!(nan.rows[0].cells[0].picked, [1e-3]);
    let failed = of(&experiment(), |c| match (c.learning_rate, c.seed) {
        (1e-2, 2) => Err(RunStatus::Failed),
        (1e-2, _) => Ok(0.9),
        _ => Ok(0.5),
    });
    let cell = &failed.rows[1].cells[0];
    assert_eq!((cell.picked.clone(), cell.edge, cell.settled), (vec![1e-4], Some(Edge::Lowest), true));
    let said = notes(&failed).join("\n");
    assert!(
        said.contains("frozen on RTE: of 6 runs 1 failed; at 1e-2 and seed 2: diverged at step 3."),
        "{said}"
    );
    assert!(said.contains("lowest of the grid"), "{said}");
    let nothing = of(&experiment(), |_| Ok(f64::NAN));
    assert!(nothing.rows[0].cells[0].picked.is_empty() && nothing.rows[0].average.is_none());
}

#[test]
fn an_experiment_in_progress_has_no_average() {
    let t = of(&experiment(), |c| match (c.task, c.seed) {
        (Task::Mrpc, 2) => Err(RunStatus::Queued),
        _ => Ok(0.5),
    });
    let cell = &t.rows[0].cells[1];
    assert_eq!((cell.settled, cell.figures[0].summary.n, cell.unfinished().count()), (false, 1, 3));
    assert!(t.rows[0].average.is_none());
    let none = of(&experiment(), |_| Err(RunStatus::Queued));
    assert!(none.rows[0].cells[0].figures[0].summary.mean.is_nan());
    assert!(table(&LabState::default(), ExperimentId(1)).is_none());
}

#[test]
fn a_grid_of_two_rates_has_no_edge() {
    let t = of(&Experiment { learning_rates: vec![1e-4, 1e-3], ..experiment() }, middle_wins);
    assert_eq!(t.rows[0].cells[0].edge, None);
}

#[test]
fn what_a_mask_picks_at_one_end_of_its_grid_is_one_note() {
    let t =
        of(&experiment(), |c| Ok(if c.task == Task::Mrpc { 0.5 - c.learning_rate } else { c.learning_rate }));
    let said = notes(&t);
    let lowest = "layernorms on MRPC: the picked learning rate is the lowest of the grid; try lower ones.";
    let highest = "layernorms on RTE: the picked learning rate is the highest of the grid; try higher ones.";
    assert_eq!(said[1..3], [lowest, highest]);
    let t = of(&experiment(), |c| Ok(c.learning_rate));
    assert!(
        notes(&t)[1].starts_with("layernorms on RTE, MRPC: the picked learning rate is the highest"),
        "{t:?}"
    );
    assert_eq!(notes(&t).len(), 1 + t.rows.len());
}

#[test]
fn written_out_in_three_ways() {
    let t = of(&experiment(), middle_wins);
    let text = markdown(&t);
    assert!(text.starts_with("### A & B_1 (experiment 7, builtin:tiny)\n"), "{text}");
    assert!(
        text.contains(
            "| layernorms |     4,608 | 70.0 ± 14.14 @ 1e-3 | 70.0 ± 14.14 @ 1e-3 |  80.0 ± 14.14 |    70.0 |"
        ),
        "{text}"
    );
    let lines: Vec<usize> = text.lines().filter(|l| l.starts_with('|')).map(|l| l.chars().count()).collect();
    assert!(lines.len() == 4 && lines.iter().all(|&l| l == lines[0]), "{text}");

    let tex = latex(&t);
    assert!(tex.contains("\\begin{tabular}{lrrrrr}\n\\toprule\nmask & trainable & RTE accuracy"), "{tex}");
    assert!(tex.contains("\\texttt{layernorms} & 4{,}608 & $70.0 \\pm 14.14$ (1e-3) & "), "{tex}");
    assert!(tex.ends_with("\\bottomrule\n\\end{tabular}\n"));

    let lines = csv(&t);
    let lines: Vec<&str> = lines.lines().collect();
    assert_eq!(lines.len(), 1 + 2 * 3);
    assert_eq!(lines[1], "layernorms,4608,rte,dev,accuracy,1e-3,0.7,0.14142135623730953,2,true");
    let commas = |l: &&str| l.matches(',').count();
    assert!(lines.iter().all(|l| commas(l) == commas(&lines[0])));
}

#[test]
fn mnli_has_both_its_sets() {
    let e = Experiment { tasks: vec!["mnli".into()], ..experiment() };
    let t = of(&e, middle_wins);
    assert_eq!(t.columns(), [(Task::Mnli, Metric::Accuracy, 0), (Task::Mnli, Metric::Accuracy, 1)]);
    assert!(!t.has_average());
    assert!(markdown(&t).contains("MNLI mismatched accuracy"));
}
