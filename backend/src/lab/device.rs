use super::LabError;
use super::foreman::Command;
use super::job::Job;
use super::training::{Workplace, failures, train};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

/// Starts the thread that owns a device. It trains one gang at a time and says when it is idle.
pub(super) fn start(
    place: Workplace,
    foreman: SyncSender<Command>,
) -> Result<(SyncSender<Vec<Job>>, JoinHandle<()>), LabError> {
    let (sender, jobs) = sync_channel(1);
    let thread = thread::Builder::new()
        .name(place.device.clone())
        .spawn(move || work(&place, &jobs, &foreman))
        .map_err(|e| LabError::Thread(e.to_string()))?;
    Ok((sender, thread))
}

fn work(place: &Workplace, jobs: &Receiver<Vec<Job>>, foreman: &SyncSender<Command>) {
    while let Ok(gang) = jobs.recv() {
        let done = guarded(|| train(&gang, place)).unwrap_or_else(|panic| {
            tracing::error!("training panicked: {panic}");
            // Whatever the gang shared with the next one may be half made.
            place.resources.clear();
            let reason = format!("stopped by a fault of tunemask itself ({panic}); please report it");
            let left: Vec<Job> = {
                let state = place.journal.feed().state();
                gang.into_iter()
                    .filter(|j| state.runs.get(&j.run).is_some_and(|r| !r.status.is_over()))
                    .collect()
            };
            place.journal.append(failures(&left, &reason))
        });
        if foreman.send(Command::Idle(done)).is_err() {
            return;
        }
    }
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
    #[test]
    fn a_panic_is_an_answer() {
        assert_eq!(super::guarded(|| 7), Ok(7));
        assert_eq!(super::guarded(|| panic!("step {}", 3)).unwrap_err(), "step 3");
        assert_eq!(super::guarded(|| panic!("plain")).unwrap_err(), "plain");
    }
}
