//! A model's weights on a device, shared by all gangs that train on it.

use super::launch::{DIGEST_WORDS, Digest, Round, Runner};
use super::machine::{Address, Buffer, has_bf16_activations};
use crate::EngineError;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// The pretrained scalars in canonical order. Nothing writes to them.
pub(super) struct Model {
    host: Weak<Vec<f32>>,
    count: usize,
    values: Buffer,
    /// What products read, if that is bf16.
    rounded: Option<Buffer>,
    digest: u64,
}

impl Model {
    fn new(runner: &Runner, weights: &Arc<Vec<f32>>) -> Result<Self, EngineError> {
        let values = Buffer::of(&runner.machine, weights)?;
        let mut made =
            Self { host: Arc::downgrade(weights), count: weights.len(), values, rounded: None, digest: 0 };
        if has_bf16_activations(runner.precision) {
            // A whole number of words, so that it can be digested.
            let rounded = Buffer::new(&runner.machine, made.count.next_multiple_of(2) * 2)?;
            runner.machine.clear(rounded.at(), rounded.len())?;
            let p = Round { from: made.values.at(), to: rounded.at(), count: made.count as u64 };
            runner.round(&p)?;
            made.rounded = Some(rounded);
        }
        made.digest = made.digest_now(runner)?;
        Ok(made)
    }

    /// The scalars as f32.
    pub(super) fn values(&self) -> Address {
        self.values.at()
    }

    /// Where a matrix that starts at a scalar stands for products.
    pub(super) fn matrix(&self, first: usize) -> Address {
        match &self.rounded {
            Some(rounded) => rounded.at() + 2 * first as u64,
            None => self.values.at() + 4 * first as u64,
        }
    }

    fn digest_now(&self, runner: &Runner) -> Result<u64, EngineError> {
        let mut digest = 0u64;
        for buffer in [Some(&self.values), self.rounded.as_ref()].into_iter().flatten() {
            let words = buffer.len() / 4;
            let blocks = words.div_ceil(DIGEST_WORDS);
            let sums = Buffer::new(&runner.machine, 8 * blocks)?;
            runner.digest(&Digest { from: buffer.at(), sums: sums.at(), count: words as u64 })?;
            let sum = sums.read::<u64>(0, blocks)?.into_iter().fold(0u64, u64::wrapping_add);
            digest = digest.rotate_left(7) ^ sum;
        }
        Ok(digest)
    }

    /// Whether every scalar has the bits that it had when it was put here.
    ///
    /// # Errors
    /// The device fails.
    pub(super) fn is_unchanged(&self, runner: &Runner) -> Result<bool, EngineError> {
        Ok(self.digest_now(runner)? == self.digest)
    }
}

/// The models that are on a device.
#[derive(Default)]
pub(super) struct Models(Mutex<LoadedModels>);

#[derive(Default)]
struct LoadedModels {
    all: Vec<Weak<Model>>,
    /// The one that was asked for last: the next gang most likely trains on it, too.
    last: Option<Arc<Model>>,
}

impl Models {
    /// The model with these weights: the one that is there, or a new one.
    ///
    /// # Errors
    /// There is no memory for it.
    pub(super) fn get(&self, runner: &Runner, weights: &Arc<Vec<f32>>) -> Result<Arc<Model>, EngineError> {
        let mut there = self.there();
        let same = |model: &Arc<Model>| model.host.upgrade().is_some_and(|host| Arc::ptr_eq(&host, weights));
        let found = there.all.iter().filter_map(Weak::upgrade).find(same);
        // Before another one is made: the two need not fit beside each other.
        there.last = found.clone();
        there.all.retain(|model| model.strong_count() > 0);
        if let Some(model) = found {
            return Ok(model);
        }
        let model = Arc::new(Model::new(runner, weights)?);
        there.all.push(Arc::downgrade(&model));
        there.last = Some(model.clone());
        Ok(model)
    }

    /// Gives back the memory of the model that was used last, unless a gang trains on it.
    pub(super) fn forget(&self) {
        self.there().last = None;
    }

    fn there(&self) -> MutexGuard<'_, LoadedModels> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
