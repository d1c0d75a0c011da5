//! An experiment's name and its model.

use super::errors::Errors;
use crate::experiment::{BUILTIN_MODEL, Experiment};
use crate::facts::{Facts, ModelFacts};

/// Longest name of an experiment, in characters.
pub const MAX_NAME_CHARS: usize = 200;

/// The name, without white space around it.
pub(super) fn name(experiment: &Experiment, errors: &mut Errors) -> String {
    let name = experiment.name.trim();
    errors.require(!name.is_empty(), "name", "give the experiment a name");
    let fits = name.chars().count() <= MAX_NAME_CHARS;
    errors.require(fits, "name", format!("at most {MAX_NAME_CHARS} characters"));
    name.to_owned()
}

/// What is known about the model, if it can be read.
pub(super) fn model<'a>(
    experiment: &Experiment,
    facts: &'a Facts,
    errors: &mut Errors,
) -> Option<&'a ModelFacts> {
    if let Some(Err(why)) = &facts.model {
        errors.add("model", why);
    }
    errors.require(
        !experiment.model.trim().is_empty(),
        "model",
        format!("name a folder, or {BUILTIN_MODEL}"),
    );
    facts.model.as_ref().and_then(|model| model.as_ref().ok())
}
