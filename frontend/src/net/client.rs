//! What the page asks of the server, and the answers, as signals.

/// What becomes of an answer, and of a request that gets none.
mod answers;
/// What is asked of a text.
mod predictions;
/// What happened to a run.
mod run_log;

use super::link::Link;
use super::socket::Socket;
use leptos::prelude::*;
use std::collections::BTreeMap;
use tunemask_shared::annotation::Annotation;
use tunemask_shared::comparison::Comparison;
use tunemask_shared::dataset::{DataQuestion, DataSettings, OwnData, SavedSettings};
use tunemask_shared::event::ExperimentId;
use tunemask_shared::experiment::{Experiment, FieldError};
use tunemask_shared::facts::{Facts, OnMachine};
use tunemask_shared::hub::{Download, RepositoryKind};
use tunemask_shared::keep_weights::KeepWeights;
use tunemask_shared::machine::Machine;
use tunemask_shared::norms::NormHistogram;
use tunemask_shared::plan::Plan;
use tunemask_shared::prediction::{Prediction, TextExample};
use tunemask_shared::protocol::FromPage;
use tunemask_shared::queue::QueuePlace;
use tunemask_shared::report::{Report, ReportRequest};
use tunemask_shared::run::RunId;
use tunemask_shared::run_log::RunLog;
use tunemask_shared::shape::ModelShape;
use tunemask_shared::storage::Storage;
use tunemask_shared::watched::Watch;

/// What became of a request to start.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// It is queued.
    Accepted(ExperimentId),
    /// It cannot be run.
    Rejected(Vec<FieldError>),
    /// The connection broke before an answer came.
    Unknown,
}

/// A model and a data folder to be looked at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Question {
    /// The model, as the form has it.
    pub model: String,
    /// The data folder, if there is one.
    pub data: Option<String>,
}

impl Question {
    /// About an experiment's model alone.
    pub fn of_model(experiment: &Experiment) -> Question {
        Question { model: experiment.model.clone(), data: None }
    }

    /// About an experiment's model and data.
    pub fn about(experiment: &Experiment) -> Question {
        Question { model: experiment.model.clone(), data: experiment.data.clone() }
    }
}

/// A request that waits for its answer.
enum Request {
    Inspect(Question),
    OnMachine,
    Download(RepositoryKind, String),
    CheckData(Box<DataQuestion>),
    SaveData,
    Start,
    Plan,
    Experiment(ExperimentId),
    Norms(NormQuestion),
    Report,
    Predict,
    Examples,
    Annotate,
    DiskUse(ExperimentId),
    Delete,
    Storage(ExperimentId, KeepWeights),
    KeepWeights,
    Machine,
    RunLog(RunId),
}

/// LayerNorms whose values are asked for, and the mask that selects some of them.
#[derive(Clone, Debug, PartialEq)]
pub struct NormQuestion {
    /// Whose model and switches are asked about.
    pub experiment: Box<Experiment>,
    /// The mask.
    pub mask: String,
    /// The seed of the run.
    pub seed: u64,
}

/// The answer to a [`NormQuestion`], or why there is none.
pub type Norms = Result<Vec<NormHistogram>, String>;

/// What would be deleted with an experiment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskUse {
    /// Runs that are in no other experiment.
    pub runs: u32,
    /// Bytes of their files.
    pub bytes: u64,
}

/// What the runs of an experiment take on the disk, and what a rule would give back.
#[derive(Clone, Debug, PartialEq)]
pub struct StorageAnswer {
    /// The experiment that was asked about.
    pub experiment_id: ExperimentId,
    /// The rule.
    pub rule: KeepWeights,
    /// What they take, or why that is not known.
    pub storage: Result<Storage, String>,
}

/// Requests and their answers. Copies are the same client.
#[derive(Clone, Copy)]
pub struct Client {
    socket: Socket,
    /// What is known about models and folders.
    pub facts: RwSignal<BTreeMap<Question, Facts>>,
    /// Models and data on the server's machine; `None` until they are known.
    pub on_machine: RwSignal<Option<OnMachine>>,
    /// How far downloads are that the server was asked about.
    pub downloads: RwSignal<BTreeMap<(RepositoryKind, String), Download>>,
    /// What was asked last about data of the user's own, with the answer; `None` until one comes.
    pub own_data: RwSignal<Option<(DataQuestion, Option<OwnData>)>>,
    /// What became of the settings that were to be written last; `None` until that is known.
    pub data_saved: RwSignal<Option<SavedSettings>>,
    /// The answer to the last start.
    pub answer: RwSignal<Option<Answer>>,
    /// What the experiment asked about last would take, or why it cannot be run; `None` until that is known.
    pub planned: RwSignal<Option<Result<Plan, String>>>,
    /// What was asked for with the experiment asked about last, `None` if there is no such; `None` until that is known.
    pub experiment: RwSignal<Option<(ExperimentId, Option<Experiment>)>>,
    /// What was asked last about LayerNorms, with the answer; `None` until one comes.
    pub norms: RwSignal<Option<(NormQuestion, Norms)>>,
    /// The report asked for last, or why there is none; `None` until it comes.
    pub reported: RwSignal<Option<Result<Report, String>>>,
    /// What runs say of the text asked about last, or why nothing; `None` until it comes.
    pub predicted: RwSignal<Option<Result<Prediction, String>>>,
    /// The examples asked for last, or why there are none; `None` until they come.
    pub examples: RwSignal<Option<Result<Vec<TextExample>, String>>>,
    /// What became of what was to be written on an experiment last; `None` until that is known.
    pub annotated: RwSignal<Option<Result<(), String>>>,
    /// What would be deleted with the experiment asked about last; `None` until that is known.
    pub disk_use: RwSignal<Option<(ExperimentId, DiskUse)>>,
    /// What was answered of the disk last; `None` before.
    pub storage: RwSignal<Option<StorageAnswer>>,
    /// How busy the server's machine is, as it was told last; `None` until it is.
    pub machine: RwSignal<Option<Machine>>,
    /// What happened to the run that was asked about last; `None` until that is known.
    run_log: RwSignal<Option<(RunId, RunLog)>>,
    /// Runs that were cancelled from here last, until that is undone or the notice dismissed.
    pub cancelled: RwSignal<Option<Vec<RunId>>>,
    /// What the server refused, until it is dismissed.
    pub refusal: RwSignal<Option<String>>,
    waiting: StoredValue<BTreeMap<u32, Request>>,
    /// What is planned next: planning a large model takes seconds, so one is asked at a time, and the latest after it.
    next_plan: StoredValue<Option<Box<Experiment>>>,
    /// What is asked next about the user's own data, likewise: large files take a while.
    next_check: StoredValue<Option<Box<DataQuestion>>>,
    /// What is asked next about LayerNorms, likewise: a large model is read for it.
    next_norms: StoredValue<Option<NormQuestion>>,
    /// The run that is asked about next.
    next_log: StoredValue<Option<RunId>>,
    last_request: StoredValue<u32>,
}

impl Client {
    /// Has asked nothing yet.
    pub fn new(socket: Socket) -> Client {
        Client {
            socket,
            facts: RwSignal::new(BTreeMap::new()),
            on_machine: RwSignal::new(None),
            downloads: RwSignal::new(BTreeMap::new()),
            own_data: RwSignal::new(None),
            data_saved: RwSignal::new(None),
            answer: RwSignal::new(None),
            planned: RwSignal::new(None),
            experiment: RwSignal::new(None),
            norms: RwSignal::new(None),
            reported: RwSignal::new(None),
            predicted: RwSignal::new(None),
            examples: RwSignal::new(None),
            annotated: RwSignal::new(None),
            disk_use: RwSignal::new(None),
            storage: RwSignal::new(None),
            machine: RwSignal::new(None),
            run_log: RwSignal::new(None),
            cancelled: RwSignal::new(None),
            refusal: RwSignal::new(None),
            waiting: StoredValue::new(BTreeMap::new()),
            next_plan: StoredValue::new(None),
            next_check: StoredValue::new(None),
            next_norms: StoredValue::new(None),
            next_log: StoredValue::new(None),
            last_request: StoredValue::new(0),
        }
    }

    /// Whether the server can be asked, and what is shown is what is.
    pub fn is_live(&self) -> bool {
        self.socket.link.with(|link| *link == Link::Live)
    }

    /// Whether the first connection is being made.
    pub fn is_connecting(&self) -> bool {
        self.socket.link.with(|link| *link == Link::Connecting)
    }

    /// Asks about a model and a data folder; the answer comes into [`Client::facts`].
    pub fn inspect(&self, question: Question) {
        let Question { model, data } = question.clone();
        self.ask(Request::Inspect(question), |request| FromPage::Inspect { request, model, data });
    }

    /// Asks about a model and a data folder unless that is known.
    pub fn know(&self, question: Question) {
        if self.facts.with_untracked(|facts| !facts.contains_key(&question)) {
            self.inspect(question);
        }
    }

    /// The shape of a model that was asked about, once it is known.
    pub fn shape(&self, question: &Question) -> Option<ModelShape> {
        self.facts.with(|facts| Some(facts.get(question)?.model.as_ref()?.as_ref().ok()?.shape))
    }

    /// Asks what is on the server's machine; the answer comes into [`Client::on_machine`].
    pub fn look_around(&self) {
        self.ask(Request::OnMachine, |request| FromPage::OnMachine { request });
    }

    /// Begins a download; how far it is comes into [`Client::downloads`].
    pub fn begin_download(&self, kind: RepositoryKind, name: String) {
        let asked = Request::Download(kind, name.clone());
        self.ask(asked, |request| FromPage::Download { request, name, kind, begin: true });
    }

    /// Asks how far a download is; the answer comes into [`Client::downloads`].
    pub fn ask_download(&self, kind: RepositoryKind, name: String) {
        let asked = Request::Download(kind, name.clone());
        self.ask(asked, |request| FromPage::Download { request, name, kind, begin: false });
    }

    /// Asks about data of the user's own; the answer comes into [`Client::own_data`], unless something else is asked meanwhile.
    pub fn check_data(&self, question: Box<DataQuestion>) {
        if self.waits_for(|request| matches!(request, Request::CheckData(_))) {
            self.next_check.set_value(Some(question));
        } else {
            let asked = Request::CheckData(question.clone());
            self.ask(asked, |request| FromPage::CheckData { request, question });
        }
    }

    /// Asks to write a `dataset.toml`; what becomes of it comes into [`Client::data_saved`].
    pub fn save_data(&self, data: Box<DataSettings>) {
        self.data_saved.set(None);
        if !self.ask(Request::SaveData, |request| FromPage::SaveData { request, data }) {
            self.data_saved.set(Some(unsaved()));
        }
    }

    /// Asks to train; the answer comes into [`Client::answer`]. Whether it could be sent.
    pub fn start(&self, experiment: Experiment) -> bool {
        self.answer.set(None);
        let experiment = Box::new(experiment);
        self.ask(Request::Start, |request| FromPage::Start { request, experiment })
    }

    /// Asks what an experiment would take; the answer comes into [`Client::planned`].
    pub fn plan(&self, experiment: Box<Experiment>) {
        if self.waits_for(|request| matches!(request, Request::Plan)) {
            self.next_plan.set_value(Some(experiment));
        } else {
            self.ask(Request::Plan, |request| FromPage::Plan { request, experiment });
        }
    }

    /// Asks for the values of LayerNorms; the answer comes into [`Client::norms`], unless something else is asked meanwhile.
    pub fn ask_norms(&self, question: NormQuestion) {
        if self.waits_for(|request| matches!(request, Request::Norms(_))) {
            self.next_norms.set_value(Some(question));
        } else {
            let NormQuestion { experiment, mask, seed } = question.clone();
            self.ask(Request::Norms(question), |request| FromPage::Norms { request, experiment, mask, seed });
        }
    }

    /// Asks for a report; it comes into [`Client::reported`], unless another is asked for meanwhile.
    pub fn report(&self, experiment_id: ExperimentId, report: Box<ReportRequest>) {
        self.forget(|request| matches!(request, Request::Report));
        self.ask(Request::Report, |request| FromPage::Report { request, experiment_id, report });
    }

    /// Asks for runs or experiments beside each other; the report comes into [`Client::reported`] like any other.
    pub fn compare(&self, comparison: Comparison) {
        self.forget(|request| matches!(request, Request::Report));
        self.ask(Request::Report, |request| FromPage::Compare { request, comparison });
    }

    /// Asks to be told of this part of the lab from now on.
    pub fn watch(&self, watch: Vec<Watch>) {
        self.socket.send(&FromPage::Watch { watch });
    }

    /// Asks what was asked for with an experiment; the answer comes into [`Client::experiment`].
    pub fn ask_experiment(&self, experiment_id: ExperimentId) {
        self.forget(|request| matches!(request, Request::Experiment(_)));
        let asked = Request::Experiment(experiment_id);
        self.ask(asked, |request| FromPage::Experiment { request, experiment_id });
    }

    /// Stops the queue or lets it go on.
    pub fn set_paused(&self, paused: bool) {
        self.socket.send(if paused { &FromPage::Pause } else { &FromPage::Resume });
    }

    /// Ends runs; which ones stays in [`Client::cancelled`].
    pub fn cancel(&self, runs: Vec<RunId>) {
        if self.socket.send(&FromPage::Cancel { runs: runs.clone() }) && !runs.is_empty() {
            self.cancelled.set(Some(runs));
        }
    }

    /// Tries runs again.
    pub fn retry(&self, runs: Vec<RunId>) {
        let sent = self.socket.send(&FromPage::Retry { runs: runs.clone() });
        // Whether by the notice or elsewhere: what is tried again is cancelled no longer.
        let undone = self.cancelled.with_untracked(|c| c.iter().flatten().any(|run| runs.contains(run)));
        if sent && undone {
            self.cancelled.set(None);
        }
    }

    /// Puts what waits of an experiment elsewhere in the queue.
    pub fn move_in_queue(&self, experiment_id: ExperimentId, to: QueuePlace) {
        self.socket.send(&FromPage::Move { experiment_id, to });
    }

    /// Asks how busy the machine is, unless that was asked and is not answered yet; the answer comes into [`Client::machine`].
    pub fn ask_machine(&self) {
        if self.is_live() && !self.waits_for(|request| matches!(request, Request::Machine)) {
            self.ask(Request::Machine, |request| FromPage::Machine { request });
        }
    }

    /// Asks to write on an experiment; what becomes of it comes into [`Client::annotated`]. Whether it could be sent.
    pub fn annotate(&self, experiment_id: ExperimentId, annotation: Annotation) -> bool {
        self.annotated.set(None);
        self.ask(Request::Annotate, |request| FromPage::Annotate { request, experiment_id, annotation })
    }

    /// Asks what would be deleted with an experiment; the answer comes into [`Client::disk_use`].
    pub fn ask_disk_use(&self, experiment_id: ExperimentId) {
        self.disk_use.set(None);
        self.ask(Request::DiskUse(experiment_id), |request| FromPage::DiskUse { request, experiment_id });
    }

    /// Asks to delete an experiment. Whether it could be sent.
    pub fn delete(&self, experiment_id: ExperimentId) -> bool {
        self.ask(Request::Delete, |request| FromPage::Delete { request, experiment_id })
    }

    /// Asks what an experiment's runs take on the disk, and what a rule would give back; the answer comes into
    /// [`Client::storage`], unless something else is asked meanwhile.
    pub fn ask_storage(&self, experiment_id: ExperimentId, rule: KeepWeights) {
        self.forget(|request| matches!(request, Request::Storage(..)));
        let asked = Request::Storage(experiment_id, rule);
        self.ask(asked, |request| FromPage::Storage { request, experiment_id, rule });
    }

    /// Asks to keep the weights of an experiment's runs by a rule from now on. Whether it could be sent.
    pub fn keep_weights(&self, experiment_id: ExperimentId, rule: KeepWeights) -> bool {
        self.ask(Request::KeepWeights, |request| FromPage::KeepWeights { request, experiment_id, rule })
    }

    /// Sends a request with a number of its own, and remembers it. Whether it could be sent; if not, no answer comes.
    fn ask(&self, request: Request, message: impl FnOnce(u32) -> FromPage) -> bool {
        self.last_request.update_value(|number| *number += 1);
        let number = self.last_request.get_value();
        let sent = self.socket.send(&message(number));
        if sent {
            self.waiting.update_value(|waiting| {
                waiting.insert(number, request);
            });
        }
        sent
    }

    fn answered(&self, number: u32) -> Option<Request> {
        self.waiting.try_update_value(|waiting| waiting.remove(&number)).flatten()
    }

    fn waits_for(&self, kind: fn(&Request) -> bool) -> bool {
        self.waiting.with_value(|waiting| waiting.values().any(kind))
    }

    fn forget(&self, kind: fn(&Request) -> bool) {
        self.waiting.update_value(|waiting| waiting.retain(|_, request| !kind(request)));
    }
}

/// What became of settings of which no answer came.
fn unsaved() -> SavedSettings {
    SavedSettings::Failed { reason: "The connection was lost; save again when it is back.".into() }
}

/// The client of this page.
pub fn use_client() -> Client {
    expect_context::<Client>()
}
