//! Signals to the runs that train.

use std::collections::HashSet;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use tunemask_shared::run::RunId;

/// Signals to the runs that train, read between two steps.
#[derive(Debug, Default)]
pub(super) struct Control {
    signals: Mutex<Signals>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Signals {
    paused: bool,
    stopped: bool,
    cancelled: HashSet<RunId>,
}

/// What to do before the next step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    /// Take it, without these runs.
    Continue(Vec<RunId>),
    /// Take no more: the program ends.
    Stop,
}

impl Control {
    fn signals(&self) -> MutexGuard<'_, Signals> {
        // A panic elsewhere leaves the signals as they are: plain flags, never half written.
        self.signals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Signals)) {
        change(&mut self.signals());
        self.changed.notify_all();
    }

    pub(super) fn pause(&self) {
        self.change(|s| s.paused = true);
    }

    pub(super) fn resume(&self) {
        self.change(|s| s.paused = false);
    }

    pub(super) fn stop(&self) {
        self.change(|s| s.stopped = true);
    }

    pub(super) fn cancel(&self, runs: impl IntoIterator<Item = RunId>) {
        self.change(|s| s.cancelled.extend(runs));
    }

    /// Forgets that these were cancelled: their gang is over.
    pub(super) fn forget(&self, runs: &HashSet<RunId>) {
        self.change(|s| s.cancelled.retain(|run| !runs.contains(run)));
    }

    /// Those of these runs that are to end.
    pub(super) fn cancelled<'a>(&self, runs: impl IntoIterator<Item = &'a RunId>) -> Vec<RunId> {
        let signals = self.signals();
        runs.into_iter().filter(|run| signals.cancelled.contains(*run)).cloned().collect()
    }

    /// Whether the next [`Control::wait_for_signals`] would wait.
    pub(super) fn is_paused(&self) -> bool {
        self.signals().paused
    }

    /// Whether the program ends.
    pub(super) fn is_stopped(&self) -> bool {
        self.signals().stopped
    }

    /// Waits while the queue is paused, unless there is something else to do.
    pub(super) fn wait_for_signals<'a>(&self, runs: impl Iterator<Item = &'a RunId> + Clone) -> Signal {
        let mut signals = self.signals();
        loop {
            let cancelled: Vec<RunId> =
                runs.clone().filter(|run| signals.cancelled.contains(*run)).cloned().collect();
            if signals.stopped {
                return Signal::Stop;
            }
            if !signals.paused || !cancelled.is_empty() {
                return Signal::Continue(cancelled);
            }
            signals = self.changed.wait(signals).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn a_pause_waits_for_resume_cancel_or_the_end() {
        let runs = [RunId("a".into()), RunId("b".into())];
        let control = Arc::new(Control::default());
        assert_eq!(control.wait_for_signals(runs.iter()), Signal::Continue(vec![]));
        type SendSignal = fn(&Control);
        let cancel: SendSignal = |c| c.cancel([RunId("b".into()), RunId("elsewhere".into())]);
        let cancelled = Signal::Continue(vec![runs[1].clone()]);
        for (signal, want) in
            [(cancel, cancelled), (Control::resume, Signal::Continue(vec![])), (Control::stop, Signal::Stop)]
        {
            control.pause();
            control.forget(&[RunId("b".into()), RunId("elsewhere".into())].into());
            let (waiting, runs) = (control.clone(), runs.clone());
            let waits = std::thread::spawn(move || waiting.wait_for_signals(runs.iter()));
            std::thread::sleep(std::time::Duration::from_millis(30));
            assert!(!waits.is_finished());
            signal(&control);
            assert_eq!(waits.join().unwrap(), want);
        }
    }
}
