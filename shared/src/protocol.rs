//! The websocket's messages: JSON, one a frame; how long ones travel, `crate::frame` says.
//!
//! The page says `FromPage::Hello`; a server of the same version answers `FromServer::Welcome` and a
//! `FromServer::Snapshot`, which holds what every page knows of the lab: an `Overview`. Whenever that has become different,
//! at most ten times a second, `FromServer::Changed` says how. It replaces what it names, so no line of the log is missed by
//! who was told late. A server of another version answers `OtherVersion` alone, and the page loads itself again.
//!
//! A page is told of single runs only where it watches their experiments. `FromPage::Watch` is answered by one
//! `FromServer::Watched`: the part of the lab that it is (`crate::watched`), up to a line of the log; and then by all lines
//! behind that one which concern the part, as `FromServer::Events`, in order and without gaps, at most ten times a second. Each
//! such message says behind which line it begins, so a page notices if one is missing: then, or if its socket broke, it says
//! Hello again. A server whose page lags begins the part anew unasked. Events and series are always those of the `Watched`
//! that was sent last: a page that has asked for another part meanwhile drops them until that has come.
//!
//! Where runs are watched, `FromServer::Series` follow with the points that they have so far, each whole up to its
//! `seq`; behind `seq` the events hold that run's points. So a page appends an event's points to a run's series exactly if
//! it has that series and the event is behind its `seq`, and takes all series for old when the part begins anew, whereupon
//! the server sends them again. A run that is [`crate::event::EventKind::Queued`] again starts a new series.

use crate::annotation::Annotation;
use crate::comparison::Comparison;
use crate::dataset::{DataQuestion, DataSettings, OwnData, SavedSettings};
use crate::event::{Event, ExperimentId, Points};
use crate::experiment::{Experiment, FieldError};
use crate::facts::{Facts, OnMachine};
use crate::hub::{Download, RepositoryKind};
use crate::keep_weights::KeepWeights;
use crate::machine::Machine;
use crate::norms::NormHistogram;
use crate::object::objects_only;
use crate::overview::{Overview, OverviewChange};
use crate::plan::Plan as GangPlan;
use crate::prediction::{Prediction, PredictionQuestion, TextExample};
use crate::queue::QueuePlace;
use crate::report::{Report, ReportRequest};
use crate::run::RunId;
use crate::state::LabState;
use crate::storage::Storage;
use crate::task::TaskName;
use crate::watched::Watch;
use serde::{Deserialize, Serialize};

/// Raised when a message changes so that an older page would misread it. [`FromPage::Hello`] and [`OtherVersion`] never
/// change: pages and servers of all versions understand them.
pub const PROTOCOL_VERSION: u32 = 14;

/// Longest message a server accepts, in bytes.
pub const MAX_MESSAGE_BYTES: usize = 1 << 20;

/// Seconds between two signs of life of the server: a page can tell within seconds that it is not heard.
pub const HEARTBEAT_SECS: u64 = 3;

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
        /// Which.
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
        /// Of which model, and with which switches.
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
        /// What.
        report: Box<ReportRequest>,
    },
    /// What do the runs of an experiment say of a text? Answered by [`FromServer::Predicted`] or [`FromServer::Rejected`]. One that is
    /// asked before the answer came takes its place.
    Predict {
        /// Repeated in the answer.
        request: u32,
        /// Of which experiment.
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
        /// Of which experiment.
        experiment_id: ExperimentId,
        /// Of which of its tasks; its first if `None`.
        task: Option<TaskName>,
    },
    /// Runs or experiments beside each other; answered by [`FromServer::Reported`] or [`FromServer::Rejected`].
    Compare {
        /// Repeated in the answer.
        request: u32,
        /// Which.
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
        /// Of which.
        experiment_id: ExperimentId,
    },
    /// Delete an experiment, and what those of its runs left that are in no other; answered by [`FromServer::Done`] or
    /// [`FromServer::Refused`].
    Delete {
        /// Repeated in the answer.
        request: u32,
        /// Which.
        experiment_id: ExperimentId,
    },
    /// What do an experiment's runs take on the disk, and what would a rule whose weights stay give back? Answered by
    /// [`FromServer::Storage`].
    Storage {
        /// Repeated in the answer.
        request: u32,
        /// Of which.
        experiment_id: ExperimentId,
        /// The rule.
        rule: KeepWeights,
    },
    /// Keep the weights of an experiment's runs by this rule from now on; answered by [`FromServer::Done`] or
    /// [`FromServer::Refused`].
    KeepWeights {
        /// Repeated in the answer.
        request: u32,
        /// Of which.
        experiment_id: ExperimentId,
        /// The rule.
        rule: KeepWeights,
    },
    /// How busy is the machine? Answered by [`FromServer::Machine`].
    Machine {
        /// Repeated in the answer.
        request: u32,
    },
    /// Put what waits of an experiment elsewhere in the queue; what trains now is not disturbed.
    Move {
        /// Which.
        experiment_id: ExperimentId,
        /// Where.
        to: QueuePlace,
    },
    /// Stop the queue between two steps.
    Pause,
    /// Let the queue go on.
    Resume,
    /// End these runs, queued or running.
    Cancel {
        /// Which.
        runs: Vec<RunId>,
    },
    /// Queue these runs again, if they failed, were cancelled or interrupted.
    Retry {
        /// Which.
        runs: Vec<RunId>,
    },
}

objects_only!(FromPage);

/// What the server says, as an object of one field that is named after it. So it is read as it comes, and nothing is held
/// in between until a name is found: a snapshot may have tens of megabytes, and the page has one reader of each type, not
/// two.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FromServer {
    /// The answer to Hello; said again every [`HEARTBEAT_SECS`], so that a page knows a silent server from a
    /// broken connection.
    Welcome {
        /// Version of the program.
        version: String,
        /// The device that trains, for people: `CPU, 2 threads`.
        device: String,
    },
    /// What every page knows.
    Snapshot {
        /// All of it.
        overview: Box<Overview>,
    },
    /// What every page knows has become different.
    Changed {
        /// How.
        change: OverviewChange,
    },
    /// The answer to Watch; again if the page lagged.
    Watched {
        /// As asked.
        watch: Vec<Watch>,
        /// The part of the lab that it is, up to its `seq`.
        part: Box<LabState>,
    },
    /// The next lines that concern what is watched, in order and without gaps.
    Events {
        /// Number of the line before: where the message before ended, or the part.
        after: u64,
        /// At least one.
        events: Vec<Event>,
    },
    /// Points of runs that are watched, each run's whole since it was queued last.
    Series {
        /// At least one.
        series: Vec<RunSeries>,
    },
    /// The answer to Experiment.
    Experiment {
        /// As asked.
        request: u32,
        /// What was asked for; `None` if there is no such.
        experiment: Option<Box<Experiment>>,
    },
    /// The answer to Inspect.
    Facts {
        /// As asked.
        request: u32,
        /// What is known.
        facts: Facts,
    },
    /// The answer to OnMachine.
    OnMachine {
        /// As asked.
        request: u32,
        /// What is there.
        found: OnMachine,
    },
    /// The answer to Download.
    Download {
        /// As asked.
        request: u32,
        /// How far it is.
        download: Download,
    },
    /// The answer to CheckData.
    OwnData {
        /// As asked.
        request: u32,
        /// What is known; `None` if the folder holds no data of the user's own.
        own: Option<Box<OwnData>>,
    },
    /// The answer to SaveData.
    DataSaved {
        /// As asked.
        request: u32,
        /// What became of it.
        saved: SavedSettings,
    },
    /// The answer to Plan.
    Planned {
        /// As asked.
        request: u32,
        /// Which runs would train together, and what that takes.
        plan: GangPlan,
    },
    /// The answer to Norms.
    Norms {
        /// As asked.
        request: u32,
        /// Those of which the mask selects some.
        norms: Vec<NormHistogram>,
    },
    /// The answer to Report and to Compare.
    Reported {
        /// As asked.
        request: u32,
        /// The report.
        report: Report,
    },
    /// The answer to Predict.
    Predicted {
        /// As asked.
        request: u32,
        /// What the runs say.
        prediction: Box<Prediction>,
    },
    /// The answer to Examples.
    Examples {
        /// As asked.
        request: u32,
        /// The first of the development set.
        examples: Vec<TextExample>,
    },
    /// The answer to DiskUse.
    DiskUse {
        /// As asked.
        request: u32,
        /// Runs that are in no other experiment.
        runs: u32,
        /// Bytes of their files.
        bytes: u64,
    },
    /// The answer to Storage.
    Storage {
        /// As asked.
        request: u32,
        /// What they take.
        storage: Storage,
    },
    /// The answer to Machine: as it was within the last two seconds.
    Machine {
        /// As asked.
        request: u32,
        /// How busy it is.
        machine: Machine,
    },
    /// What was asked for is done.
    Done {
        /// As asked.
        request: u32,
    },
    /// The experiment is queued.
    Accepted {
        /// As asked.
        request: u32,
        /// Its number.
        experiment_id: ExperimentId,
    },
    /// The experiment cannot be run.
    Rejected {
        /// As asked.
        request: u32,
        /// Everything that is wrong.
        errors: Vec<FieldError>,
    },
    /// A message could not be read or carried out.
    Refused {
        /// As asked, where it was a request that waits for an answer.
        request: Option<u32>,
        /// What was wrong and what to do.
        reason: String,
    },
}

/// The points of a run so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunSeries {
    /// Which run.
    pub run: RunId,
    /// Number of the last line in it.
    pub seq: u64,
    /// The points.
    pub points: Points,
}

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

/// The answer to a Hello of another protocol version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "welcome")]
pub struct OtherVersion {
    /// [`PROTOCOL_VERSION`] of the server.
    pub protocol: u32,
    /// Version of the program.
    pub version: String,
    /// The device that trains, for people.
    pub device: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watched::Detail;

    #[test]
    fn numbers_and_texts_come_as_they_were_sent() {
        let mut experiment = Experiment { name: "γ \"x\"\n".into(), ..Experiment::default() };
        experiment.learning_rates = vec![1e-5, 5e-4, 0.1 + 0.2, 1.0, f64::MIN_POSITIVE, 0.015];
        let messages = [
            FromPage::Start { request: 7, experiment: Box::new(experiment) },
            FromPage::Watch { watch: vec![Watch { experiment_id: ExperimentId(3), detail: Detail::Runs }] },
            FromPage::Cancel { runs: vec![RunId("ab".into())] },
        ];
        for message in messages {
            let text = serde_json::to_string(&message).unwrap();
            assert_eq!(serde_json::from_str::<FromPage>(&text).unwrap(), message, "{text}");
        }
    }

    /// A page of another version must be told apart from one that is misread.
    #[test]
    fn what_all_versions_say_keeps_its_form() {
        let hello = r#"{"type":"hello","protocol":6}"#;
        assert_eq!(serde_json::to_string(&FromPage::Hello { protocol: 6 }).unwrap(), hello);
        let other = OtherVersion { protocol: 6, version: "0.1.0".into(), device: "cpu".into() };
        let text = serde_json::to_string(&other).unwrap();
        assert_eq!(text, r#"{"type":"welcome","protocol":6,"version":"0.1.0","device":"cpu"}"#);
        assert_eq!(serde_json::from_str::<OtherVersion>(&text).unwrap(), other);
        assert!(serde_json::from_str::<FromServer>(&text).is_err());
        let same = FromServer::Welcome { version: "0.1.0".into(), device: "cpu".into() };
        let text = serde_json::to_string(&same).unwrap();
        assert!(serde_json::from_str::<OtherVersion>(&text).is_err(), "{text}");
    }
}
