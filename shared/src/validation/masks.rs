//! Masks.

use super::errors::Errors;
use crate::experiment::Experiment;
use crate::facts::ModelFacts;
use crate::mask::Mask;

/// The masks, without those that cannot be read.
pub(super) fn masks(experiment: &Experiment, model: Option<&ModelFacts>, errors: &mut Errors) -> Vec<Mask> {
    let masks = errors.list("masks", &experiment.masks);
    let Some(model) = model else { return masks };
    for (i, text) in experiment.masks.iter().enumerate() {
        let Ok(mask) = text.parse::<Mask>() else { continue };
        if let Err(error) = mask.check(&model.shape, experiment.mask_switches()) {
            errors.add(format!("masks[{i}]"), error);
        }
    }
    masks
}
