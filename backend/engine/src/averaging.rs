//! What a step's loss is the mean of, and how much of a batch goes through the network at once.

use crate::plan::batch::Sequence;
use crate::{EngineError, Objective};
use std::num::NonZeroUsize;

/// What a step's loss is the mean of, and how much of it is computed at once. The default is the plain mean over a batch that
/// goes through the network whole.
///
/// The loss of a step is Σ w ℓ / Σ w over all reads of its batch, whatever goes through the network at once: w is the weight of
/// a read's class, or 1. That is PyTorch's `CrossEntropyLoss(weight=…)` of the whole batch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Averaging {
    /// Most sequences that go through the network at once. Of a batch with more, parts follow each other, and their
    /// gradients are added up: gradient accumulation. `None` for all.
    pub sequences_at_once: Option<NonZeroUsize>,
    /// A weight above 0 for each class, of an objective that has classes; `None` for 1.
    pub class_weights: Option<Vec<f32>>,
}

impl Averaging {
    /// Whether a head for this objective can learn so.
    ///
    /// # Errors
    /// Weights that are not above 0, or not one for each class; an objective without classes, or of masked language modelling.
    pub(crate) fn check(&self, objective: Objective) -> Result<(), EngineError> {
        let Some(weights) = &self.class_weights else { return Ok(()) };
        let want = match objective {
            Objective::Classification(classes) | Objective::Tagging(classes) => classes,
            Objective::Regression | Objective::MaskedLanguage(_) | Objective::MultiLabel(_) => 0,
        };
        let good = weights.iter().all(|&weight| weight > 0.0 && weight.is_finite());
        if good && weights.len() == want {
            return Ok(());
        }
        Err(EngineError::ClassWeights { got: weights.len(), want })
    }

    /// The weight of a read by what it should say.
    pub(crate) fn weight(&self, target: f32) -> f32 {
        // Out of range only before the batch is checked.
        let weight = |weights: &Vec<f32>| weights.get(target as usize).copied();
        self.class_weights.as_ref().and_then(weight).unwrap_or(1.0)
    }

    /// Σ w over the reads of a batch: what the sum of its losses is divided by.
    pub(crate) fn divisor(&self, objective: Objective, batch: &[Sequence<'_>]) -> f64 {
        match &self.class_weights {
            Some(_) => {
                batch.iter().flat_map(|s| s.targets).map(|&target| f64::from(self.weight(target))).sum()
            }
            None => (batch.iter().map(|s| s.targets.len()).sum::<usize>() / objective.targets()) as f64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_one_for_each_class_and_above_zero() {
        let weighted =
            |weights: &[f32]| Averaging { class_weights: Some(weights.to_vec()), sequences_at_once: None };
        assert_eq!(weighted(&[0.5, 2.0]).check(Objective::Classification(2)), Ok(()));
        assert_eq!(weighted(&[0.5, 2.0]).check(Objective::Tagging(2)), Ok(()));
        assert_eq!(Averaging::default().check(Objective::Regression), Ok(()));
        for (weights, objective) in [
            (&[0.5, 2.0][..], Objective::Classification(3)),
            (&[0.5, 0.0], Objective::Classification(2)),
            (&[0.5, f32::NAN], Objective::Classification(2)),
            (&[1.0], Objective::Regression),
            (&[1.0, 1.0], Objective::MultiLabel(2)),
        ] {
            assert!(weighted(weights).check(objective).is_err(), "{weights:?} {objective:?}");
        }
    }

    #[test]
    fn a_batch_is_divided_by_its_reads_or_by_their_weights() {
        let sequence =
            |targets: &'static [f32]| Sequence { ids: &[1], segments: &[0], reads: &[0], targets, index: 0 };
        let batch = [sequence(&[1.0, 0.0, 1.0]), sequence(&[2.0])];
        assert_eq!(Averaging::default().divisor(Objective::Tagging(3), &batch), 4.0);
        assert_eq!(Averaging::default().divisor(Objective::MultiLabel(2), &batch), 2.0);
        let weighted = Averaging { class_weights: Some(vec![0.5, 2.0, 8.0]), sequences_at_once: None };
        assert_eq!(weighted.divisor(Objective::Tagging(3), &batch), 12.5);
    }
}
