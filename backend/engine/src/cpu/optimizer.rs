//! AdamW (Loshchilov and Hutter, 2019) on a compact vector.

use super::kernels::adam::{self, Factors};
use crate::Adam;
use std::ops::Range;
use tunemask_shared::experiment::EpsilonPlace;

/// The moments of a compact vector, and the steps done.
#[derive(Clone, Debug, Default)]
pub(crate) struct Moments {
    /// Decayed mean of the gradient.
    pub first: Vec<f32>,
    /// Decayed mean of its square.
    pub second: Vec<f32>,
    /// Steps done.
    pub steps: u32,
}

impl Moments {
    /// For `n` scalars, before the first step.
    pub(crate) fn new(n: usize) -> Self {
        Self { first: vec![0.0; n], second: vec![0.0; n], steps: 0 }
    }

    /// After some steps.
    pub(crate) fn of(first: Vec<f32>, second: Vec<f32>, steps: u32) -> Self {
        Self { first, second, steps }
    }
}

/// What updates a compact vector.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Update<'a> {
    /// The optimizer.
    pub settings: Adam,
    /// Learning rate of the step.
    pub learning_rate: f64,
    /// The gradient `[n]`.
    pub gradient: &'a [f32],
    /// Its Euclidean norm.
    pub norm: f64,
    /// Which scalars decay.
    pub decayed: &'a [Range<usize>],
}

/// One update of all scalars.
pub(crate) fn update(theta: &mut [f32], moments: &mut Moments, update: &Update<'_>) {
    let Update { settings, learning_rate, gradient, norm, decayed } = *update;
    if settings.weight_decay != 0.0 {
        let keep = settings.keep(learning_rate) as f32;
        decayed.iter().for_each(|range| adam::decay(&mut theta[range.clone()], keep));
    }
    moments.steps += 1;
    let t = f64::from(moments.steps);
    let (bias1, bias2) = (1.0 - settings.beta1.powf(t), 1.0 - settings.beta2.powf(t));
    let (rate, root) = match settings.epsilon_place {
        EpsilonPlace::Pytorch => (learning_rate / bias1, 1.0 / bias2.sqrt()),
        EpsilonPlace::Keras => (learning_rate * bias2.sqrt() / bias1, 1.0),
    };
    let factors = Factors {
        beta1: settings.beta1 as f32,
        beta2: settings.beta2 as f32,
        rate: rate as f32,
        root: root as f32,
        epsilon: settings.epsilon as f32,
        clip: settings.clip(norm) as f32,
    };
    adam::update(theta, gradient, &mut moments.first, &mut moments.second, factors);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The recurrences as the papers write them, in f64; of three scalars the first decays.
    #[test]
    fn follows_the_recurrences() {
        let plain = Adam { epsilon: 1e-2, ..Adam::default() };
        let keras = Adam { epsilon_place: EpsilonPlace::Keras, ..plain };
        let decayed = Adam { weight_decay: 0.3, ..plain };
        let clipped = Adam { max_gradient_norm: Some(0.8), ..plain };
        for adam in [plain, keras, decayed, clipped, Adam { weight_decay: 0.3, ..clipped }] {
            let (mut theta, mut moments) = (vec![0.5f32; 3], Moments::new(3));
            let mut want = [(0.5f64, 0.0f64, 0.0f64); 3];
            for t in 1..=25 {
                let gradient: Vec<f32> = (0..3).map(|i| ((t * (i + 2)) as f32 * 0.37).sin()).collect();
                let rate = 1e-2 / t as f64;
                let norm = gradient.iter().map(|g| f64::from(*g).powi(2)).sum::<f64>().sqrt();
                let decayed = std::slice::from_ref(&(0..1));
                let step = Update { settings: adam, learning_rate: rate, gradient: &gradient, norm, decayed };
                update(&mut theta, &mut moments, &step);
                let clip = adam.max_gradient_norm.map_or(1.0, |max| (max / (norm + 1e-6)).min(1.0));
                want[0].0 *= 1.0 - rate * adam.weight_decay;
                for ((x, m, v), g) in want.iter_mut().zip(&gradient) {
                    let g = f64::from(*g) * clip;
                    *m = 0.9 * *m + 0.1 * g;
                    *v = 0.999 * *v + 0.001 * g * g;
                    let (b1, b2) = (1.0 - 0.9f64.powi(t), 1.0 - 0.999f64.powi(t));
                    *x -= match adam.epsilon_place {
                        EpsilonPlace::Pytorch => rate * (*m / b1) / ((*v / b2).sqrt() + 1e-2),
                        EpsilonPlace::Keras => rate * b2.sqrt() / b1 * *m / (v.sqrt() + 1e-2),
                    };
                }
            }
            for (got, (want, ..)) in theta.iter().zip(want) {
                assert!((f64::from(*got) - want).abs() < 1e-6, "{adam:?} {got} {want}");
            }
        }
    }
}
