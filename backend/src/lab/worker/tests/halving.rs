//! Successive halving in a worker: the scores that workers before it wrote count as its own do.

use super::*;
use crate::cluster::Bracket;
use tunemask_shared::event::Evaluation;
use tunemask_shared::halving::Halving;
use tunemask_shared::metric::{Metric, Score};

#[test]
fn a_run_is_held_against_scores_that_an_earlier_worker_wrote() {
    let folder = tempfile::tempdir().unwrap();
    let rates = vec![1e-2, 1e-9];
    let experiment =
        Experiment { masks: vec!["layernorms".into()], learning_rates: rates.clone(), ..experiment() };
    let path = plan(folder.path(), &experiment);
    let (_, mut plan) = PlanFolder::open(&path).unwrap();
    let of = |rate: f64| {
        let planned = plan.runs.iter().find(|planned| planned.job.spec.learning_rate == rate);
        planned.unwrap().job.run.clone()
    };
    let [fast, slow] = [of(rates[0]), of(rates[1])];
    let halving = Halving { keep: 0.5, after: vec![2] };
    let bracket = Bracket::new(halving, vec![fast.clone(), slow.clone()]);
    plan.runs.iter_mut().for_each(|planned| planned.job.bracket = Some(bracket.clone()));
    PlanFolder::create(path.clone(), &plan).unwrap();

    // After its first epoch the slow one was better than any can be.
    let best = Score { metric: Metric::Accuracy, set: 0, value: 2.0 };
    let evaluation = Evaluation { epoch: 1, step: 5, scores: vec![best], elapsed_secs: 0.1 };
    let scored = Line::Event(Box::new(EventKind::Evaluated { run: slow.clone(), evaluation }));
    let header = Line::Header(Header {
        task: 0,
        attempt: 0,
        node: Node { name: "elsewhere".into(), worker: None, arithmetic: Device::cpu().arithmetic() },
        pid: 1,
        job: None,
        device: "cpu".into(),
        program: "tunemask".into(),
        follows: Vec::new(),
    });
    let text = [header, scored].map(|line| serde_json::to_string(&line).unwrap() + "\n").concat();
    let name = SegmentName::new(0, 0, "elsewhere", 1);
    std::fs::write(path.join("segments").join(name.as_str()), text).unwrap();

    assert_eq!(worker().train(&path, 0, 1).unwrap(), TaskEnd::Done);
    let home = tempfile::tempdir().unwrap();
    let lab = watched(home.path(), &path);
    until(&lab, all_over);
    let status = |run: &RunId| lab.state().runs[run].status;
    assert_eq!((status(&slow), status(&fast)), (RunStatus::Finished, RunStatus::Retired));
}
