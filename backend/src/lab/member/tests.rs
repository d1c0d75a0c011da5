//! A run without an engine: its batches, its lines, its best epoch.

use super::super::job::Logged;
use super::super::sample::spec;
use super::*;
use tunemask_shared::failure::FailureCause;
use tunemask_shared::metric::Metric;
use tunemask_shared::task::Task;

/// A run on 10 examples in batches of 4.
fn member() -> Member {
    member_of(spec(Task::sentiment(), 1))
}

fn member_of(spec: RunSpec) -> Member {
    let job = Job {
        run: spec.id().unwrap(),
        spec,
        trainable: 1,
        model: String::new(),
        delta: None,
        data: None,
        alone: false,
        reported: Default::default(),
        expected_secs: 0.0,
        notes: Vec::new(),
        bracket: None,
        logged: Logged::default(),
    };
    let model = crate::model::open("builtin:tiny").unwrap();
    let member = Member::new(&job, &model, 10, None).unwrap();
    let shape = model.config.shape;
    assert_eq!(member.joins().trains.len(), 4 * shape.hidden * shape.layers);
    member
}

/// The same before another step.
fn at(member: &mut Member, step: usize) -> &mut Member {
    member.step = step;
    member
}

fn data() -> TaskData {
    let model = crate::model::open("builtin:tiny").unwrap();
    crate::data::load(&Task::sentiment(), None, &model.tokenizer, 32, Some(10), Some(3)).unwrap()
}

fn report(loss: f64, gradient_norm: f64) -> StepReport {
    StepReport { loss, gradient_norm }
}

#[test]
fn an_epoch_shows_every_example_once_in_an_order_of_its_own() {
    let (mut member, data) = (member(), data());
    let mut epochs = Vec::new();
    for epoch in 0..3 {
        let batches: Vec<Vec<u32>> = (0..3)
            .map(|i| at(&mut member, epoch * 3 + i).batch(&data).iter().map(|s| s.index).collect())
            .collect();
        assert_eq!(batches.iter().map(Vec::len).collect::<Vec<_>>(), [4, 4, 2]);
        epochs.push(batches.concat());
    }
    let sorted = |mut order: Vec<u32>| {
        order.sort_unstable();
        order
    };
    assert!(epochs[0] != epochs[1] && epochs[1] != epochs[2]);
    assert!(epochs.iter().all(|e| sorted(e.clone()) == sorted(data.train.iter().map(|x| x.index).collect())));
    // The order depends on seed and epoch alone, not on what was asked before.
    let again: Vec<u32> = at(&mut member, 3).batch(&data).iter().map(|s| s.index).collect();
    assert_eq!(again, epochs[1][..4]);
}

#[test]
fn what_is_not_finite_ends_the_run_with_its_step() {
    for (bad, what) in [(report(f64::NAN, 1.0), "loss"), (report(0.5, f64::INFINITY), "gradient")] {
        let mut member = member();
        assert!(member.stepped(report(0.7, 1.0), 9, 0.1).is_empty());
        let lines = member.stepped(bad, 9, 0.1);
        let [EventKind::Points { points, .. }, EventKind::Failed { reason, cause, .. }] = &lines[..] else {
            panic!("{lines:?}")
        };
        assert_eq!((points.step.as_slice(), points.epoch[1]), ([1, 2].as_slice(), 2.0 / 3.0));
        assert_eq!(*reason, format!("diverged at step 2: {what} is not finite; try a lower learning rate"));
        assert_eq!(*cause, FailureCause::Diverged);
        assert!(member.is_over());
        // The gang's other runs go on: nothing more is heard of this one.
        assert!(member.stepped(report(0.7, 1.0), 9, 0.1).is_empty());
        assert!(member.evaluated(1, Vec::new(), 0.1, &[], &[]).is_empty() && member.flush().is_empty());
        assert!(member.end(EventKind::Paused).is_empty());
    }
}

#[test]
fn the_earlier_of_two_best_epochs_is_kept_and_not_a_number_is_never_best() {
    let mut member = member();
    for (epoch, value) in [(1, f64::NAN), (2, 0.75), (3, 0.5), (4, 0.75)] {
        // A second set does not count.
        let scores = vec![
            Score { metric: Metric::Accuracy, set: 1, value: f64::from(epoch) },
            Score { metric: Metric::Loss, set: 0, value: 9.0 },
            Score { metric: Metric::Accuracy, set: 0, value },
        ];
        let trained = vec![epoch as f32; member.joins().trains.len()];
        let lines = member.evaluated(epoch, scores, 0.1, &trained, &[]);
        let [EventKind::Evaluated { evaluation, .. }] = &lines[..] else { panic!("{lines:?}") };
        assert_eq!(evaluation.step, u64::from(epoch) * 3);
    }
    assert_eq!(member.best.as_ref().map(|(best, value)| (best.epoch, *value)), Some((2, 0.75)));
    let left = member.trained(Product::default(), Vec::new());
    assert_eq!((left.best.epoch, left.best.trained[0]), (2, 2.0));
    // All that it trains are LayerNorms.
    let scalars = left.best.trained.len();
    assert_eq!(left.norms, [1.0, 2.0, 3.0, 4.0].map(|value| vec![value; scalars]));
}

#[test]
fn an_epoch_that_ended_before_its_checkpoint_was_scored_is_scored_again() {
    let spec = spec(Task::sentiment(), 1);
    let evaluation = Evaluation {
        epoch: 1,
        step: 3,
        scores: vec![Score { metric: Metric::Accuracy, set: 0, value: 0.75 }],
        elapsed_secs: 0.1,
    };
    let logged =
        Logged { step: 3, evaluations: vec![evaluation.clone()], elapsed_secs: 1.0, arithmetic: None };
    let (run, reported, notes) = (spec.id().unwrap(), Default::default(), Vec::new());
    let job = Job {
        run,
        spec,
        trainable: 1,
        model: String::new(),
        delta: None,
        data: None,
        alone: false,
        reported,
        expected_secs: 0.0,
        notes,
        bracket: None,
        logged,
    };
    let model = crate::model::open("builtin:tiny").unwrap();
    let goes_on = |norms: Vec<Vec<f32>>| {
        let state = MemberState { steps: 3, trained: Vec::new(), first: Vec::new(), second: Vec::new() };
        let best = Product { epoch: norms.len() as u32, ..Product::default() };
        Member::new(
            &job,
            &model,
            10,
            Some(Checkpoint { state, best, norms, answers: Vec::new(), arithmetic: None }),
        )
        .unwrap()
    };
    let mut before = goes_on(Vec::new());
    assert_eq!((before.epoch_ended(), before.best.is_none()), (Some(1), true));
    let trained = vec![7.0; before.joins().trains.len()];
    // The log has the line, but only now is there what it speaks of.
    assert!(before.evaluated(1, evaluation.scores, 0.1, &trained, &[vec![0.5]]).is_empty());
    let left = before.trained(Product::default(), Vec::new());
    assert_eq!((left.best.epoch, left.best.predictions, left.norms), (1, vec![vec![0.5]], vec![trained]));
    assert_eq!(goes_on(vec![Vec::new()]).epoch_ended(), None);
}

#[test]
fn a_checkpoint_waits_for_the_end_of_a_line_of_points() {
    let (mut member, data) = (member(), data());
    let step = |member: &mut Member| {
        member.batch(&data);
        member.stepped(report(0.5, 1.0), 10, 0.1)
    };
    assert!(step(&mut member).is_empty());
    member.mark_due();
    assert!(!member.wants_checkpoint());
    // An epoch's scores come behind its points.
    let score = Score { metric: Metric::Accuracy, set: 0, value: 0.5 };
    member.evaluated(1, vec![score], 0.1, &[0.0; 5000], &[]);
    assert!(member.wants_checkpoint());
    let state = MemberState { steps: 3, trained: Vec::new(), first: Vec::new(), second: Vec::new() };
    member.checkpoint(state);
    assert!(!member.wants_checkpoint());
}

#[test]
fn several_batches_are_one_step() {
    let mut member = member_of(RunSpec { gradient_accumulation: 2, ..spec(Task::sentiment(), 1) });
    let data = data();
    let sizes: Vec<usize> = (0..4).map(|i| at(&mut member, i).batch(&data).len()).collect();
    assert_eq!((sizes, member.schedule.steps), (vec![8, 2, 8, 2], 8));
}

#[test]
fn patience_ends_with_an_epoch_and_a_tie_is_not_better() {
    let accuracy = |value| vec![Score { metric: Metric::Accuracy, set: 0, value }];
    let ended = |patience: Option<u32>, values: &[f64]| {
        let mut member = member_of(RunSpec { early_stopping: patience, ..spec(Task::sentiment(), 1) });
        let last = (1..).zip(values).find(|(epoch, value)| {
            member.step = 3 * *epoch as usize;
            let last = member.ends_with(*epoch, &accuracy(**value));
            member.evaluated(*epoch, accuracy(**value), 0.1, &[0.0; 5000], &[]);
            last
        });
        (last.map(|(epoch, _)| epoch), member.stopped_after)
    };
    assert_eq!(ended(Some(1), &[0.5, 0.5, 0.9, 0.9]), (Some(2), Some(2)));
    assert_eq!(ended(Some(2), &[0.5, 0.4, 0.6, 0.6]), (Some(4), None));
    assert_eq!(ended(Some(2), &[f64::NAN, f64::NAN, f64::NAN, 0.6]), (Some(3), Some(3)));
    assert_eq!(ended(None, &[0.5, 0.4, 0.3, 0.2]), (Some(4), None));
}
