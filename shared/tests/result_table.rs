//! The result table over states of the log as they come: whole, in progress, with failures.
#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

use tunemask_shared::event::{Evaluation, ExperimentId, Outcome};
use tunemask_shared::experiment::{Experiment, RatePick, ReportedEpoch};
use tunemask_shared::metric::{Metric, Score};
use tunemask_shared::run::{ENGINE_VERSION, RunSpec, RunStatus};
use tunemask_shared::state::{ExperimentState, LabState, RunState};
use tunemask_shared::statistics::{Edge, ResultTable, csv, latex, markdown, notes, table};
use tunemask_shared::task::Task;
use tunemask_shared::validation::{Cell, validate};

fn experiment() -> Experiment {
    Experiment {
        name: "A & B_1".into(),
        data: Some("glue".into()),
        tasks: vec!["rte".into(), "mrpc".into()],
        masks: vec!["layernorms".into(), "frozen".into()],
        learning_rates: vec![1e-4, 1e-3, 1e-2],
        seeds: vec![1, 2],
        ..Experiment::default()
    }
}

fn spec(e: &Experiment, cell: Cell) -> RunSpec {
    RunSpec {
        engine: ENGINE_VERSION,
        model: "m".into(),
        data: "d".into(),
        task: cell.task,
        mask: cell.mask,
        switches: e.mask_switches(),
        learning_rate: cell.learning_rate,
        seed: cell.seed,
        epochs: cell.epochs,
        batch_size: 16,
        max_length: 128,
        warmup_fraction: 0.1,
        dropout: None,
        adam: [0.9, 0.999, 1e-6],
        epsilon_place: e.epsilon_place,
        train_limit: None,
        eval_limit: None,
    }
}

fn scores(task: Task, value: f64) -> Vec<Score> {
    let metrics = task.metrics().iter().copied().chain([Metric::Loss]);
    metrics.enumerate().map(|(i, metric)| Score { metric, set: 0, value: value + 0.1 * i as f64 }).collect()
}

/// A state in which each run is as `outcome` says: the value of its first metric, or how else it stands.
fn state(e: &Experiment, outcome: impl Fn(&Cell) -> Result<f64, RunStatus>) -> LabState {
    let mut state = LabState::default();
    let mut ids = Vec::new();
    for cell in validate(e, &Default::default()).unwrap().cells() {
        let (task, result) = (cell.task, outcome(&cell));
        let spec = spec(e, cell);
        let id = spec.id();
        let evaluation =
            |epoch, value| Evaluation { epoch, step: 9, scores: scores(task, value), elapsed_secs: 0.0 };
        let run = RunState {
            spec,
            status: result.err().unwrap_or(RunStatus::Finished),
            trainable: 4608,
            device: None,
            steps: 9,
            step: 9,
            elapsed_secs: 1.0,
            last_loss: None,
            started_ms: None,
            ended_ms: None,
            evaluations: result.map_or_else(|_| vec![], |v| vec![evaluation(1, v), evaluation(2, v - 0.2)]),
            outcome: result.ok().map(|v| Outcome {
                best_epoch: 1,
                metrics: scores(task, v),
                frozen_unchanged: true,
                elapsed_secs: 1.0,
                trained_sha256: String::new(),
            }),
            alone: false,
            checkpoint: None,
            checkpoint_failure: None,
            failure: (result == Err(RunStatus::Failed)).then(|| "diverged at step 3".into()),
        };
        state.runs.insert(id.clone(), run);
        ids.push(id);
    }
    let found = ExperimentState { experiment: e.clone(), runs: ids, plan: None, created_ms: 0 };
    state.experiments.insert(ExperimentId(7), found);
    state
}

fn of(e: &Experiment, outcome: impl Fn(&Cell) -> Result<f64, RunStatus>) -> ResultTable {
    table(&state(e, outcome), ExperimentId(7)).unwrap()
}

/// 1e-3 has the best mean, but seed 2 alone is best at 1e-2.
fn middle_wins(cell: &Cell) -> Result<f64, RunStatus> {
    Ok(match (cell.learning_rate, cell.seed) {
        (1e-3, 1) => 0.8,
        (1e-3, _) => 0.6,
        (1e-2, 2) => 0.7,
        _ => 0.5,
    })
}

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
