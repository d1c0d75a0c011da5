//! The order in which a run sees its training examples.

use tunemask_shared::philox::{Purpose, Stream};

/// What each step of a run reads: in each epoch every training example once, in an order that depends on nothing but seed and
/// epoch. The last step of an epoch may read fewer. Where a step has several batches, they are parts of what it reads.
#[derive(Clone, Debug)]
pub struct Order {
    seed: u64,
    step_size: usize,
    places: Vec<u32>,
    /// The epoch, from 0, whose order `places` is in.
    ordered: Option<usize>,
}

impl Order {
    /// Of so many training examples. No experiment is valid with steps that read none: examples are not divided among them.
    pub fn new(examples: usize, step_size: u32, seed: u64) -> Self {
        let places = (0..examples as u32).collect();
        Self { seed, step_size: step_size as usize, places, ordered: None }
    }

    /// Steps of an epoch; 0 without examples.
    pub fn steps_per_epoch(&self) -> usize {
        self.places.len().div_ceil(self.step_size)
    }

    /// Which training examples a step reads, from 0 like the step, in their order. Empty without examples.
    pub fn batch(&mut self, step: usize) -> &[u32] {
        let steps = self.steps_per_epoch().max(1);
        let (epoch, within) = (step / steps, step % steps);
        if self.ordered != Some(epoch) {
            self.places.sort_unstable();
            Stream::new(self.seed, Purpose::Order, epoch as u32).shuffle(&mut self.places);
            self.ordered = Some(epoch);
        }
        let start = (within * self.step_size).min(self.places.len());
        &self.places[start..(start + self.step_size).min(self.places.len())]
    }
}
