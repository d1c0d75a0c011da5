//! The learning rate over the steps of a run: linear warm-up, then its decay.

use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// How the learning rate goes on after the warm-up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decay {
    /// Linearly to 0, as the paper has it.
    #[default]
    Linear,
    /// Not at all.
    Constant,
    /// To 0 along half a cosine.
    Cosine,
}

/// Warm-up and decay of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schedule {
    /// Steps of the run.
    pub steps: usize,
    /// Steps over which the rate rises.
    pub warmup_steps: usize,
    /// What comes after these.
    pub decay: Decay,
}

impl Schedule {
    /// A run of `steps` steps that warms up over `fraction` of them, rounded up as Hugging Face's trainer does, then decays
    /// linearly.
    pub fn new(steps: usize, fraction: f64) -> Self {
        Self { steps, warmup_steps: (steps as f64 * fraction).ceil() as usize, decay: Decay::Linear }
    }

    /// The same with another decay.
    pub fn with_decay(self, decay: Decay) -> Self {
        Self { decay, ..self }
    }

    /// The factor of the peak learning rate at `step`, counted from 0 (`get_linear_schedule_with_warmup`,
    /// `get_constant_schedule_with_warmup` and `get_cosine_schedule_with_warmup` of Hugging Face's transformers).
    pub fn factor(&self, step: usize) -> f64 {
        if step < self.warmup_steps {
            return step as f64 / self.warmup_steps.max(1) as f64;
        }
        let after = self.steps.saturating_sub(self.warmup_steps).max(1) as f64;
        match self.decay {
            Decay::Linear => self.steps.saturating_sub(step) as f64 / after,
            Decay::Constant => 1.0,
            Decay::Cosine => 0.5 * (1.0 + (PI * (step - self.warmup_steps) as f64 / after).cos()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn factors(decay: Decay) -> Vec<f64> {
        let schedule = Schedule::new(20, 0.1).with_decay(decay);
        (0..=20).map(|step| schedule.factor(step)).collect()
    }

    #[test]
    fn rises_then_falls_to_zero() {
        let linear = factors(Decay::Linear);
        assert_eq!(&linear[..4], &[0.0, 0.5, 1.0, 17.0 / 18.0]);
        assert_eq!((linear[19], linear[20]), (1.0 / 18.0, 0.0));
        assert_eq!(Schedule::new(1, 0.0).factor(0), 1.0);
    }

    #[test]
    fn may_stay_or_fall_along_a_cosine() {
        let constant = factors(Decay::Constant);
        assert_eq!((&constant[..2], &constant[2..]), (&[0.0, 0.5][..], &[1.0; 19][..]));
        // transformers 4.57, LambdaLR of get_cosine_schedule_with_warmup(optimizer, 2, 20).
        let cosine = factors(Decay::Cosine);
        let want = [
            (2, 1.0),
            (3, 0.992403876506104),
            (8, 0.75),
            (11, 0.5),
            (14, 0.25),
            (19, 0.007596123493895969),
            (20, 0.0),
        ];
        for (step, want) in want {
            assert!((cosine[step] - want).abs() < 1e-15, "{step}: {} is not {want}", cosine[step]);
        }
    }
}
