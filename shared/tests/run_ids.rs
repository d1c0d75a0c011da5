//! The identities of runs that stand in users' logs: a task that is known keeps its runs, however tasks are described.
// In a test's helpers too, what cannot be unwrapped has failed.
#![allow(clippy::unwrap_used)]

use tunemask_shared::fixtures::run_spec;
use tunemask_shared::run::{RunId, RunSpec};
use tunemask_shared::task::{Task, known_tasks};

/// The run of [`run_spec`] on every task that is known, as it was first written to a log.
const IDS: [(&str, &str); 20] = [
    ("cola", "60de944d0906db7c"),
    ("sst2", "e78d1507e625fcd0"),
    ("mrpc", "e34f5fe96efa27c5"),
    ("stsb", "113f58a18ee72dd4"),
    ("qqp", "55ba7022c63200f8"),
    ("mnli", "97b22bd7f2d70b9f"),
    ("qnli", "053c587965d0750c"),
    ("rte", "562bb448046e1f30"),
    ("ner", "eefe907d02f231cb"),
    ("pos", "f86477083c9db0fa"),
    ("acceptability", "443cb28eaf14f0cd"),
    ("sentiment", "5721a34c7dc7f783"),
    ("paraphrase", "8b52711832f1da45"),
    ("similarity", "2d2da9a540c77163"),
    ("questions", "fabbd9c6a9334896"),
    ("inference", "10e9da89650d7e58"),
    ("answerability", "0377068174ed514b"),
    ("entailment", "ddd9ac2f9f7907ab"),
    ("tags", "1002715c14f87572"),
    ("entities", "6af7fbaa6ad0ab71"),
];

#[test]
fn the_runs_of_known_tasks_keep_their_identities() {
    let id = |task: &Task| RunSpec { task: task.clone(), ..run_spec() }.id().unwrap();
    let found: Vec<_> = known_tasks().iter().map(|task| (task.name().as_str(), id(task))).collect();
    let expected: Vec<_> = IDS.into_iter().map(|(name, id)| (name, RunId(id.into()))).collect();
    assert_eq!(found, expected);
}
