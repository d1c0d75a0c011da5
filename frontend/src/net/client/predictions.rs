//! What is asked of a text of the reader's own.

use super::{Client, Request};
use leptos::prelude::*;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::prediction::PredictionQuestion;
use tunemask_shared::protocol::FromPage;
use tunemask_shared::task::TaskName;

/// What is said where the connection was lost before an answer came.
const LOST: &str = "The connection was lost; ask again when it is back.";

impl Client {
    /// Asks what the runs of an experiment say of a text; the answer comes into [`Client::predicted`], unless another is asked
    /// meanwhile. Whether it could be sent.
    pub fn predict(&self, experiment_id: ExperimentId, question: Box<PredictionQuestion>) -> bool {
        self.predicted.set(None);
        self.forget(|request| matches!(request, Request::Predict));
        let sent =
            self.ask(Request::Predict, |request| FromPage::Predict { request, experiment_id, question });
        if !sent {
            self.predicted.set(Some(Err(LOST.into())));
        }
        sent
    }

    /// Says that the answer is not waited for any longer.
    pub fn stop_predicting(&self) {
        if self.waits_for(|request| matches!(request, Request::Predict)) {
            self.forget(|request| matches!(request, Request::Predict));
            self.socket.send(&FromPage::StopPredicting);
        }
    }

    /// Asks for examples of a task; they come into [`Client::examples`].
    pub fn ask_examples(&self, experiment_id: ExperimentId, task: Option<TaskName>) {
        self.examples.set(None);
        self.forget(|request| matches!(request, Request::Examples));
        self.ask(Request::Examples, |request| FromPage::Examples { request, experiment_id, task });
    }

    /// The connection broke: an answer that was waited for does not come.
    pub(super) fn predictions_lost(&self) {
        if self.waits_for(|request| matches!(request, Request::Predict)) {
            self.forget(|request| matches!(request, Request::Predict));
            self.predicted.set(Some(Err(LOST.into())));
        }
    }
}
