//! The websocket's messages: JSON, one a frame.
//!
//! The page says [`FromPage::Hello`]; the server answers [`FromServer::Welcome`] and a
//! [`FromServer::Snapshot`], then sends every event of the log as [`FromServer::Events`], in order and without
//! gaps, at most ten times a second. A page that finds a gap, or whose socket broke, says Hello again and goes
//! on from the new snapshot; a server whose page lags sends it a new snapshot unasked.
//!
//! Points are sent whole for the experiment that the page watches: [`FromPage::Watch`] is answered by one
//! [`FromServer::Series`] for each of its runs, whole up to `seq`; behind `seq` the deltas hold that run's
//! points. A Points event of any other run holds its last step only: enough for status and time left. So a
//! page appends an event's points to a run's series exactly if it has that series and the event is behind
//! its `seq`, and drops all series when it gets a snapshot, whereupon the server sends them again.
//! A run that is [`crate::event::What::Queued`] again starts a new series.

use crate::event::{Event, ExperimentId, Points};
use crate::experiment::Experiment;
use crate::json::{Fields, FromJson, Misread, read_fields, reads_objects_alone, serde_reads_json};
use crate::plan::Plan as GangPlan;
use crate::report::{Report, ReportRequest};
use crate::run::RunId;
use crate::shape::ModelShape;
use crate::state::LabState;
use crate::validation::FieldError;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::ser::{Formatter, Serializer};
use std::io;

/// Raised when a message changes so that an older page would misread it.
pub const PROTOCOL_VERSION: u32 = 6;

/// Longest message a server accepts, in bytes.
pub const MAX_MESSAGE_BYTES: usize = 1 << 20;

/// Seconds between two signs of life of the server: a page can tell within seconds that it is not heard.
pub const SIGN_OF_LIFE_SECS: u64 = 3;

/// What a page says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum FromPage {
    /// The first message of a socket. Whatever was watched before is watched no longer.
    Hello {
        /// [`PROTOCOL_VERSION`] of the page.
        protocol: u32,
    },
    /// Send this experiment's points from now on, none if `None`.
    Watch {
        /// Which.
        experiment_id: Option<ExperimentId>,
    },
    /// What is known about a model and a data folder; answered by [`FromServer::Facts`].
    Inspect {
        /// Repeated in the answer.
        request: u32,
        /// `builtin:tiny` or a folder.
        model: String,
        /// A folder of tasks' folders.
        data: Option<String>,
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
    /// Answered by [`FromServer::Reported`] or [`FromServer::Rejected`].
    Report {
        /// Repeated in the answer.
        request: u32,
        /// On which experiment.
        experiment_id: ExperimentId,
        /// What.
        report: Box<ReportRequest>,
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

reads_objects_alone!(FromPage);

impl FromPage {
    /// The message as JSON. Numbers are written by the standard library, in the shortest form that reads back the
    /// same: serde_json's own writer brings tables that the page can do without.
    pub fn write(&self) -> Option<String> {
        struct Plain;
        impl Formatter for Plain {
            fn write_f64<W: ?Sized + io::Write>(&mut self, writer: &mut W, x: f64) -> io::Result<()> {
                write!(writer, "{x:e}")
            }
        }
        let mut text = Vec::new();
        self.serialize(&mut Serializer::with_formatter(&mut text, Plain)).ok()?;
        String::from_utf8(text).ok()
    }
}

/// What the server says.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FromServer {
    /// The answer to Hello; said again every [`SIGN_OF_LIFE_SECS`], so that a page knows a silent server from a
    /// broken connection.
    Welcome {
        /// [`PROTOCOL_VERSION`] of the server; a page of another version reloads itself.
        protocol: u32,
        /// Version of the program.
        version: String,
        /// The device that trains, for people: `CPU, 2 threads`.
        device: String,
    },
    /// All but the points.
    Snapshot {
        /// The fold of every event up to its `seq`.
        state: Box<LabState>,
    },
    /// The next events, in order and without gaps; points of unwatched runs hold their last step only.
    Events {
        /// At least one.
        events: Vec<Event>,
        /// Number of the last one.
        through: u64,
    },
    /// All points of one run of the watched experiment since it was queued last.
    Series {
        /// Which experiment.
        experiment_id: ExperimentId,
        /// Which run.
        run: RunId,
        /// Number of the last event in it.
        seq: u64,
        /// The points.
        points: Points,
    },
    /// The answer to Inspect.
    Facts {
        /// As asked.
        request: u32,
        /// What is known.
        facts: Facts,
    },
    /// The answer to Plan.
    Planned {
        /// As asked.
        request: u32,
        /// Which runs would train together, and what that takes.
        plan: GangPlan,
    },
    /// The answer to Report.
    Reported {
        /// As asked.
        request: u32,
        /// The report.
        report: Report,
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
        /// What was wrong and what to do.
        reason: String,
    },
}

serde_reads_json!(FromServer);

impl FromJson for FromServer {
    fn from_json(value: Value) -> Result<Self, Misread> {
        let mut fields = Fields::of(value)?;
        let kind: String = fields.take("type")?;
        Ok(match kind.as_str() {
            "welcome" => FromServer::Welcome {
                protocol: fields.take("protocol")?,
                version: fields.take("version")?,
                device: fields.take("device")?,
            },
            "snapshot" => FromServer::Snapshot { state: fields.take("state")? },
            "events" => {
                FromServer::Events { events: fields.take("events")?, through: fields.take("through")? }
            }
            "series" => FromServer::Series {
                experiment_id: fields.take("experiment_id")?,
                run: fields.take("run")?,
                seq: fields.take("seq")?,
                points: fields.take("points")?,
            },
            "facts" => FromServer::Facts { request: fields.take("request")?, facts: fields.take("facts")? },
            "planned" => FromServer::Planned { request: fields.take("request")?, plan: fields.take("plan")? },
            "reported" => {
                FromServer::Reported { request: fields.take("request")?, report: fields.take("report")? }
            }
            "accepted" => FromServer::Accepted {
                request: fields.take("request")?,
                experiment_id: fields.take("experiment_id")?,
            },
            "rejected" => {
                FromServer::Rejected { request: fields.take("request")?, errors: fields.take("errors")? }
            }
            "refused" => FromServer::Refused { reason: fields.take("reason")? },
            other => return Err(Misread::new(format_args!("`{other}` is no message of the server"))),
        })
    }
}

/// What is known about a model and a data folder. A field is `None` where nothing was asked.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Facts {
    /// The model, or why it cannot be used.
    pub model: Option<Result<ModelFacts, String>>,
    /// The data folder, or why it cannot be used.
    pub data: Option<Result<DataFacts, String>>,
}

read_fields!(Facts { model, data });

/// What is known about a model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ModelFacts {
    /// For people: the folder's name or `builtin:tiny`.
    pub title: String,
    /// Its shape.
    pub shape: ModelShape,
    /// Whether its tokenizer keeps case.
    pub cased: bool,
    /// Its own dropout of hidden states.
    pub dropout: f64,
}

read_fields!(ModelFacts { title, shape, cased, dropout });

/// What is known about a data folder.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DataFacts {
    /// Names of the tasks that it holds.
    pub tasks: Vec<crate::task::Task>,
}

read_fields!(DataFacts { tasks });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_writes_what_the_server_reads() {
        let mut experiment = Experiment { name: "γ \"x\"\n".into(), ..Experiment::default() };
        experiment.learning_rates = vec![1e-5, 5e-4, 0.1 + 0.2, 1.0, f64::MIN_POSITIVE, 0.015];
        let messages = [
            FromPage::Start { request: 7, experiment: Box::new(experiment) },
            FromPage::Watch { experiment_id: Some(ExperimentId(3)) },
            FromPage::Cancel { runs: vec![RunId("ab".into())] },
        ];
        for message in messages {
            let text = message.write().unwrap();
            assert_eq!(serde_json::from_str::<FromPage>(&text).unwrap(), message, "{text}");
        }
    }
}
