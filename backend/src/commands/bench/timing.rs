//! The clock around the steps.

use super::batches::Batches;
use std::time::Instant;
use tunemask_engine::{EngineError, MemberStep, Sequence, Trainer, time_in_products};

/// What was done while the clock ran, summed over the runs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Timing {
    /// Seconds that it took.
    pub seconds: f64,
    /// Seconds of these in which matrix products ran.
    pub products: f64,
    /// Steps of runs: a gang of seven takes seven at once.
    pub steps: u64,
    /// Examples that were trained on.
    pub examples: u64,
    /// Real tokens.
    pub tokens: u64,
    /// Sum of the steps' losses.
    pub loss: f64,
}

impl Timing {
    /// Takes warm-up steps, then steps with the clock running, at constant learning rates.
    ///
    /// # Errors
    /// A sequence that the model cannot read.
    pub fn take(
        &mut self,
        gang: &mut Trainer,
        batches: &mut [Batches<'_>],
        rates: &[f64],
        warmup_steps: u32,
        steps: u32,
    ) -> Result<(), EngineError> {
        let mut unclocked = Timing::default();
        for _ in 0..warmup_steps {
            unclocked.step(gang, batches, rates)?;
        }
        let (start, products) = (Instant::now(), time_in_products());
        for _ in 0..steps {
            self.step(gang, batches, rates)?;
        }
        self.seconds += start.elapsed().as_secs_f64();
        self.products += (time_in_products() - products).as_secs_f64();
        Ok(())
    }

    fn step(
        &mut self,
        gang: &mut Trainer,
        batches: &mut [Batches<'_>],
        rates: &[f64],
    ) -> Result<(), EngineError> {
        let drawn: Vec<Vec<Sequence<'_>>> = batches.iter_mut().map(Batches::next).collect();
        let steps: Vec<MemberStep<'_>> = drawn
            .iter()
            .zip(rates)
            .map(|(batch, &learning_rate)| MemberStep { batch, learning_rate })
            .collect();
        let reports = gang.step(&steps)?;
        self.steps += steps.len() as u64;
        self.examples += drawn.iter().map(|b| b.len() as u64).sum::<u64>();
        self.tokens += drawn.iter().flatten().map(|s| s.ids.len() as u64).sum::<u64>();
        self.loss += reports.iter().map(|r| r.loss).sum::<f64>();
        Ok(())
    }
}
