//! What the server says.

#[cfg(doc)]
use super::HEARTBEAT_SECS;
use crate::buckets::Buckets;
use crate::dataset::{OwnData, SavedSettings};
use crate::event::{Event, ExperimentId};
use crate::experiment::{Experiment, FieldError};
use crate::facts::{Facts, OnMachine};
use crate::hub::Download;
use crate::machine::Machine;
use crate::norms::NormHistogram;
use crate::overview::{Overview, OverviewChange};
use crate::plan::Plan as GangPlan;
use crate::prediction::{Prediction, TextExample};
use crate::report::Report;
use crate::run::RunId;
use crate::run_log::RunLog;
use crate::state::LabState;
use crate::storage::Storage;
use crate::watched::Watch;
use serde::{Deserialize, Serialize};

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
        /// What is different.
        change: OverviewChange,
    },
    /// The answer to Watch; again if the page lagged.
    Watched {
        /// What the page asked to watch.
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
    /// Points of runs that are watched, each run's since it was queued last.
    Series {
        /// At least one.
        series: Vec<RunSeries>,
    },
    /// The answer to Experiment.
    Experiment {
        /// Number of the request that this answers.
        request: u32,
        /// What was asked for; `None` if there is no such.
        experiment: Option<Box<Experiment>>,
    },
    /// The answer to Inspect.
    Facts {
        /// Number of the request that this answers.
        request: u32,
        /// What is known.
        facts: Facts,
    },
    /// The answer to OnMachine.
    OnMachine {
        /// Number of the request that this answers.
        request: u32,
        /// What is there.
        found: OnMachine,
    },
    /// The answer to Download.
    Download {
        /// Number of the request that this answers.
        request: u32,
        /// How far it is.
        download: Download,
    },
    /// The answer to CheckData.
    OwnData {
        /// Number of the request that this answers.
        request: u32,
        /// What is known; `None` if the folder holds no data of the user's own.
        own: Option<Box<OwnData>>,
    },
    /// The answer to SaveData.
    DataSaved {
        /// Number of the request that this answers.
        request: u32,
        /// What became of it.
        saved: SavedSettings,
    },
    /// The answer to Plan.
    Planned {
        /// Number of the request that this answers.
        request: u32,
        /// Which runs would train together, and what that takes.
        plan: GangPlan,
    },
    /// The answer to Norms.
    Norms {
        /// Number of the request that this answers.
        request: u32,
        /// Those of which the mask selects some.
        norms: Vec<NormHistogram>,
    },
    /// The answer to Report and to Compare.
    Reported {
        /// Number of the request that this answers.
        request: u32,
        /// The report.
        report: Report,
    },
    /// The answer to Predict.
    Predicted {
        /// Number of the request that this answers.
        request: u32,
        /// What the runs say.
        prediction: Box<Prediction>,
    },
    /// The answer to Examples.
    Examples {
        /// Number of the request that this answers.
        request: u32,
        /// The first of the development set.
        examples: Vec<TextExample>,
    },
    /// The answer to DiskUse.
    DiskUse {
        /// Number of the request that this answers.
        request: u32,
        /// Runs that are in no other experiment.
        runs: u32,
        /// Bytes of their files.
        bytes: u64,
    },
    /// The answer to Storage.
    Storage {
        /// Number of the request that this answers.
        request: u32,
        /// What they take.
        storage: Storage,
    },
    /// The answer to Machine: as it was within the last two seconds.
    Machine {
        /// Number of the request that this answers.
        request: u32,
        /// How busy it is.
        machine: Machine,
    },
    /// The answer to RunLog.
    RunLog {
        /// Number of the request that this answers.
        request: u32,
        /// The last that happened to it; nothing if there is no such run.
        log: RunLog,
    },
    /// What was asked for is done.
    Done {
        /// Number of the request that this answers.
        request: u32,
    },
    /// The experiment is queued.
    Accepted {
        /// Number of the request that this answers.
        request: u32,
        /// Its number.
        experiment_id: ExperimentId,
    },
    /// The experiment cannot be run.
    Rejected {
        /// Number of the request that this answers.
        request: u32,
        /// Everything that is wrong.
        errors: Vec<FieldError>,
    },
    /// A message could not be read or carried out.
    Refused {
        /// Number of the request that this answers; none where no request waits.
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
    /// The points, in as many buckets as all runs that are watched leave room for.
    pub buckets: Buckets,
}
