use super::checkpoint::{CheckpointError, Checkpoints, Product};
use super::job::Job;
use super::norms;
use crate::model::{self, Delta, Head, Model, ModelError};
use crate::store::{Reader, StoreError};
use std::path::{Path, PathBuf};
use tunemask_shared::event::Evaluation;
use tunemask_shared::experiment::ReportedEpoch;
use tunemask_shared::mask::MaskError;
use tunemask_shared::run::{RunId, RunSpec, RunStatus};
use tunemask_shared::selection::Selection;
use tunemask_shared::state::LabState;

/// A finished run with all that it has become, beside the model that it was trained on.
#[derive(Clone, Debug)]
pub struct Tuned {
    /// The run.
    pub run: RunId,
    /// What it is.
    pub spec: RunSpec,
    /// The scores of the epoch.
    pub evaluation: Evaluation,
    /// The name of its base model, as [`model::open`] takes it.
    pub source: String,
    /// Where its data lie, by the latest experiment that holds it.
    pub data: Option<PathBuf>,
    /// Fingerprint of the base model, which is not [`Tuned::model`] if a delta came upon it.
    pub base: String,
    /// The model that it was trained on.
    pub model: Model,
    /// What a delta had changed of the base before.
    before: Selection,
    /// Which scalars it trained.
    pub selection: Selection,
    /// What the epoch gave.
    pub product: Product,
    /// After each epoch, from the first, the LayerNorm scalars that trained, see [`Tuned::norm_scalars`]. Empty for
    /// runs of programs that did not keep them.
    pub norms: Vec<Vec<f32>>,
}

/// Why a run's tuned model cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum TunedError {
    /// No run's id begins so.
    #[error("no run begins with `{wanted}`; {known}")]
    Unknown {
        /// What was asked for.
        wanted: String,
        /// The runs there are.
        known: String,
    },
    /// Several do.
    #[error("`{wanted}` is the beginning of {runs}; write more of it")]
    Ambiguous {
        /// What was asked for.
        wanted: String,
        /// The runs that begin so.
        runs: String,
    },
    /// It has not been trained to its end.
    #[error("run {run} {what}")]
    Unfinished {
        /// The run.
        run: RunId,
        /// Where it stands, and what to do.
        what: String,
    },
    /// Its file is gone.
    #[error(
        "{}: not there; only what the log says of run {run} is left. Run its experiment again: it trains anew",
        path.display()
    )]
    NotKept {
        /// The run.
        run: RunId,
        /// Where its file was expected.
        path: PathBuf,
    },
    /// The run kept the scalars of another epoch.
    #[error(
        "run {run} kept the weights of its {kept} epoch, not of its {wanted} one: runs that train whole matrices keep \
         those that their experiment reports; use the {kept} one"
    )]
    OtherEpoch {
        /// The run.
        run: RunId,
        /// What was kept.
        kept: &'static str,
        /// What was asked for.
        wanted: &'static str,
    },
    /// The model is another one now.
    #[error("{source_name}: the model has changed since run {run} was trained on it; put the old one back")]
    Changed {
        /// The run.
        run: RunId,
        /// The model's name.
        source_name: String,
    },
    /// The file does not fit the run.
    #[error("what run {run} left is not whole: {found} scalars where {expected} trained")]
    Size {
        /// The run.
        run: RunId,
        /// In the file.
        found: usize,
        /// By the mask and the task.
        expected: usize,
    },
    /// The log cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file cannot be read.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The model cannot be read.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The mask does not fit the model.
    #[error(transparent)]
    Mask(#[from] MaskError),
}

impl Tuned {
    /// Of a run in a home folder, by its id or a beginning of it that no other has.
    ///
    /// # Errors
    /// There is no such run, or several; it did not finish; its file or its model are gone, damaged or changed.
    pub fn open(home: &Path, wanted: &str, epoch: ReportedEpoch) -> Result<Self, TunedError> {
        let state = Reader::open(home)?.state()?;
        let run = find(&state, wanted)?;
        let unknown =
            || TunedError::Unknown { wanted: wanted.into(), known: "no experiment holds it".into() };
        let job = Job::find(&state, std::slice::from_ref(&run)).pop().ok_or_else(unknown)?;
        let known = state.runs.get(&run).ok_or_else(unknown)?;
        if known.status != RunStatus::Finished {
            return Err(TunedError::Unfinished { run, what: standing(known.status).into() });
        }
        let files = Checkpoints::new(home);
        let Some(trained) = files.finished(&run)? else {
            return Err(TunedError::NotKept { path: files.trained(&run), run });
        };
        let product = match epoch {
            ReportedEpoch::Best => trained.best,
            ReportedEpoch::Last => trained.last,
        };
        if product.trained.is_empty() {
            let (kept, wanted) = match epoch {
                ReportedEpoch::Best => ("last", "best"),
                ReportedEpoch::Last => ("best", "last"),
            };
            return Err(TunedError::OtherEpoch { run, kept, wanted });
        }
        let base = model::open(&job.model)?;
        let base_print = base.fingerprint.clone();
        let shape = base.config.shape;
        let (model, before) = match &job.delta {
            None => (base, Selection::default()),
            Some(path) => {
                let delta = Delta::open(path, &shape)?;
                (delta.on(base, path)?, delta.selection)
            }
        };
        let spec = job.spec;
        if model.fingerprint != spec.model {
            return Err(TunedError::Changed { run, source_name: job.model });
        }
        let selection = spec.mask.resolve(&shape, spec.switches, spec.seed, Some(&model.weights))?;
        let expected = selection.len() + spec.task.kind().outputs() * (shape.hidden + 1);
        if product.trained.len() != expected {
            return Err(TunedError::Size { run, found: product.trained.len(), expected });
        }
        let scored = known.evaluations.iter().find(|e| e.epoch == product.epoch).cloned();
        let evaluation = scored.unwrap_or_else(|| Evaluation {
            epoch: product.epoch,
            step: 0,
            scores: Vec::new(),
            elapsed_secs: 0.0,
        });
        let (source, data, base, norms) = (job.model, job.data, base_print, trained.norms);
        Ok(Self { run, spec, evaluation, source, data, base, model, before, selection, product, norms })
    }

    /// Every scalar of the tuned encoder, in canonical order.
    pub fn weights(&self) -> Vec<f32> {
        let mut weights = self.model.weights.to_vec();
        model::put(&mut weights, &self.selection, &self.product.trained);
        weights
    }

    /// Its head.
    pub fn head(&self) -> Head {
        let scalars = self.product.trained.get(self.selection.len()..).unwrap_or_default().to_vec();
        Head { outputs: self.spec.task.kind().outputs(), scalars }
    }

    /// Which LayerNorm scalars trained, the embeddings' among them, in canonical order.
    pub fn norm_scalars(&self) -> Selection {
        norms::of(&self.model.config.shape, &self.selection)
    }

    /// Which scalars of the base model are others now: those that it trained, and those that a delta had changed.
    pub fn changed(&self) -> Selection {
        self.before.union(&self.selection)
    }
}

fn find(state: &LabState, wanted: &str) -> Result<RunId, TunedError> {
    let wanted = wanted.trim();
    let begin: Vec<&RunId> = state.runs.keys().filter(|run| run.0.starts_with(wanted)).collect();
    let list = |runs: &mut dyn Iterator<Item = &&RunId>| {
        let runs: Vec<String> = runs.take(5).map(|run| run.to_string()).collect();
        runs.join(", ")
    };
    match begin[..] {
        _ if wanted.is_empty() => {
            Err(TunedError::Unknown { wanted: String::new(), known: "name one".into() })
        }
        [run] => Ok(run.clone()),
        [] => {
            let all: Vec<&RunId> = state.runs.keys().collect();
            let known = match all.len() {
                0 => "there is none yet".into(),
                n => format!(
                    "there are {n}, among them {}; the table's notes name them",
                    list(&mut all.iter())
                ),
            };
            Err(TunedError::Unknown { wanted: wanted.into(), known })
        }
        _ => Err(TunedError::Ambiguous { wanted: wanted.into(), runs: list(&mut begin.iter()) }),
    }
}

fn standing(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Queued => "is queued; wait until it has finished",
        RunStatus::Running => "is being trained; wait until it has finished",
        RunStatus::Finished => "has finished",
        RunStatus::Failed => "has failed; run its experiment again",
        RunStatus::Cancelled => "was cancelled; run its experiment again",
        RunStatus::Interrupted => "was interrupted; run its experiment again, and it goes on",
    }
}
