//! The batches of a run.

use crate::data::Example;
use tunemask_engine::Sequence;
use tunemask_shared::philox::{Purpose, Stream};

/// Whole batches in a seeded random order, drawn anew when all examples were seen.
pub struct Batches<'a> {
    examples: &'a [Example],
    size: usize,
    seed: u64,
    epoch: u32,
    order: Vec<usize>,
}

impl<'a> Batches<'a> {
    /// Batches of `size` examples; there must be as many.
    pub fn new(examples: &'a [Example], size: usize, seed: u64) -> Self {
        Self { examples, size, seed, epoch: 0, order: Vec::new() }
    }

    /// The next batch.
    pub fn next(&mut self) -> Vec<Sequence<'a>> {
        if self.order.len() < self.size {
            self.order = (0..self.examples.len()).collect();
            Stream::new(self.seed, Purpose::Order, self.epoch).shuffle(&mut self.order);
            self.epoch += 1;
        }
        let rest = self.order.len().saturating_sub(self.size);
        self.order.drain(rest..).map(|i| self.examples[i].sequence()).collect()
    }
}
