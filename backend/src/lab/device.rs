//! The device's owner.

use super::LabError;
use super::foreman::Command;
use super::job::Job;
use super::places::{Capacity, Order, Place, PlaceId, Report};
use super::training::{Ended, TrainContext, failures, train};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use tunemask_shared::places::HERE;

/// Starts the thread that owns a device. It trains one gang at a time and says when it is idle.
pub(super) fn start(
    context: TrainContext,
    place: PlaceId,
    foreman: SyncSender<Command>,
) -> Result<Place, LabError> {
    let (orders, jobs) = sync_channel(1);
    let thread = thread::Builder::new()
        .name("device".into())
        .spawn(move || work(&context, place, &jobs, &foreman))
        .map_err(|e| LabError::Thread(e.into()))?;
    Ok(Place { name: HERE.into(), orders, thread, capacity: Capacity::OneGang })
}

fn work(context: &TrainContext, place: PlaceId, orders: &Receiver<Order>, foreman: &SyncSender<Command>) {
    while let Ok(order) = orders.recv() {
        let runs = order.runs();
        let ended = order.gangs.into_iter().map(|gang| train_guarded(&gang, context));
        // The first that is not over ends the order.
        let ended =
            ended.into_iter().find(|ended| !matches!(ended, Ok(Ended::Over))).unwrap_or(Ok(Ended::Over));
        if foreman.send(Command::Idle(Report { place, runs, ended })).is_err() {
            return;
        }
    }
}

/// Trains a gang; should that panic, its runs fail.
///
/// # Errors
/// The log cannot be written.
pub(super) fn train_guarded(gang: &[Job], context: &TrainContext) -> Result<Ended, LabError> {
    guarded(|| train(gang, context)).unwrap_or_else(|panic| {
        tracing::error!("training panicked: {panic}");
        // Whatever the gang shared with the next one may be half made.
        context.resources.clear();
        let reason = format!("stopped by an internal error of tunemask ({panic}); please report it");
        let left: Vec<Job> = {
            let state = context.journal.feed().state();
            let open = |job: &&Job| state.runs.get(&job.run).is_some_and(|r| !r.status.is_over());
            gang.iter().filter(open).cloned().collect()
        };
        context.journal.append(failures(&left, &reason)).map(|()| Ended::Over)
    })
}

/// What `work` gives, or what it said when it panicked.
pub(super) fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic: Box<dyn Any + Send>| {
        let text = panic.downcast_ref::<String>().cloned();
        text.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()))
            .unwrap_or_else(|| "no reason was given".into())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifacts::Artifacts;
    use crate::lab::journal::Journal;
    use crate::lab::plan::ExperimentPlan;
    use crate::lab::queued_run::QueuedRun;
    use crate::store::Store;
    use std::sync::Arc;
    use tunemask_shared::event::{EventKind, ExperimentId};
    use tunemask_shared::experiment::Experiment;
    use tunemask_shared::run::{Precision, RunStatus};
    use tunemask_shared::state::LabState;

    #[test]
    fn a_panic_is_an_answer() {
        assert_eq!(guarded(|| 7), Ok(7));
        assert_eq!(guarded(|| panic!("step {}", 3)).unwrap_err(), "step 3");
        assert_eq!(guarded(|| panic!("plain")).unwrap_err(), "plain");
    }

    #[test]
    fn a_run_that_panics_or_needs_another_device_fails_and_the_next_one_trains() {
        let home = tempfile::tempdir().unwrap();
        let store = Store::open(home.path()).unwrap();
        let (journal, feed, _thread) = Journal::start(store, LabState::default()).unwrap();
        let context = TrainContext {
            device: tunemask_engine::Device::cpu(),
            journal: journal.clone(),
            control: Arc::default(),
            resources: Arc::default(),
            artifacts: Artifacts::new(home.path()),
            node: crate::cluster::node(&tunemask_engine::Device::cpu(), None),
            repeats: crate::lab::curve::Repeats::LeftOut,
        };
        let experiment = Experiment {
            tasks: vec!["sentiment".into()],
            masks: vec!["frozen".into()],
            learning_rates: vec![1e-3],
            seeds: vec![1, 2, 3],
            epochs: Some(1),
            train_limit: Some(8),
            eval_limit: Some(4),
            ..Experiment::default()
        };
        let mut plan = ExperimentPlan::make(&experiment, &context.resources, &context.device).unwrap();
        // No experiment is valid with it: the loop divides by it.
        plan.runs[0].queued.spec.batch_size = 0;
        // As one that a program with a GPU left in the queue.
        plan.runs[2].queued.spec.precision = Some(Precision::Bf16);
        let runs: Vec<_> = plan.runs.iter().map(|planned| planned.queued.spec.id().unwrap()).collect();
        let queued = plan.runs.into_iter().zip(&runs);
        let mut lines: Vec<EventKind> =
            queued.map(|(planned, run)| QueuedRun { run: run.clone(), ..planned.queued }.line()).collect();
        let experiment = plan.experiment;
        lines.push(EventKind::Created {
            experiment_id: ExperimentId(1),
            experiment,
            runs: runs.clone(),
            plan: None,
        });
        journal.append(lines).unwrap();

        let (foreman, orders) = sync_channel(4);
        let device = start(context, PlaceId(0), foreman).unwrap();
        for run in &runs {
            let job = Job::find(&feed.state(), std::slice::from_ref(run));
            device.orders.send(Order { gangs: vec![job] }).unwrap();
            assert!(matches!(orders.recv().unwrap(), Command::Idle(Report { ended: Ok(Ended::Over), .. })));
        }
        drop(device.orders);
        device.thread.join().unwrap();
        let state = feed.state();
        let failed = &state.runs[&runs[0]];
        let reason = failed.failure.as_deref().unwrap();
        assert_eq!(failed.status, RunStatus::Failed);
        assert!(reason.contains("internal error of tunemask") && reason.contains("divi"), "{reason}");
        assert_eq!(state.runs[&runs[1]].status, RunStatus::Finished);
        let other = state.runs[&runs[2]].failure.as_deref().unwrap();
        assert!(other.contains("--dtype bf16"), "{other}");
    }
}
