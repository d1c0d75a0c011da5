//! What the page knows, as signals, and what it can ask for.

use super::fold::{Change, SeriesStore, fold};
use super::link::Link;
use super::socket;
use leptos::prelude::*;
use std::collections::BTreeMap;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::experiment::Experiment;
use tunemask_shared::plan::Plan;
use tunemask_shared::protocol::{Facts, FromPage, FromServer};
use tunemask_shared::report::{ReferenceFile, ReportRequest};
use tunemask_shared::run::RunId;
use tunemask_shared::state::LabState;
use tunemask_shared::validation::FieldError;

/// What the server says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Version of the program.
    pub version: String,
    /// The device that trains.
    pub device: String,
}

/// What became of a request to start.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// It is queued.
    Accepted(u32, ExperimentId),
    /// It cannot be run.
    Rejected(u32, Vec<FieldError>),
    /// The connection broke before an answer came.
    Unknown,
}

/// A model and a data folder asked about.
pub type Question = (String, Option<String>);

/// What is being planned: planning a large model takes seconds, so one thing is asked at a time, the latest next.
#[derive(Default)]
struct Planning {
    request: Option<u32>,
    next: Option<Box<Experiment>>,
}

/// Everything the page knows. Copies are the same lab.
#[derive(Clone, Copy)]
pub struct Lab {
    /// The fold of the log.
    pub state: RwSignal<LabState>,
    /// Whether a snapshot came.
    pub ready: RwSignal<bool>,
    /// The watched experiment's points.
    pub series: RwSignal<SeriesStore>,
    /// The connection.
    pub link: RwSignal<Link>,
    /// When the server spoke last before it fell silent, in milliseconds since 1970.
    pub heard_ms: RwSignal<Option<u64>>,
    /// The program at the other end.
    pub server: RwSignal<Option<Server>>,
    /// What is known about models and folders.
    pub facts: RwSignal<BTreeMap<Question, Facts>>,
    /// The answer to the last start.
    pub answer: RwSignal<Option<Answer>>,
    /// What the experiment asked about last would take, or why it cannot be run; `None` until that is known.
    pub planned: RwSignal<Option<Result<Plan, String>>>,
    /// The report asked for last, or why there is none; `None` until it comes.
    pub reported: RwSignal<Option<Result<String, String>>>,
    /// Figures of others that stand beside those of tables.
    pub reference: RwSignal<Option<ReferenceFile>>,
    /// What the server refused, until it is dismissed.
    pub refusal: RwSignal<Option<String>>,
    planning: StoredValue<Planning>,
    reporting: StoredValue<u32>,
    asked: StoredValue<BTreeMap<u32, Question>>,
    last_request: StoredValue<u32>,
}

impl Lab {
    /// Knows nothing yet.
    pub fn new() -> Lab {
        Lab {
            state: RwSignal::new(LabState::default()),
            ready: RwSignal::new(false),
            series: RwSignal::new(SeriesStore::default()),
            link: RwSignal::new(Link::Connecting),
            heard_ms: RwSignal::new(None),
            server: RwSignal::new(None),
            facts: RwSignal::new(BTreeMap::new()),
            answer: RwSignal::new(None),
            planned: RwSignal::new(None),
            reported: RwSignal::new(None),
            reference: RwSignal::new(None),
            refusal: RwSignal::new(None),
            reporting: StoredValue::new(0),
            planning: StoredValue::new(Planning::default()),
            asked: StoredValue::new(BTreeMap::new()),
            last_request: StoredValue::new(0),
        }
    }

    /// Whether what is shown is what is.
    pub fn is_live(&self) -> bool {
        self.link.with(|link| *link == Link::Live)
    }

    fn request(&self) -> u32 {
        self.last_request.update_value(|n| *n += 1);
        self.last_request.get_value()
    }

    /// Asks about a model and a data folder; the answer comes into [`Lab::facts`].
    pub fn inspect(&self, question: Question) {
        let request = self.request();
        self.asked.update_value(|asked| {
            asked.insert(request, question.clone());
        });
        let (model, data) = question;
        socket::send(&FromPage::Inspect { request, model, data });
    }

    /// Asks to train; the answer comes into [`Lab::answer`]. Whether it could be sent.
    pub fn start(&self, experiment: Experiment) -> bool {
        self.answer.set(None);
        let request = self.request();
        socket::send(&FromPage::Start { request, experiment: Box::new(experiment) })
    }

    /// Asks what an experiment would take; the answer comes into [`Lab::planned`].
    pub fn plan(&self, experiment: Box<Experiment>) {
        let busy = self.planning.with_value(|p| p.request.is_some());
        if busy {
            self.planning.update_value(|p| p.next = Some(experiment));
            return;
        }
        let request = self.request();
        if socket::send(&FromPage::Plan { request, experiment }) {
            self.planning.update_value(|p| p.request = Some(request));
        }
    }

    /// Takes the answer to a plan; whether it was one.
    fn planned(&self, request: u32, plan: Result<Plan, String>) -> bool {
        let mine = self.planning.with_value(|p| p.request == Some(request));
        if mine {
            let next = self.planning.try_update_value(std::mem::take).and_then(|p| p.next);
            match next {
                Some(next) => self.plan(next),
                None => self.planned.set(Some(plan)),
            }
        }
        mine
    }

    /// Asks for a report; it comes into [`Lab::reported`], unless another is asked for meanwhile.
    pub fn report(&self, experiment_id: ExperimentId, report: Box<ReportRequest>) {
        let request = self.request();
        self.reporting.set_value(request);
        socket::send(&FromPage::Report { request, experiment_id, report });
    }

    /// Turns to an experiment: its points come from now on.
    pub fn watch(&self, experiment: Option<ExperimentId>) {
        if self.series.with_untracked(|s| s.watched) != experiment {
            self.series.update(|s| s.watch(experiment));
            socket::send(&FromPage::Watch { experiment_id: experiment });
        }
    }

    /// Stops the queue or lets it go on.
    pub fn set_paused(&self, paused: bool) {
        socket::send(if paused { &FromPage::Pause } else { &FromPage::Resume });
    }

    /// Ends runs.
    pub fn cancel(&self, runs: Vec<RunId>) {
        socket::send(&FromPage::Cancel { runs });
    }

    /// Tries runs again.
    pub fn retry(&self, runs: Vec<RunId>) {
        socket::send(&FromPage::Retry { runs });
    }

    /// Takes a message in. Whether it followed the ones before.
    pub(super) fn receive(&self, mut message: FromServer) -> bool {
        match message {
            FromServer::Welcome { version, device, .. } => {
                // It comes again as a sign of life: only what changed is told on.
                let said = Some(Server { version, device });
                if self.server.with_untracked(|server| *server != said) {
                    self.server.set(said);
                }
                return true;
            }
            FromServer::Facts { request, facts } => {
                let question = self.asked.try_update_value(|asked| asked.remove(&request)).flatten();
                if let Some(question) = question {
                    self.facts.update(|known| {
                        known.insert(question, facts);
                    });
                }
                return true;
            }
            FromServer::Accepted { request, experiment_id } => {
                self.answer.set(Some(Answer::Accepted(request, experiment_id)));
                return true;
            }
            FromServer::Planned { request, plan } => {
                self.planned(request, Ok(plan));
                return true;
            }
            FromServer::Reported { request, html } => {
                if self.reporting.get_value() == request {
                    self.reported.set(Some(Ok(html)));
                }
                return true;
            }
            FromServer::Rejected { request, errors } => {
                if self.reporting.get_value() == request {
                    let all: Vec<String> = errors.into_iter().map(|e| e.message).collect();
                    self.reported.set(Some(Err(all.join("; "))));
                    return true;
                }
                let first = errors.first().map(|e| e.message.clone()).unwrap_or_default();
                if !self.planned(request, Err(first)) {
                    self.answer.set(Some(Answer::Rejected(request, errors)));
                }
                return true;
            }
            FromServer::Refused { reason } => {
                self.refusal.set(Some(reason));
                return true;
            }
            _ => {}
        }
        let mut outcome = Ok(Change::default());
        self.state.maybe_update(|state| {
            self.series.maybe_update(|store| {
                outcome = fold(state, store, &mut message);
                outcome.is_ok_and(|change| change.series)
            });
            outcome.is_ok_and(|change| change.lab)
        });
        if outcome.is_ok_and(|change| change.anew) {
            self.ready.set(true);
            // What was asked on a connection before is not answered any more.
            self.planning.set_value(Planning::default());
            let watched = self.series.with_untracked(|s| s.watched);
            if watched.is_some() {
                socket::send(&FromPage::Watch { experiment_id: watched });
            }
        }
        outcome.is_ok()
    }
}

impl Default for Lab {
    fn default() -> Self {
        Lab::new()
    }
}

/// The lab of this page.
pub fn use_lab() -> Lab {
    expect_context::<Lab>()
}
