//! Which experiments the studies are.

use super::arguments::{Arguments, Named};
use crate::commands::fetching;
use crate::{data, lab};
use anyhow::{Result, anyhow, bail};
use std::path::Path;
use tunemask_shared::experiment::{BUILTIN_MODEL, Experiment, FieldError};
use tunemask_shared::study::{Size, Study};
use tunemask_shared::task::{Task, TaskName};
use tunemask_shared::validation::validate;

/// A study.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The study that is planned.
    pub study: Study,
    /// As it is to be run.
    pub experiment: Experiment,
}

/// The studies that are asked for, each once, in the paper's order, held against model and data.
///
/// # Errors
/// Model or data are missing; tasks that a study cannot have; every field's error of every study.
pub fn experiments(arguments: &Arguments) -> Result<Vec<Planned>> {
    let asked =
        |study: &Study| arguments.studies.iter().any(|n| matches!(n, Named::All) || *n == Named::One(*study));
    let (size, model, data) = match (arguments.quick, &arguments.model, &arguments.data) {
        (true, ..) => (Size::Quick, BUILTIN_MODEL, None),
        (false, Some(model), data) if data.is_some() => (Size::Full, model.as_str(), data.clone()),
        _ => bail!(
            "name a model and its data with --model and --data (figures need them too: they train `full`), or run the \
             quick size with --quick"
        ),
    };
    let mut planned = Vec::new();
    let mut wrong = Vec::new();
    let training: Vec<Study> = Study::ALL.into_iter().filter(asked).collect();
    let tasks = named_tasks(&arguments.changes.tasks, data.as_deref(), &training)?;
    for (study, tasks) in training.into_iter().zip(tasks) {
        let tagging_model = arguments.tagging_model.as_deref().filter(|_| study == Study::Tagging);
        let model = tagging_model.unwrap_or(model);
        fetch(arguments, study, tasks.as_deref(), model)?;
        let facts = lab::inspect(model, data.as_deref());
        let blocks = facts.model.as_ref().and_then(|m| m.as_ref().ok()).map_or(0, |m| m.shape.layers);
        let plain = study.experiment(size, blocks);
        let plain = Experiment { model: model.to_owned(), data: data.clone(), ..plain };
        let experiment = arguments.changes.applied(plain, tasks);
        if let Err(errors) = validate(&experiment, &facts) {
            wrong.push(refused(study, &errors));
        }
        planned.push(Planned { study, experiment });
    }
    if !wrong.is_empty() {
        bail!("{}", wrong.join("\n"));
    }
    Ok(planned)
}

/// Brings what a study needs of the hub onto this machine.
fn fetch(arguments: &Arguments, study: Study, tasks: Option<&[TaskName]>, model: &str) -> Result<()> {
    let plain = study.experiment(Size::Full, 1);
    let named = tasks.map(|tasks| tasks.iter().map(TaskName::to_string).collect());
    let (model, data) = (model.to_owned(), arguments.data.clone());
    let needed = Experiment { model, data, tasks: named.unwrap_or(plain.tasks), ..Experiment::default() };
    fetching::experiment(&needed, arguments.json.into())
        .map_err(|errors| anyhow!("{}", refused(study, &errors)))
}

/// Every field's error of a study.
pub fn refused(study: Study, errors: &[FieldError]) -> String {
    let lines: Vec<String> = errors.iter().map(|e| format!("  {e}")).collect();
    format!("{} cannot be run:\n{}", study.name(), lines.join("\n"))
}

/// The tasks that each study takes of those that are named, in the order of `studies`; `None` leaves a study its own.
///
/// # Errors
/// A name that is not a task's; a task of the user's own that the data folder does not hold; a task that none of the studies takes; a study that takes none of the tasks.
fn named_tasks(
    names: &[String],
    data: Option<&str>,
    studies: &[Study],
) -> Result<Vec<Option<Vec<TaskName>>>> {
    if names.is_empty() {
        return Ok(vec![None; studies.len()]);
    }
    let resolved = |name: &String| anyhow::Ok(data::task(&name.parse()?, data.map(Path::new))?);
    let tasks = names.iter().map(resolved).collect::<Result<Vec<Task>>>()?;
    let list = |studies: &[Study]| studies.iter().map(|s| s.name()).collect::<Vec<_>>().join(", ");
    if let Some(task) = tasks.iter().find(|task| !studies.iter().any(|study| study.takes(task))) {
        let kind = if task.kind().is_tagging() { "tagging" } else { "sentence" };
        let takers: Vec<Study> = Study::ALL.into_iter().filter(|study| study.takes(task)).collect();
        let (asked, takers) = (list(studies), list(&takers));
        bail!("`{}` is a {kind} task, which {asked} cannot have; such tasks belong to {takers}", task.name());
    }
    let of_study = |study: &Study| {
        let taken = tasks.iter().filter(|task| study.takes(task)).map(|task| task.name().clone());
        let taken: Vec<TaskName> = taken.collect();
        if taken.is_empty() {
            let kind = if *study == Study::Tagging { "tagging" } else { "sentence" };
            bail!(
                "--tasks names no {kind} task, and {} has no others; name one, or leave the study out",
                study.name()
            );
        }
        Ok(Some(taken))
    };
    studies.iter().map(of_study).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tunemask_shared::study::QUICK_BLOCKS;

    #[test]
    fn the_page_knows_the_built_in_models_blocks() {
        assert_eq!(crate::model::shape(BUILTIN_MODEL).unwrap().shape.layers, QUICK_BLOCKS);
    }

    #[test]
    fn a_task_goes_to_the_studies_that_can_have_it() {
        let of = |names: &[&str], studies: &[Study]| {
            let names: Vec<String> = names.iter().map(|&n| n.into()).collect();
            named_tasks(&names, None, studies).map_err(|error| error.to_string())
        };
        let sentences_and_tokens = [Study::Modules, Study::Tagging];
        assert_eq!(of(&[], &sentences_and_tokens), Ok(vec![None, None]));
        let both = of(&["rte", "pos", "cola"], &sentences_and_tokens);
        let named = |tasks: &[Task]| Some(tasks.iter().map(|task| task.name().clone()).collect());
        assert_eq!(both, Ok(vec![named(&[Task::rte(), Task::cola()]), named(&[Task::pos()])]));
        let wrong = |names: &[&str], studies: &[Study]| of(names, studies).unwrap_err();
        let cola = "`cola` is a sentence task, which table2 cannot have; such tasks belong to table1, table3, table4";
        assert!(wrong(&["pos", "cola"], &[Study::Tagging]).starts_with(cola));
        let tags = wrong(&["tags"], &[Study::Modules, Study::Layers]);
        assert_eq!(
            tags,
            "`tags` is a tagging task, which table1, table3 cannot have; such tasks belong to table2"
        );
        let none = wrong(&["rte"], &sentences_and_tokens);
        assert!(none.starts_with("--tasks names no tagging task, and table2 has no others"), "{none}");
        assert!(wrong(&["wnli"], &[Study::Modules]).contains("`wnli` is not a task"));
    }
}
