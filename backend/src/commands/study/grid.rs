//! Which experiments the studies are.

use super::arguments::{Arguments, Changes, Named};
use crate::lab;
use anyhow::{Result, bail};
use tunemask_shared::experiment::{BUILTIN_MODEL, Experiment, FieldError};
use tunemask_shared::study::{Size, Study};
use tunemask_shared::validation::validate;

/// A study that trains something.
#[derive(Clone, Debug)]
pub struct Planned {
    /// Which.
    pub study: Study,
    /// As it is to be run.
    pub experiment: Experiment,
}

/// What is to be done.
#[derive(Clone, Debug)]
pub struct StudyPlan {
    /// The studies that train, each once, in the paper's order.
    pub planned: Vec<Planned>,
    /// The model of Figure 1, if that is asked for.
    pub pretrained: Option<String>,
}

/// The studies that are asked for, held against model and data.
///
/// # Errors
/// Model or data are missing; every field's error of every study.
pub fn experiments(arguments: &Arguments) -> Result<StudyPlan> {
    let asked =
        |study: &Study| arguments.studies.iter().any(|n| matches!(n, Named::All) || *n == Named::One(*study));
    let trains = Study::ALL.iter().any(|study| *study != Study::Weights && asked(study));
    let (size, model, data) = match (arguments.quick, &arguments.model, &arguments.data) {
        (true, ..) => (Size::Quick, BUILTIN_MODEL, None),
        (false, Some(model), data) if data.is_some() || !trains => (Size::Full, model.as_str(), data.clone()),
        _ => bail!("name a model and its data with --model and --data, or run the quick size with --quick"),
    };
    let mut planned = Vec::new();
    let pretrained = asked(&Study::Weights).then(|| model.to_owned());
    let mut wrong = Vec::new();
    for study in Study::ALL.into_iter().filter(asked) {
        let tagging_model = arguments.tagging_model.as_deref().filter(|_| study == Study::Tagging);
        let model = tagging_model.unwrap_or(model);
        let facts = lab::inspect(model, data.as_deref());
        let blocks = facts.model.as_ref().and_then(|m| m.as_ref().ok()).map_or(0, |m| m.shape.layers);
        let Some(plain) = study.experiment(size, blocks) else { continue };
        let experiment =
            changed(Experiment { model: model.to_owned(), data: data.clone(), ..plain }, &arguments.grid);
        if let Err(errors) = validate(&experiment, &facts) {
            wrong.push(refused(study, &errors));
        }
        planned.push(Planned { study, experiment });
    }
    if !wrong.is_empty() {
        bail!("{}", wrong.join("\n"));
    }
    Ok(StudyPlan { planned, pretrained })
}

/// Every field's error of a study.
pub fn refused(study: Study, errors: &[FieldError]) -> String {
    let lines: Vec<String> = errors.iter().map(|e| format!("  {e}")).collect();
    format!("{} cannot be run:\n{}", study.name(), lines.join("\n"))
}

fn changed(mut e: Experiment, changes: &Changes) -> Experiment {
    let Changes { tasks, learning_rates, seeds, epochs, train_limit, eval_limit } = changes;
    if !tasks.is_empty() {
        e.tasks.clone_from(tasks);
    }
    if !learning_rates.is_empty() {
        e.learning_rates.clone_from(learning_rates);
    }
    if !seeds.is_empty() {
        e.seeds.clone_from(seeds);
    }
    e.epochs = epochs.or(e.epochs);
    e.train_limit = train_limit.or(e.train_limit);
    e.eval_limit = eval_limit.or(e.eval_limit);
    e
}

#[cfg(test)]
mod tests {
    use tunemask_shared::experiment::BUILTIN_MODEL;
    use tunemask_shared::study::QUICK_BLOCKS;

    #[test]
    fn the_page_knows_the_built_in_models_blocks() {
        assert_eq!(crate::model::shape(BUILTIN_MODEL).unwrap().shape.layers, QUICK_BLOCKS);
    }
}
