//! What a finished run has become, beside the model that it was trained on.

/// Why it cannot be had.
mod error;
/// A run by the beginning of its id.
mod find;
/// What a run trained, alone.
mod scalars;

pub use error::TunedError;
pub(crate) use find::find as find_run;
pub(crate) use scalars::kept_scalars;

use super::{Artifacts, Product, norm_scalars};
use crate::model::{self, Delta, Head, Model};
use crate::store::Reader;
use find::standing;
use std::path::{Path, PathBuf};
use tunemask_shared::event::Evaluation;
use tunemask_shared::experiment::ReportedEpoch;
use tunemask_shared::head::HeadLayout;
use tunemask_shared::run::{RunId, RunSpec, RunStatus};
use tunemask_shared::selection::Selection;
use tunemask_shared::trainable::Trainable;

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
    /// Fingerprint of the base model, which is not [`Tuned::model`] if a delta was applied to it.
    pub base: String,
    /// The model that it was trained on.
    pub model: Model,
    /// What a delta had changed of the base before.
    before: Selection,
    /// What it trained.
    pub trains: Trainable,
    /// What the epoch gave.
    pub product: Product,
    /// After each epoch, from the first, the LayerNorm scalars that trained, see [`Tuned::norm_scalars`]. Empty for
    /// runs of programs that did not keep them.
    pub norms: Vec<Vec<f32>>,
}

impl Tuned {
    /// Of a run in a home folder, by its id or a beginning of it that no other has.
    ///
    /// # Errors
    /// There is no such run, or several; it did not finish; its file or its model are gone, damaged or changed.
    pub fn open(home: &Path, wanted: &str, epoch: ReportedEpoch) -> Result<Self, TunedError> {
        let state = Reader::open(home)?.state()?;
        let run = find_run(&state, wanted)?;
        let unknown =
            || TunedError::Unknown { wanted: wanted.into(), known: "no experiment holds it".into() };
        // Folders are those of the latest experiment that holds it.
        let holds = state.experiments.values().rev().find(|held| held.runs.contains(&run));
        let experiment = &holds.ok_or_else(unknown)?.experiment;
        let known = state.runs.get(&run).ok_or_else(unknown)?;
        if known.status != RunStatus::Finished {
            return Err(TunedError::Unfinished { run, what: standing(known.status).into() });
        }
        if let Some(rule) = known.weights_dropped {
            return Err(TunedError::Dropped { run, rule });
        }
        let files = Artifacts::new(home);
        let Some(trained) = files.finished(&run.0)? else {
            return Err(TunedError::NotKept { path: files.finished_path(&run.0), run });
        };
        let product = match epoch {
            ReportedEpoch::Best => trained.best,
            ReportedEpoch::Last => trained.last,
        };
        if product.trained.is_empty() {
            return Err(TunedError::other_epoch(run, epoch));
        }
        let base = model::open(&experiment.model)?;
        let base_print = base.fingerprint.clone();
        let shape = base.config.shape;
        let (model, before) = match experiment.delta_file().map(Path::new) {
            None => (base, Selection::default()),
            Some(path) => {
                let delta = Delta::open(path, &shape)?;
                (delta.on(base, path)?, delta.selection)
            }
        };
        let spec = known.spec.clone();
        if model.fingerprint != spec.model {
            return Err(TunedError::Changed { run, source_name: experiment.model.clone() });
        }
        let trains = spec.mask.trains(&shape, spec.switches, spec.seed, Some(&model.weights))?;
        let expected = trains.len() + HeadLayout::of(&shape, spec.task.kind()).scalars();
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
        Ok(Self {
            run,
            spec,
            evaluation,
            source: experiment.model.clone(),
            data: experiment.data.as_ref().map(PathBuf::from),
            base: base_print,
            model,
            before,
            trains,
            product,
            norms: trained.norms,
        })
    }

    /// Every scalar of the tuned encoder, in canonical order; what was added to a matrix is added up into it.
    pub fn weights(&self) -> Vec<f32> {
        let mut weights = self.model.weights.to_vec();
        self.trains.apply(&self.product.trained, &mut weights);
        weights
    }

    /// Whether it added to its model, as LoRA does, instead of training the model's own scalars.
    pub fn is_adapter(&self) -> bool {
        !self.trains.added.is_empty()
    }

    /// Its head.
    pub fn head(&self) -> Head {
        let scalars = self.product.trained.get(self.trains.len()..).unwrap_or_default().to_vec();
        Head { layout: HeadLayout::of(&self.model.config.shape, self.spec.task.kind()), scalars }
    }

    /// Which LayerNorm scalars trained, the embeddings' among them, in canonical order.
    pub fn norm_scalars(&self) -> Selection {
        norm_scalars(&self.model.config.shape, &self.trains.selection)
    }

    /// Which scalars of the base model are others now: those that it trained, and those that a delta had changed. What was
    /// added is none of the base's.
    pub fn changed(&self) -> Selection {
        self.before.union(&self.trains.selection)
    }
}
