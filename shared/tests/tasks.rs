//! What each task is scored by, and on what.

use tunemask_shared::metric::Metric;
use tunemask_shared::task::{TASKS, Task};

#[test]
fn every_task_has_its_metrics_and_sets() {
    use Metric::*;
    let same = |tasks: &[Task], metrics: &[Metric]| tasks.iter().all(|t| t.metrics() == metrics);
    assert!(same(&[Task::Cola, Task::Acceptability], &[Matthews, Accuracy]));
    assert!(same(&[Task::Mrpc, Task::Qqp, Task::Paraphrase, Task::Questions], &[F1, Accuracy]));
    assert!(same(&[Task::Stsb, Task::Similarity], &[Spearman, Pearson]));
    assert!(same(&[Task::Ner, Task::Entities], &[EntityF1, EntityPrecision, EntityRecall, Accuracy]));
    let accuracy = [
        Task::Sst2,
        Task::Qnli,
        Task::Rte,
        Task::Mnli,
        Task::Pos,
        Task::Sentiment,
        Task::Answerability,
        Task::Entailment,
        Task::Inference,
        Task::Tags,
    ];
    assert!(same(&accuracy, &[Accuracy]));
    for task in TASKS {
        let two = matches!(task, Task::Mnli | Task::Inference);
        assert_eq!(task.development_sets().len(), 1 + usize::from(two), "{task}");
    }
}
