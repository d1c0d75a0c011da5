//! What pages and scripts ask for, carried out: what one page asks for one after the other.

use super::downloads::Downloads;
use super::latest_question::LatestQuestion;
use super::machine::Gauge;
use super::readers::Readers;
use super::reports::{Made, Reports};
use crate::lab::{DiskUse, Lab, LabError, inspect, on_machine, own_data, save_own_data};
use crate::prediction::{ExperimentRef, PredictionError, Predictor};
use crate::results::report;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{Receiver, Sender};
use tokio::task::JoinError;
use tunemask_shared::comparison::Comparison;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::experiment::FieldError;
use tunemask_shared::facts::OnMachine;
use tunemask_shared::prediction::{Prediction, PredictionQuestion};
use tunemask_shared::protocol::{FromPage, FromServer};
use tunemask_shared::report::ReportRequest;
use tunemask_shared::state::LabState;

/// Requests that are carried out at once, of all pages and scripts.
const MAX_CONCURRENT_REQUESTS: usize = 16;
/// How long a model that read a text is kept for the next one.
const MODEL_IDLE: Duration = Duration::from_secs(300);

/// Carries out what pages and scripts ask for: requests that read files or wait for the log, and so may not hold up a connection.
///
/// A clone shares all with the others, so that [`MAX_CONCURRENT_REQUESTS`] holds for all pages together.
#[derive(Clone, Debug)]
pub(super) struct RequestWorker {
    lab: Lab,
    reports: Arc<Reports>,
    downloads: Downloads,
    gauge: Arc<Gauge>,
    predictor: Arc<Predictor>,
    /// The places of all who let a text be read.
    pub(super) readers: Readers,
    /// A permit for each request that is being carried out, but for texts: those have the readers' places.
    permits: Arc<Semaphore>,
}

impl RequestWorker {
    pub(super) fn new(lab: Lab) -> Self {
        Self {
            predictor: Arc::new(Predictor::new(lab.beside_training())),
            lab,
            reports: Arc::default(),
            downloads: Downloads::default(),
            gauge: Arc::default(),
            readers: Readers::default(),
            permits: Arc::new(Semaphore::new(MAX_CONCURRENT_REQUESTS)),
        }
    }

    /// The lab that all requests are for.
    pub(super) fn lab(&self) -> &Lab {
        &self.lab
    }

    /// Does what may block, on a thread that may, once there is a place among all requests. It is done although nobody
    /// waits for it any more.
    ///
    /// # Errors
    /// `work` panicked.
    pub(super) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> Result<T, JoinError> {
        // The semaphore is never closed.
        let permit = self.permits.clone().acquire_owned().await;
        self.holding(permit, work).await
    }

    /// The same with a place that is there already, and is given back when the work is done.
    async fn holding<T: Send + 'static, P: Send + 'static>(
        &self,
        permit: P,
        work: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> Result<T, JoinError> {
        let worker = self.clone();
        let done = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work(&worker)
        });
        done.await
    }

    /// A report on an experiment, kept for the next page that asks.
    ///
    /// # Errors
    /// A field of the request that is wrong.
    pub(super) fn report(&self, state: &LabState, id: ExperimentId, asked: &ReportRequest) -> Made {
        self.reports.get(state, id, asked, || report::report(state, self.lab.home(), id, asked))
    }

    /// What the runs of an experiment say of a text, while somebody waits for it. It has a place among those that let a text
    /// be read, and none among all requests: those go on while it waits for other texts.
    ///
    /// # Errors
    /// The predictor panicked; inside, see [`Predictor::predict`], or too many texts wait.
    pub(super) async fn predict(
        &self,
        id: ExperimentId,
        question: PredictionQuestion,
        go_on: impl Fn() -> bool + Send + 'static,
    ) -> Result<Result<Prediction, PredictionError>, JoinError> {
        match self.readers.enter() {
            Ok(place) => self.holding(place, move |worker| worker.read(id, &question, &go_on)).await,
            Err(crowded) => Ok(Err(crowded)),
        }
    }

    /// What the runs of an experiment say of a text; blocks until that is known.
    fn read(
        &self,
        id: ExperimentId,
        question: &PredictionQuestion,
        go_on: &dyn Fn() -> bool,
    ) -> Result<Prediction, PredictionError> {
        let state = self.lab.state();
        let said = self.predictor.predict(
            ExperimentRef { state: &state, home: self.lab.home(), id },
            question,
            go_on,
        );
        let predictor = self.predictor.clone();
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move {
                tokio::time::sleep(MODEL_IDLE).await;
                predictor.rest(MODEL_IDLE);
            });
        }
        said
    }

    /// Runs or experiments beside each other, kept for the next page that asks.
    ///
    /// # Errors
    /// Too few or too many are chosen, or one of them is not there.
    fn compare(&self, state: &LabState, comparison: &Comparison) -> Made {
        self.reports.get_comparison(state, comparison, || report::compare(state, self.lab.home(), comparison))
    }

    /// Carries out one page's requests, one after the other, on threads that may block.
    ///
    /// Runs in a task of its own and outlives the connection: what a page asked for is carried out although the page is
    /// gone, but for what it asked of a text. Ends when `requests` is closed and empty.
    pub(super) async fn run(
        self,
        mut requests: Receiver<FromPage>,
        answers: Sender<FromServer>,
        latest: LatestQuestion,
    ) {
        while let Some(message) = requests.recv().await {
            let request = message.request();
            let answer = match message {
                FromPage::Predict { request, experiment_id, question } => {
                    let latest = latest.clone();
                    let said = self.predict(experiment_id, *question, move || latest.is(request)).await;
                    said.map(|said| Some(predicted(request, said)))
                }
                message => self.blocking(move |worker| worker.answer(message)).await,
            };
            let answer = answer.unwrap_or_else(|error| {
                tracing::error!("a page's request failed: {error}");
                Some(FromServer::Refused {
                    request,
                    reason: format!("an internal error of tunemask ({error}); please report it"),
                })
            });
            if let Some(answer) = answer {
                // The page may have gone; what it asked for is still done.
                _ = answers.send(answer).await;
            }
        }
    }
}

impl RequestWorker {
    fn answer(&self, message: FromPage) -> Option<FromServer> {
        let lab = &self.lab;
        let refused = |result: Result<(), LabError>| {
            result.err().map(|error| FromServer::Refused { request: None, reason: error.to_string() })
        };
        match message {
            FromPage::Inspect { request, model, data } => {
                Some(FromServer::Facts { request, facts: inspect(&model, data.as_deref()) })
            }
            FromPage::OnMachine { request } => {
                let found = OnMachine { places: lab.places().to_vec(), ..on_machine(lab.home()) };
                Some(FromServer::OnMachine { request, found })
            }
            FromPage::Download { request, name, kind, begin } => {
                let download =
                    if begin { self.downloads.begin(&name, kind) } else { self.downloads.state(&name, kind) };
                Some(FromServer::Download { request, download })
            }
            FromPage::CheckData { request, question } => {
                Some(FromServer::OwnData { request, own: own_data(&question).map(Box::new) })
            }
            FromPage::SaveData { request, data } => {
                Some(FromServer::DataSaved { request, saved: save_own_data(lab.home(), &data) })
            }
            FromPage::Start { request, experiment } => Some(match lab.submit(&experiment) {
                Ok(experiment_id) => FromServer::Accepted { request, experiment_id },
                Err(LabError::Invalid(errors)) => FromServer::Rejected { request, errors },
                Err(error) => FromServer::Refused { request: Some(request), reason: error.to_string() },
            }),
            FromPage::Plan { request, experiment } => Some(match lab.plan(&experiment) {
                Ok(plan) => FromServer::Planned { request, plan },
                Err(LabError::Invalid(errors)) => FromServer::Rejected { request, errors },
                Err(error) => FromServer::Refused { request: Some(request), reason: error.to_string() },
            }),
            FromPage::Experiment { request, experiment_id } => {
                let found =
                    |lab: &LabState| lab.experiments.get(&experiment_id).map(|e| e.experiment.clone());
                Some(FromServer::Experiment { request, experiment: lab.read(found).map(Box::new) })
            }
            FromPage::Norms { request, experiment, mask, seed } => {
                Some(match lab.norms(&experiment, &mask, seed) {
                    Ok(norms) => FromServer::Norms { request, norms },
                    Err(error) => FromServer::Rejected { request, errors: vec![error] },
                })
            }
            FromPage::Report { request, experiment_id, report } => {
                Some(match self.report(&lab.state(), experiment_id, &report) {
                    Ok(report) => FromServer::Reported { request, report },
                    Err(error) => FromServer::Rejected { request, errors: vec![error] },
                })
            }
            FromPage::Examples { request, experiment_id, task } => {
                let state = lab.state();
                let of = ExperimentRef { state: &state, home: lab.home(), id: experiment_id };
                Some(match self.predictor.examples(of, task) {
                    Ok(examples) => FromServer::Examples { request, examples },
                    Err(error) => unsaid(request, &error),
                })
            }
            FromPage::Compare { request, comparison } => {
                Some(match self.compare(&lab.state(), &comparison) {
                    Ok(report) => FromServer::Reported { request, report },
                    Err(error) => FromServer::Rejected { request, errors: vec![error] },
                })
            }
            FromPage::Annotate { request, experiment_id, annotation } => {
                Some(done(request, lab.annotate(experiment_id, annotation)))
            }
            FromPage::DiskUse { request, experiment_id } => {
                let DiskUse { runs, bytes } = lab.disk_use(experiment_id);
                Some(FromServer::DiskUse { request, runs: runs.try_into().unwrap_or(u32::MAX), bytes })
            }
            FromPage::Delete { request, experiment_id } => Some(done(request, lab.delete(experiment_id))),
            FromPage::Storage { request, experiment_id, rule } => {
                Some(match lab.storage(experiment_id, rule) {
                    Ok(storage) => FromServer::Storage { request, storage },
                    Err(error) => FromServer::Refused { request: Some(request), reason: error.to_string() },
                })
            }
            FromPage::KeepWeights { request, experiment_id, rule } => {
                Some(done(request, lab.keep_weights(experiment_id, rule)))
            }
            FromPage::Machine { request } => {
                Some(FromServer::Machine { request, machine: self.gauge.read(lab) })
            }
            FromPage::RunLog { request, run } => Some(match lab.run_log(&run) {
                Ok(log) => FromServer::RunLog { request, log },
                Err(error) => FromServer::Refused { request: Some(request), reason: error.to_string() },
            }),
            FromPage::Move { experiment_id, to } => refused(lab.move_in_queue(experiment_id, to)),
            FromPage::Pause => refused(lab.pause()),
            FromPage::Resume => refused(lab.resume()),
            FromPage::Cancel { runs } => refused(lab.cancel(runs)),
            FromPage::Retry { runs } => refused(lab.retry(runs)),
            // The socket answers these itself, and texts have a way of their own.
            FromPage::Hello { .. } | FromPage::Watch { .. } => None,
            FromPage::Predict { .. } | FromPage::StopPredicting => None,
        }
    }
}

/// The answer to a text.
fn predicted(request: u32, said: Result<Prediction, PredictionError>) -> FromServer {
    match said {
        Ok(prediction) => FromServer::Predicted { request, prediction: Box::new(prediction) },
        Err(error) => unsaid(request, &error),
    }
}

/// The answer to a text of which nothing can be said.
fn unsaid(request: u32, error: &PredictionError) -> FromServer {
    let error = FieldError { field: error.field().into(), message: error.to_string() };
    FromServer::Rejected { request, errors: vec![error] }
}

/// The answer to a request that is done or is not.
fn done(request: u32, result: Result<(), LabError>) -> FromServer {
    match result {
        Ok(()) => FromServer::Done { request },
        Err(LabError::Invalid(errors)) => FromServer::Rejected { request, errors },
        Err(error) => FromServer::Refused { request: Some(request), reason: error.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::{LabOptions, OlderQueue};
    use tokio::time::timeout;
    use tunemask_engine::Device;

    /// Longer than anything here takes: the clock jumps there once nothing is left to do.
    const NEVER: Duration = Duration::from_secs(3600);

    #[tokio::test(start_paused = true)]
    async fn texts_and_other_requests_do_not_wait_for_each_other() {
        let home = tempfile::tempdir().unwrap();
        let (older_queue, device) = (OlderQueue::Continue, Device::cpu());
        let options = LabOptions { home: home.path().into(), older_queue, device };
        let worker = RequestWorker::new(Lab::open(&options).unwrap());
        let text = PredictionQuestion { text: "the food was good".into(), ..PredictionQuestion::default() };
        let ask = || timeout(NEVER, worker.predict(ExperimentId(1), text.clone(), || true));
        let look = || timeout(NEVER, worker.blocking(|worker| worker.lab().state().seq));

        let requests = worker.permits.clone().try_acquire_many_owned(MAX_CONCURRENT_REQUESTS as u32).unwrap();
        let said = ask().await.expect("no place among all requests is needed").unwrap();
        assert!(matches!(said, Err(PredictionError::Experiment(_))), "{said:?}");
        drop(requests);

        let places: Vec<_> = std::iter::from_fn(|| worker.readers.enter().ok()).collect();
        let said = ask().await.unwrap().unwrap();
        assert!(
            matches!(said, Err(PredictionError::Crowded { waiting }) if waiting == places.len()),
            "{said:?}"
        );
        look().await.expect("no reader's place is needed").unwrap();
    }
}
