//! What a page says.

#[cfg(doc)]
use super::{FromServer, PROTOCOL_VERSION};
use crate::annotation::Annotation;
use crate::comparison::Comparison;
use crate::dataset::{DataQuestion, DataSettings};
use crate::event::ExperimentId;
use crate::experiment::Experiment;
use crate::hub::RepositoryKind;
use crate::keep_weights::KeepWeights;
use crate::object::objects_only;
use crate::prediction::PredictionQuestion;
use crate::queue::QueuePlace;
use crate::report::ReportRequest;
use crate::run::RunId;
use crate::task::TaskName;
use crate::watched::Watch;
use serde::{Deserialize, Serialize};

/// What a page says. Its fields stand beside its `type`, where a list cannot stand for them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum FromPage {
    /// The first message of a socket. Whatever was watched before is watched no longer.
    Hello {
        /// [`PROTOCOL_VERSION`] of the page.
        protocol: u32,
    },
    /// Tell of these experiments from now on; answered by [`FromServer::Watched`], unless there are none.
    Watch {
        /// Which, and how much of each.
        watch: Vec<Watch>,
    },
    /// What was asked for with an experiment? Answered by [`FromServer::Experiment`].
    Experiment {
        /// Repeated in the answer.
        request: u32,
        /// The experiment.
        experiment_id: ExperimentId,
    },
    /// What is known about a model and a data folder; answered by [`FromServer::Facts`].
    Inspect {
        /// Repeated in the answer.
        request: u32,
        /// `builtin:tiny`, a folder, or a name of the hub.
        model: String,
        /// A folder of tasks' folders, or a name of the hub.
        data: Option<String>,
    },
    /// Which models and data are on the server's machine; answered by [`FromServer::OnMachine`].
    OnMachine {
        /// Repeated in the answer.
        request: u32,
    },
    /// How far is a download? Answered by [`FromServer::Download`]. A download is the server's: it goes on when the page is gone, and
    /// pages that ask for the same one share it.
    Download {
        /// Repeated in the answer.
        request: u32,
        /// A name of the hub.
        name: String,
        /// What it holds.
        kind: RepositoryKind,
        /// Whether it begins now, unless it goes on already.
        begin: bool,
    },
    /// What is in data of the user's own, and what would be trained on? Answered by [`FromServer::OwnData`].
    CheckData {
        /// Repeated in the answer.
        request: u32,
        /// Which data, read how.
        question: Box<DataQuestion>,
    },
    /// Write what is said of a folder as its `dataset.toml`; answered by [`FromServer::DataSaved`].
    SaveData {
        /// Repeated in the answer.
        request: u32,
        /// What, and where.
        data: Box<DataSettings>,
    },
    /// Validate, queue and train; answered by [`FromServer::Accepted`] or [`FromServer::Rejected`].
    Start {
        /// Repeated in the answer.
        request: u32,
        /// What to train.
        experiment: Box<Experiment>,
    },
    /// What would this take? Answered by [`FromServer::Planned`] or [`FromServer::Rejected`].
    Plan {
        /// Repeated in the answer.
        request: u32,
        /// What would be trained.
        experiment: Box<Experiment>,
    },
    /// Which values of the model's LayerNorms does a mask select? Answered by [`FromServer::Norms`] or [`FromServer::Rejected`].
    Norms {
        /// Repeated in the answer.
        request: u32,
        /// The experiment whose model and switches are asked about.
        experiment: Box<Experiment>,
        /// The mask.
        mask: String,
        /// The seed of the run.
        seed: u64,
    },
    /// Answered by [`FromServer::Reported`] or [`FromServer::Rejected`].
    Report {
        /// Repeated in the answer.
        request: u32,
        /// On which experiment.
        experiment_id: ExperimentId,
        /// The report that is asked for.
        report: Box<ReportRequest>,
    },
    /// What do the runs of an experiment say of a text? Answered by [`FromServer::Predicted`] or [`FromServer::Rejected`]. One that is
    /// asked before the answer came takes its place.
    Predict {
        /// Repeated in the answer.
        request: u32,
        /// The experiment that is asked about.
        experiment_id: ExperimentId,
        /// The text, and which runs.
        question: Box<PredictionQuestion>,
    },
    /// The answer to Predict is not wanted any more.
    StopPredicting,
    /// Development examples to begin with; answered by [`FromServer::Examples`] or [`FromServer::Rejected`].
    Examples {
        /// Repeated in the answer.
        request: u32,
        /// The experiment that is asked about.
        experiment_id: ExperimentId,
        /// The task that is asked about; its first if `None`.
        task: Option<TaskName>,
    },
    /// Runs or experiments beside each other; answered by [`FromServer::Reported`] or [`FromServer::Rejected`].
    Compare {
        /// Repeated in the answer.
        request: u32,
        /// What is compared, and how.
        comparison: Comparison,
    },
    /// Write on an experiment; answered by [`FromServer::Done`] or [`FromServer::Rejected`].
    Annotate {
        /// Repeated in the answer.
        request: u32,
        /// On which.
        experiment_id: ExperimentId,
        /// All that is to stand on it.
        annotation: Annotation,
    },
    /// What would be deleted with an experiment? Answered by [`FromServer::DiskUse`].
    DiskUse {
        /// Repeated in the answer.
        request: u32,
        /// The experiment that is meant.
        experiment_id: ExperimentId,
    },
    /// Delete an experiment, and what those of its runs left that are in no other; answered by [`FromServer::Done`] or
    /// [`FromServer::Refused`].
    Delete {
        /// Repeated in the answer.
        request: u32,
        /// The experiment.
        experiment_id: ExperimentId,
    },
    /// What do an experiment's runs take on the disk, and what would a rule whose weights stay give back? Answered by
    /// [`FromServer::Storage`].
    Storage {
        /// Repeated in the answer.
        request: u32,
        /// The experiment that is meant.
        experiment_id: ExperimentId,
        /// The rule.
        rule: KeepWeights,
    },
    /// Keep the weights of an experiment's runs by this rule from now on; answered by [`FromServer::Done`] or
    /// [`FromServer::Refused`].
    KeepWeights {
        /// Repeated in the answer.
        request: u32,
        /// The experiment that is meant.
        experiment_id: ExperimentId,
        /// The rule.
        rule: KeepWeights,
    },
    /// How busy is the machine? Answered by [`FromServer::Machine`].
    Machine {
        /// Repeated in the answer.
        request: u32,
    },
    /// What happened to a run? Answered by [`FromServer::RunLog`].
    RunLog {
        /// Repeated in the answer.
        request: u32,
        /// The run.
        run: RunId,
    },
    /// Put what waits of an experiment elsewhere in the queue; what trains now is not disturbed.
    Move {
        /// The experiment.
        experiment_id: ExperimentId,
        /// Its new place.
        to: QueuePlace,
    },
    /// Stop the queue between two steps.
    Pause,
    /// Let the queue go on.
    Resume,
    /// End these runs, queued or running.
    Cancel {
        /// The runs.
        runs: Vec<RunId>,
    },
    /// Queue these runs again, if they failed, were cancelled or interrupted.
    Retry {
        /// The runs.
        runs: Vec<RunId>,
    },
}

objects_only!(FromPage);

impl FromPage {
    /// The number of a request that waits for an answer.
    pub fn request(&self) -> Option<u32> {
        match self {
            FromPage::Inspect { request, .. }
            | FromPage::OnMachine { request }
            | FromPage::Experiment { request, .. }
            | FromPage::Download { request, .. }
            | FromPage::CheckData { request, .. }
            | FromPage::SaveData { request, .. }
            | FromPage::Start { request, .. }
            | FromPage::Plan { request, .. }
            | FromPage::Norms { request, .. }
            | FromPage::Predict { request, .. }
            | FromPage::Examples { request, .. }
            | FromPage::Compare { request, .. }
            | FromPage::Annotate { request, .. }
            | FromPage::DiskUse { request, .. }
            | FromPage::Delete { request, .. }
            | FromPage::Storage { request, .. }
            | FromPage::Machine { request }
            | FromPage::RunLog { request, .. }
            | FromPage::KeepWeights { request, .. }
            | FromPage::Report { request, .. } => Some(*request),
            FromPage::Hello { .. } | FromPage::Watch { .. } | FromPage::Pause | FromPage::Resume => None,
            FromPage::Cancel { .. }
            | FromPage::Retry { .. }
            | FromPage::Move { .. }
            | FromPage::StopPredicting => None,
        }
    }
}
