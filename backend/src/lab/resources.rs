//! Models and tokenised data, kept from run to run.

use super::error::PrepareError;
use super::job::Job;
use crate::data::{self, TaskData};
use crate::model::{self, Model, ModelError};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tunemask_shared::task::Task;

/// The model and the data that were used last: runs of an experiment follow each other by task.
#[derive(Debug, Default)]
pub(super) struct Resources(Mutex<Cached>);

#[derive(Debug, Default)]
struct Cached {
    model: Option<Arc<Model>>,
    data: Option<(DataKey, Arc<TaskData>)>,
}

/// All that determines tokenised data.
#[derive(Clone, Debug, PartialEq)]
struct DataKey {
    // The print of a file does not say which of its columns are read.
    task: Task,
    model: String,
    data: String,
    max_length: u32,
    train_limit: Option<u32>,
    eval_limit: Option<u32>,
}

impl Resources {
    fn cached(&self) -> MutexGuard<'_, Cached> {
        // Whole values go in and out; a panic elsewhere cannot leave one half made.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads a model as it lies on the disk now.
    ///
    /// # Errors
    /// It cannot be used.
    pub(super) fn read_model(&self, name: &str, delta: Option<&Path>) -> Result<Arc<Model>, ModelError> {
        let model = Arc::new(model::open_with(name, delta)?);
        let mut cached = self.cached();
        match &cached.model {
            // The one in use is the same: one of them is enough.
            Some(old) if old.fingerprint == model.fingerprint => Ok(old.clone()),
            _ => {
                cached.model = Some(model.clone());
                Ok(model)
            }
        }
    }

    /// The model of a job, read anew unless it is the one used last.
    ///
    /// # Errors
    /// It cannot be used, or is another one than when the run was queued.
    pub(super) fn model(&self, job: &Job) -> Result<Arc<Model>, PrepareError> {
        let cached = self.cached().model.clone();
        let model = match cached {
            Some(model) if model.fingerprint == job.spec.model => model,
            _ => self.read_model(&job.model, job.delta.as_deref())?,
        };
        if model.fingerprint == job.spec.model {
            Ok(model)
        } else {
            Err(PrepareError::ModelChanged(job.model.clone()))
        }
    }

    /// The tokenised data of a job, read anew unless they are those used last.
    ///
    /// # Errors
    /// They cannot be read, or are others than when the run was queued.
    pub(super) fn data(&self, job: &Job, model: &Model) -> Result<Arc<TaskData>, PrepareError> {
        let spec = &job.spec;
        let key = DataKey {
            task: spec.task.clone(),
            model: spec.model.clone(),
            data: spec.data.clone(),
            max_length: spec.max_length,
            train_limit: spec.train_limit,
            eval_limit: spec.eval_limit,
        };
        {
            let mut cached = self.cached();
            match &cached.data {
                Some((old, data)) if *old == key => return Ok(data.clone()),
                // Two large tasks need not be in memory at once.
                _ => cached.data = None,
            }
        }
        let data = data::load(
            &spec.task,
            job.data.as_deref(),
            &model.tokenizer,
            spec.max_length as usize,
            spec.train_limit,
            spec.eval_limit,
        )?;
        if data.fingerprint != spec.data {
            return Err(PrepareError::DataChanged(spec.task.clone()));
        }
        let data = Arc::new(data);
        self.cached().data = Some((key, data.clone()));
        Ok(data)
    }

    /// Gives the memory back.
    pub(super) fn clear(&self) {
        *self.cached() = Cached::default();
    }
}
