//! What a study takes of a result table, and how predictions are scored.

use tunemask::results::Summary;
use tunemask::results::predictions::Predictions;
use tunemask::results::significance::Study;
use tunemask::results::table::{MetricSummary, RateResult, ResultCell, ResultRow, ResultTable, SeedResult};
use tunemask_shared::event::ExperimentId;
use tunemask_shared::experiment::{RatePick, ReportedEpoch};
use tunemask_shared::mask::Mask;
use tunemask_shared::metric::{Metric, Score};
use tunemask_shared::run::{RunId, RunStatus};
use tunemask_shared::task::Task;

#[test]
fn tagged_sentences_are_scored_by_their_sums() {
    let tagged = Predictions::Tagged { counts: vec![[1, 2, 1], [0, 0, 0], [2, 2, 4]] };
    let metric = Task::rte().primary_metric();
    assert_eq!(tagged.score(metric, &[0, 1, 2]), 2.0 * 3.0 / 9.0);
    assert_eq!(tagged.score(metric, &[0, 0]), 2.0 * 2.0 / 6.0);
    assert_eq!(tagged.per_example(), [2.0 / 3.0, 1.0, 2.0 * 2.0 / 6.0]);
}

/// A table of two masks on RTE, two rates and two seeds, of which the second rate wins.
fn table(settled: bool) -> ResultTable {
    let row = |mask: Mask| {
        let rate = |learning_rate: f64, value: f64| {
            let seeds = [1u64, 2].map(|seed| SeedResult {
                seed,
                run: Some(RunId(format!("{mask}/{learning_rate:e}/{seed}"))),
                status: RunStatus::Finished,
                scores: vec![Score { metric: Metric::Accuracy, set: 0, value }],
                failure: None,
            });
            RateResult { learning_rate, seeds: seeds.into(), primary: Summary::of(&[value; 2]) }
        };
        let figure =
            MetricSummary { metric: Metric::Accuracy, set: 0, summary: Summary::of(&[0.75; 2]), gap: None };
        let cell = ResultCell {
            further: Vec::new(),
            task: Task::rte(),
            rates: vec![rate(1e-4, 0.5), rate(1e-3, 0.75)],
            picked: vec![1e-3],
            figures: vec![figure],
            edge: None,
            settled: settled || mask == Mask::LayerNorms,
        };
        ResultRow { mask, trainable: Some(7), cells: vec![cell], average: None }
    };
    ResultTable {
        experiment_id: ExperimentId(1),
        name: "t".into(),
        model: "m".into(),
        seeds: vec![1, 2],
        reported_epoch: ReportedEpoch::Best,
        rate_pick: RatePick::BestMean,
        clip_predictions: false,
        tasks: vec![Task::rte()],
        rows: [Mask::LayerNorms, Mask::Frozen].map(row).into(),
        remarks: Vec::new(),
    }
}

#[test]
fn a_study_takes_the_reported_runs_of_settled_cells() {
    let labels = |n: usize| Predictions::Labels { predicted: vec![1; n], actual: vec![1; n] };
    let study = Study::of(&table(true), |_| Some(labels(4)));
    assert_eq!((study.cells.len(), study.trainable(&Mask::Frozen)), (2, Some(7)));
    let cell = study.cell(&Mask::Frozen, &Task::rte()).unwrap();
    assert_eq!(cell.runs, ["frozen/1e-3/1", "frozen/1e-3/2"].map(|r| RunId(r.into())));
    assert_eq!((&cell.scores[..], cell.predictions.len()), (&[0.75, 0.75][..], 2));
    let one = Study::of(&table(false), |_| None);
    assert_eq!(one.cells.len(), 1);
    assert!(one.cells[0].predictions.is_empty() && one.common_tasks([&Mask::Frozen]).is_empty());
    assert_eq!(
        one.without([&Mask::Frozen, &Mask::LayerNorms]),
        " Without frozen on RTE: runs at other learning rates are still to come."
    );
    // What was cut otherwise cannot be paired.
    let cut = Study::of(&table(true), |run| Some(labels(if run.0.starts_with("frozen") { 3 } else { 4 })));
    assert_eq!(cut.cells.iter().map(|c| c.predictions.len()).collect::<Vec<_>>(), [2, 0]);
    // A run without predictions leaves its whole cell without.
    let some = Study::of(&table(true), |run| (run.0 != "layernorms/1e-3/2").then(|| labels(4)));
    assert!(some.cells[0].predictions.is_empty());
}
