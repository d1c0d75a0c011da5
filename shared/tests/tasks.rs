//! What each task is scored by, and on what.

use tunemask_shared::metric::Metric;
use tunemask_shared::task::{Task, known_tasks};

#[test]
fn every_task_has_its_metrics_and_sets() {
    use Metric::*;
    let scored: [(&[Metric], &[&str]); 5] = [
        (&[Matthews, Accuracy], &["cola", "acceptability"]),
        (&[F1, Accuracy], &["mrpc", "qqp", "paraphrase", "questions"]),
        (&[Spearman, Pearson], &["stsb", "similarity"]),
        (&[EntityF1, EntityPrecision, EntityRecall, Accuracy], &["ner", "entities"]),
        (
            &[Accuracy],
            &[
                "sst2",
                "mnli",
                "qnli",
                "rte",
                "pos",
                "sentiment",
                "inference",
                "answerability",
                "entailment",
                "tags",
            ],
        ),
    ];
    // Every known task stands in the list above once.
    assert_eq!(scored.iter().map(|(_, names)| names.len()).sum::<usize>(), known_tasks().len());
    for task in known_tasks() {
        let lists: Vec<&[Metric]> = scored
            .iter()
            .filter(|(_, names)| names.contains(&task.name().as_str()))
            .map(|(m, _)| *m)
            .collect();
        assert_eq!(lists, [task.metrics()], "{task}");
        let two = [Task::mnli(), Task::inference()].contains(task);
        assert_eq!(task.development_sets().len(), 1 + usize::from(two), "{task}");
    }
}
