//! Some training steps.

use crate::commands::arguments::learning_rate;
use crate::commands::switches::{DecayArgument, DecayOnArgument};
use anyhow::{Result, bail};
use clap::Args;
use std::num::NonZeroUsize;
use tunemask_engine::{Adam, Averaging, MemberStep, Sequence, Trainer};
use tunemask_shared::schedule::Schedule;

/// How many steps, and at which learning rates.
#[derive(Args, Clone, Debug)]
pub struct Training {
    /// Train so many steps, and write losses, gradient norms and the tuned weights
    #[arg(long, value_name = "N", requires = "learning_rate", value_parser = clap::value_parser!(u32).range(1..))]
    steps: Option<u32>,
    /// Peak learning rate
    #[arg(long, value_name = "RATE", requires = "steps", value_parser = learning_rate)]
    learning_rate: Option<f64>,
    /// Steps of the run whose first ones these are, for its schedule [default: --steps]
    #[arg(long, value_name = "N", requires = "steps")]
    of_steps: Option<u32>,
    /// Share of the run's steps over which the learning rate rises
    #[arg(long, value_name = "SHARE", requires = "steps", default_value_t = 0.1)]
    warmup_fraction: f64,
    /// How the learning rate goes on after the warm-up
    #[arg(long, value_enum, requires = "steps", default_value = "linear")]
    schedule: DecayArgument,
    /// Share of the learning rate by which weights shrink in each step
    #[arg(long, value_name = "X", requires = "steps", default_value_t = 0.0)]
    weight_decay: f64,
    /// What weight decay shrinks
    #[arg(long, value_enum, requires = "steps", default_value = "matrices")]
    weight_decay_on: DecayOnArgument,
    /// The highest norm of a step's gradient; a longer one is cut
    #[arg(long, value_name = "X", requires = "steps")]
    max_gradient_norm: Option<f64>,
    /// Examples that go through the network at once; those of a step that reads more follow, and the gradients are added up
    #[arg(long, value_name = "N", requires = "steps")]
    batch_size: Option<NonZeroUsize>,
    /// How much each class counts in the loss, a number for each
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    class_weights: Vec<f32>,
}

/// What the steps gave.
#[derive(Clone, Debug, Default)]
pub struct Trained {
    /// Mean loss of each step's batch, before its update.
    pub losses: Vec<f32>,
    /// Euclidean norm of each step's gradient, head included.
    pub gradient_norms: Vec<f32>,
    /// Learning rate of each step.
    pub learning_rates: Vec<f32>,
    /// The scalars after the last: of the selection in ascending order, then of the head's weight and bias.
    pub scalars: Vec<f32>,
}

impl Training {
    /// The optimizer of the steps.
    pub fn adam(&self) -> Adam {
        Adam {
            weight_decay: self.weight_decay,
            decay_on: self.weight_decay_on.into(),
            max_gradient_norm: self.max_gradient_norm,
            ..Adam::default()
        }
    }

    /// What the loss of a step is the mean of.
    pub fn averaging(&self) -> Averaging {
        let class_weights = Some(self.class_weights.clone()).filter(|weights| !weights.is_empty());
        Averaging { sequences_at_once: self.batch_size, class_weights }
    }

    /// What each step reads; `None` if nothing is to be trained. `read_by` has the step, from 1, of each sequence.
    ///
    /// # Errors
    /// A share or a norm that no run has; some sequences name a step and some do not; a step that no sequence names.
    pub fn batches<'a>(
        &self,
        sequences: &[Sequence<'a>],
        read_by: &[Option<usize>],
    ) -> Result<Option<Vec<Vec<Sequence<'a>>>>> {
        let Some(steps) = self.steps else { return Ok(None) };
        if !(0.0..=1.0).contains(&self.warmup_fraction) {
            bail!("--warmup-fraction {}: choose 0 to 1", self.warmup_fraction);
        }
        if !(0.0..=1.0).contains(&self.weight_decay) {
            bail!("--weight-decay {}: choose 0, for none, to 1", self.weight_decay);
        }
        if let Some(norm) = self.max_gradient_norm.filter(|norm| !(*norm > 0.0 && norm.is_finite())) {
            bail!("--max-gradient-norm {norm}: choose a number above 0, or leave it out");
        }
        if self.of_steps.is_some_and(|of| of < steps) {
            bail!("--of-steps: a run has at least the {steps} steps that are asked for");
        }
        if read_by.iter().all(Option::is_none) {
            return Ok(Some(vec![sequences.to_vec(); steps as usize]));
        }
        let mut batches = vec![Vec::new(); steps as usize];
        for (line, (sequence, step)) in (1..).zip(sequences.iter().zip(read_by)) {
            match step {
                None | Some(0) => bail!("example {line} has no step, from 1, where others have one"),
                Some(step) => {
                    if let Some(batch) = batches.get_mut(step - 1) {
                        batch.push(*sequence);
                    }
                }
            }
        }
        if let Some(empty) = batches.iter().position(Vec::is_empty) {
            bail!("no example is read by step {}", empty + 1);
        }
        Ok(Some(batches))
    }

    /// Trains a step on each batch.
    ///
    /// # Errors
    /// A sequence that the model cannot read; a device that fails; a loss or a gradient that is not finite.
    pub fn train(&self, run: &mut Trainer, batches: &[Vec<Sequence<'_>>]) -> Result<Trained> {
        let of_steps = self.of_steps.map_or(batches.len(), |steps| steps as usize);
        let schedule = Schedule::new(of_steps, self.warmup_fraction).with_decay(self.schedule.into());
        let peak = self.learning_rate.unwrap_or_default();
        let mut trained = Trained::default();
        for (step, batch) in batches.iter().enumerate() {
            let rate = peak * schedule.factor(step);
            for report in run.step(&[MemberStep { batch, learning_rate: rate }])? {
                if !report.is_finite() {
                    bail!("diverged at step {}; try a lower learning rate", step + 1);
                }
                trained.losses.push(report.loss as f32);
                trained.gradient_norms.push(report.gradient_norm as f32);
                trained.learning_rates.push(rate as f32);
            }
        }
        trained.scalars = run.trained(0)?.to_vec();
        Ok(trained)
    }
}
