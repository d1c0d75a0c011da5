//! What happened to a run.

use super::{Client, Request};
use leptos::prelude::*;
use tunemask_shared::protocol::FromPage;
use tunemask_shared::run::RunId;
use tunemask_shared::run_log::RunLog;

impl Client {
    /// Asks what happened to a run; the answer comes into [`Client::run_log`]. What is asked before the answer came is asked
    /// after it: runs of short epochs have new lines faster than they travel.
    pub fn ask_run_log(&self, run: RunId) {
        if self.waits_for(|request| matches!(request, Request::RunLog(_))) {
            self.next_log.set_value(Some(run));
        } else {
            self.ask(Request::RunLog(run.clone()), |request| FromPage::RunLog { request, run });
        }
    }

    /// Reads what is known of what happened to a run, if that was asked last. Tracks it.
    pub fn with_run_log<T>(&self, run: &RunId, read: impl FnOnce(&RunLog) -> T) -> Option<T> {
        self.run_log.with(|known| known.as_ref().filter(|(of, _)| of == run).map(|(_, log)| read(log)))
    }

    pub(super) fn take_run_log(&self, request: u32, log: RunLog) {
        if let Some(Request::RunLog(run)) = self.answered(request) {
            self.run_log.set(Some((run, log)));
            if let Some(next) = self.next_log.try_update_value(Option::take).flatten() {
                self.ask_run_log(next);
            }
        }
    }

    /// The connection broke: who shows a log asks again when it is back.
    pub(super) fn run_log_lost(&self) {
        self.forget(|request| matches!(request, Request::RunLog(_)));
        self.next_log.set_value(None);
    }
}
