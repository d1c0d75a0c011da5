//! The learning rate over the steps of a run: linear warm-up, then linear decay to 0.

/// Warm-up and decay of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schedule {
    /// Steps of the run.
    pub steps: usize,
    /// Steps over which the rate rises.
    pub warmup_steps: usize,
}

impl Schedule {
    /// A run of `steps` steps that warms up over `fraction` of them, rounded up as Hugging Face's trainer does.
    pub fn new(steps: usize, fraction: f64) -> Self {
        Self { steps, warmup_steps: (steps as f64 * fraction).ceil() as usize }
    }
    /// The factor of the peak learning rate at `step`, counted from 0
    /// (`get_linear_schedule_with_warmup` of Hugging Face's transformers).
    pub fn factor(&self, step: usize) -> f64 {
        if step < self.warmup_steps {
            step as f64 / self.warmup_steps.max(1) as f64
        } else {
            let left = self.steps.saturating_sub(step) as f64;
            left / self.steps.saturating_sub(self.warmup_steps).max(1) as f64
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rises_then_falls_to_zero() {
        let s = Schedule::new(20, 0.1);
        let factors: Vec<f64> = (0..=20).map(|i| s.factor(i)).collect();
        assert_eq!(&factors[..4], &[0.0, 0.5, 1.0, 17.0 / 18.0]);
        assert_eq!((factors[19], factors[20]), (1.0 / 18.0, 0.0));
        assert_eq!(Schedule::new(1, 0.0).factor(0), 1.0);
    }
}
