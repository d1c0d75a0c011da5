//! Answers to the page's requests, each to the signal of what was asked. An answer to no request that waits changes nothing.

use super::{Answer, Client, DiskUse, NormQuestion, Norms, Request, StorageAnswer, unsaved};
use leptos::prelude::*;
use tunemask_shared::dataset::SavedSettings;
use tunemask_shared::experiment::FieldError;
use tunemask_shared::plan::Plan;
use tunemask_shared::protocol::FromServer;

impl Client {
    /// Takes a message that answers a request; gives back any other.
    pub(in crate::net) fn take_answer(&self, message: FromServer) -> Option<FromServer> {
        match message {
            FromServer::Facts { request, facts } => {
                if let Some(Request::Inspect(question)) = self.answered(request) {
                    self.facts.update(|known| {
                        known.insert(question, facts);
                    });
                }
            }
            FromServer::OnMachine { request, found } => {
                if let Some(Request::OnMachine) = self.answered(request) {
                    self.on_machine.set(Some(found));
                }
            }
            FromServer::Download { request, download } => {
                if let Some(Request::Download(kind, name)) = self.answered(request) {
                    self.downloads.update(|known| {
                        known.insert((kind, name), download);
                    });
                }
            }
            FromServer::OwnData { request, own } => {
                if let Some(Request::CheckData(question)) = self.answered(request) {
                    match self.next_check.try_update_value(Option::take).flatten() {
                        Some(next) => self.check_data(next),
                        None => self.own_data.set(Some((*question, own.map(|own| *own)))),
                    }
                }
            }
            FromServer::DataSaved { request, saved } => {
                if let Some(Request::SaveData) = self.answered(request) {
                    self.data_saved.set(Some(saved));
                }
            }
            FromServer::Accepted { request, experiment_id } => {
                if let Some(Request::Start) = self.answered(request) {
                    self.answer.set(Some(Answer::Accepted(experiment_id)));
                }
            }
            FromServer::Planned { request, plan } => {
                if let Some(Request::Plan) = self.answered(request) {
                    self.take_plan(Ok(plan));
                }
            }
            FromServer::Experiment { request, experiment } => {
                if let Some(Request::Experiment(of)) = self.answered(request) {
                    self.experiment.set(Some((of, experiment.map(|experiment| *experiment))));
                }
            }
            FromServer::Norms { request, norms } => {
                if let Some(Request::Norms(question)) = self.answered(request) {
                    self.take_norms(question, Ok(norms));
                }
            }
            FromServer::Reported { request, report } => {
                if let Some(Request::Report) = self.answered(request) {
                    self.reported.set(Some(Ok(report)));
                }
            }
            FromServer::Predicted { request, prediction } => {
                if let Some(Request::Predict) = self.answered(request) {
                    self.predicted.set(Some(Ok(*prediction)));
                }
            }
            FromServer::Examples { request, examples } => {
                if let Some(Request::Examples) = self.answered(request) {
                    self.examples.set(Some(Ok(examples)));
                }
            }
            FromServer::DiskUse { request, runs, bytes } => {
                if let Some(Request::DiskUse(of)) = self.answered(request) {
                    self.disk_use.set(Some((of, DiskUse { runs, bytes })));
                }
            }
            FromServer::Storage { request, storage } => {
                if let Some(Request::Storage(experiment_id, rule)) = self.answered(request) {
                    self.storage.set(Some(StorageAnswer { experiment_id, rule, storage: Ok(storage) }));
                }
            }
            FromServer::Machine { request, machine } => {
                if let Some(Request::Machine) = self.answered(request) {
                    self.machine.set(Some(machine));
                }
            }
            FromServer::RunLog { request, log } => self.take_run_log(request, log),
            FromServer::Done { request } => {
                if let Some(Request::Annotate) = self.answered(request) {
                    self.annotated.set(Some(Ok(())));
                }
            }
            FromServer::Rejected { request, errors } => self.take_rejection(request, errors),
            FromServer::Refused { request, reason } => self.take_refusal(request, reason),
            other @ (FromServer::Welcome { .. } | FromServer::Snapshot { .. }) => return Some(other),
            other @ (FromServer::Changed { .. } | FromServer::Watched { .. }) => return Some(other),
            other @ (FromServer::Events { .. } | FromServer::Series { .. }) => return Some(other),
        }
        None
    }

    fn take_norms(&self, question: NormQuestion, norms: Norms) {
        match self.next_norms.try_update_value(Option::take).flatten() {
            Some(next) => self.ask_norms(next),
            None => self.norms.set(Some((question, norms))),
        }
    }

    fn take_plan(&self, plan: Result<Plan, String>) {
        match self.next_plan.try_update_value(Option::take).flatten() {
            Some(next) => self.plan(next),
            None => self.planned.set(Some(plan)),
        }
    }

    /// What was asked for is not waited for any longer: the form's button works again, another plan can be asked for.
    fn take_refusal(&self, request: Option<u32>, reason: String) {
        match request.and_then(|request| self.answered(request)) {
            Some(Request::Start) => self.answer.set(Some(Answer::Rejected(Vec::new()))),
            Some(Request::Plan) => self.take_plan(Err(reason.clone())),
            Some(Request::Norms(question)) => self.take_norms(question, Err(reason.clone())),
            Some(Request::Report) => self.reported.set(Some(Err(reason.clone()))),
            Some(Request::Predict) => self.predicted.set(Some(Err(reason.clone()))),
            Some(Request::Examples) => self.examples.set(Some(Err(reason.clone()))),
            Some(Request::SaveData) => {
                self.data_saved.set(Some(SavedSettings::Failed { reason: reason.clone() }));
            }
            Some(Request::CheckData(_)) => {
                if let Some(next) = self.next_check.try_update_value(Option::take).flatten() {
                    self.check_data(next);
                }
            }
            Some(Request::Annotate) => self.annotated.set(Some(Err(reason.clone()))),
            Some(Request::Storage(experiment_id, rule)) => {
                // It is said beside what was to be known, which offers another look.
                let storage = Err(reason);
                self.storage.set(Some(StorageAnswer { experiment_id, rule, storage }));
                return;
            }
            Some(Request::Inspect(_) | Request::OnMachine | Request::Download(..)) | None => {}
            Some(Request::DiskUse(_) | Request::Delete | Request::Experiment(_)) => {}
            Some(Request::KeepWeights | Request::Machine | Request::RunLog(_)) => {}
        }
        self.refusal.set(Some(reason));
    }

    fn take_rejection(&self, request: u32, errors: Vec<FieldError>) {
        match self.answered(request) {
            Some(Request::Start) => self.answer.set(Some(Answer::Rejected(errors))),
            Some(Request::Plan) => {
                self.take_plan(Err(errors.into_iter().next().map(|error| error.message).unwrap_or_default()));
            }
            Some(Request::Norms(question)) => {
                let why = errors.into_iter().next().map(|error| error.message).unwrap_or_default();
                self.take_norms(question, Err(why));
            }
            Some(Request::Report) => {
                let messages: Vec<String> = errors.into_iter().map(|error| error.message).collect();
                self.reported.set(Some(Err(messages.join("; "))));
            }
            Some(Request::Predict) => {
                let messages: Vec<String> = errors.into_iter().map(|error| error.message).collect();
                self.predicted.set(Some(Err(messages.join("; "))));
            }
            Some(Request::Examples) => {
                let messages: Vec<String> = errors.into_iter().map(|error| error.message).collect();
                self.examples.set(Some(Err(messages.join("; "))));
            }
            Some(Request::Inspect(_) | Request::OnMachine | Request::Download(..)) | None => {}
            Some(Request::Annotate) => {
                let messages: Vec<String> = errors.into_iter().map(|error| error.message).collect();
                self.annotated.set(Some(Err(messages.join("; "))));
            }
            Some(Request::CheckData(_) | Request::SaveData) => {}
            Some(Request::DiskUse(_) | Request::Delete | Request::Experiment(_)) => {}
            Some(Request::Storage(..) | Request::KeepWeights | Request::Machine | Request::RunLog(_)) => {}
        }
    }

    /// The server starts from a snapshot: a plan or a check that was asked for before may never come.
    pub(in crate::net) fn forget_plans(&self) {
        self.forget(|request| matches!(request, Request::Plan | Request::CheckData(_) | Request::Norms(_)));
        self.forget(|request| matches!(request, Request::Machine));
        self.next_plan.set_value(None);
        self.next_check.set_value(None);
        self.next_norms.set_value(None);
    }

    /// The connection broke: whether a start was taken, or settings were written, is not known.
    pub(in crate::net) fn connection_lost(&self) {
        self.answer.update(|answer| {
            answer.get_or_insert(Answer::Unknown);
        });
        if self.waits_for(|request| matches!(request, Request::Annotate)) {
            self.forget(|request| matches!(request, Request::Annotate));
            self.annotated.set(Some(Err("The connection was lost; save again when it is back.".into())));
        }
        self.predictions_lost();
        self.run_log_lost();
        if self.waits_for(|request| matches!(request, Request::SaveData)) {
            self.forget(|request| matches!(request, Request::SaveData));
            self.data_saved.set(Some(unsaved()));
        }
    }
}
