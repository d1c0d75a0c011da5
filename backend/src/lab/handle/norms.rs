//! A model's LayerNorms and what a mask selects of them, as a page asks.

use super::Lab;
use std::path::Path;
use tunemask_shared::experiment::{Experiment, FieldError};
use tunemask_shared::mask::Mask;
use tunemask_shared::norms::{NormHistogram, histograms};

impl Lab {
    /// The values of the LayerNorms of an experiment's model, where a mask selects some: what a run of it with this seed would
    /// train.
    ///
    /// Reads the model, which takes seconds for a large one.
    ///
    /// # Errors
    /// A mask that cannot be read or that the model has not; a model that cannot be used.
    pub fn norms(
        &self,
        experiment: &Experiment,
        mask: &str,
        seed: u64,
    ) -> Result<Vec<NormHistogram>, FieldError> {
        let wrong = |field: &str, message: String| FieldError { field: field.into(), message };
        let mask: Mask = mask.parse().map_err(|error| wrong("masks", format!("{error}")))?;
        let model = self.0.resources.read_model(&experiment.model, experiment.delta_file().map(Path::new));
        let model = model.map_err(|error| wrong("model", error.to_string()))?;
        let shape = &model.config.shape;
        let selection = mask
            .resolve(shape, experiment.mask_switches(), seed, Some(&model.weights))
            .map_err(|error| wrong("masks", error.to_string()))?;
        Ok(histograms(shape, &model.weights, &selection))
    }
}
