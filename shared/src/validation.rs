//! The one validation of form, server and command line: every field's error at once.

use crate::experiment::{BUILTIN_MODEL, Experiment, FieldError};
use crate::facts::Facts;
use crate::mask::Mask;
use crate::task::Task;
use crate::text::count;
use std::collections::BTreeSet;
use std::fmt::Display;
use std::str::FromStr;

/// Most runs that an experiment may have.
pub const MAX_RUNS: usize = 20_000;

/// Most errors that are told at once. The last one then says how many more there are.
pub const MAX_ERRORS: usize = 100;

/// Longest name of an experiment, in characters.
pub const MAX_NAME_CHARS: usize = 200;

/// An experiment whose every field was read.
#[derive(Clone, Debug, PartialEq)]
pub struct ValidExperiment {
    /// As written, its name trimmed.
    pub experiment: Experiment,
    /// Its tasks.
    pub tasks: Vec<Task>,
    /// Its masks.
    pub masks: Vec<Mask>,
}

/// One cell of the grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// Task.
    pub task: Task,
    /// Mask.
    pub mask: Mask,
    /// Peak learning rate.
    pub learning_rate: f64,
    /// Seed.
    pub seed: u64,
    /// Epochs, by the experiment or by the protocol's rule.
    pub epochs: u32,
}

impl ValidExperiment {
    /// The cells in the order in which they are trained: task, mask, learning rate, seed.
    pub fn cells(&self) -> Vec<Cell> {
        let e = &self.experiment;
        let mut cells = Vec::new();
        for &task in &self.tasks {
            for mask in &self.masks {
                let epochs = e.epochs.unwrap_or_else(|| task.default_epochs(mask));
                for &learning_rate in &e.learning_rates {
                    for &seed in &e.seeds {
                        cells.push(Cell { task, mask: mask.clone(), learning_rate, seed, epochs });
                    }
                }
            }
        }
        cells
    }
}

/// What was found, and how much of it for want of room is not told.
#[derive(Default)]
struct Errors(Vec<FieldError>, usize);

impl Errors {
    fn add(&mut self, field: impl Into<String>, message: impl Display) {
        if self.0.len() < MAX_ERRORS {
            self.0.push(FieldError { field: field.into(), message: message.to_string() });
        } else {
            self.1 += 1;
        }
    }
    /// Says at the last one how many are not told.
    fn told(mut self) -> Vec<FieldError> {
        if let (Some(last), more @ 1..) = (self.0.last_mut(), self.1) {
            last.message.push_str(&format!("; and {} after it", count(more, "more error")));
        }
        self.0
    }
    fn require(&mut self, holds: bool, field: &str, message: impl Display) {
        if !holds {
            self.add(field, message);
        }
    }
    fn list<T: FromStr<Err: Display> + PartialEq>(&mut self, field: &str, items: &[String]) -> Vec<T> {
        self.require(!items.is_empty(), field, "choose at least one");
        let mut read: Vec<T> = Vec::new();
        for (i, item) in items.iter().enumerate() {
            match item.parse::<T>() {
                Ok(value) if read.contains(&value) => {
                    self.add(format!("{field}[{i}]"), format!("`{item}` is listed twice; remove one"));
                }
                Ok(value) => read.push(value),
                Err(error) => self.add(format!("{field}[{i}]"), error),
            }
        }
        read
    }
}

/// Reads an experiment against what is known about its model and data.
///
/// What is not known is not checked: the page asks the server for it, and the server knows it all.
///
/// # Errors
/// Every field's error, in the order of the fields.
pub fn validate(experiment: &Experiment, facts: &Facts) -> Result<ValidExperiment, Vec<FieldError>> {
    let e = experiment;
    let mut errors = Errors::default();
    let name = e.name.trim();
    errors.require(!name.is_empty(), "name", "give the experiment a name");
    errors.require(
        name.chars().count() <= MAX_NAME_CHARS,
        "name",
        format!("at most {MAX_NAME_CHARS} characters"),
    );
    let model = match &facts.model {
        Some(Ok(model)) => Some(model),
        Some(Err(why)) => {
            errors.add("model", why);
            None
        }
        None => None,
    };
    errors.require(!e.model.trim().is_empty(), "model", format!("name a folder, or {BUILTIN_MODEL}"));

    let known = errors.0.len();
    let tasks: Vec<Task> = errors.list("tasks", &e.tasks);
    let needs_data = tasks.iter().any(|t| t.source().needs_data());
    let has_data = e.data.as_deref().is_some_and(|d| !d.trim().is_empty());
    if needs_data && !has_data {
        let field = FieldError {
            field: "data".into(),
            message: "name the folder that holds the tasks' folders (RTE, SST-2, …, conll2003, ptb)".into(),
        };
        errors.0.insert(known, field);
    }
    match &facts.data {
        // Also where no ticked task needs it: what is written there is not to be kept for a folder.
        Some(Err(why)) if has_data => errors.add("data", why),
        Some(Ok(data)) if needs_data && has_data => {
            for (i, task) in e.tasks.iter().enumerate() {
                let Ok(task) = task.parse::<Task>() else { continue };
                if let Some(folder) = task.folder()
                    && !data.tasks.contains(&task)
                {
                    let title = task.title();
                    errors.add(
                        format!("tasks[{i}]"),
                        format!(
                            "the data folder has no {folder} with a training file; add it or leave {title} out"
                        ),
                    );
                }
            }
        }
        _ => {}
    }

    if model.is_some_and(|model| model.shape.segments < 2) {
        let tasks = e.tasks.iter().enumerate().filter_map(|(i, task)| Some((i, task.parse::<Task>().ok()?)));
        for (i, task) in tasks.filter(|(_, task)| task.has_pairs()) {
            let title = task.title();
            let why = "the model has one segment (type_vocab_size 1) and cannot tell two texts apart";
            errors.add(format!("tasks[{i}]"), format!("{title} has pairs of texts, and {why}; leave it out"));
        }
    }

    let masks: Vec<Mask> = errors.list("masks", &e.masks);
    if let Some(model) = model {
        for (i, mask) in e.masks.iter().enumerate() {
            if let Some(error) =
                mask.parse::<Mask>().ok().and_then(|m| m.check(&model.shape, e.mask_switches()).err())
            {
                errors.add(format!("masks[{i}]"), error);
            }
        }
    }

    errors.require(!e.learning_rates.is_empty(), "learning_rates", "give at least one");
    for (i, &rate) in e.learning_rates.iter().enumerate() {
        let field = format!("learning_rates[{i}]");
        if !(rate > 0.0 && rate <= 1.0) {
            errors.add(field, format!("{rate} is not a learning rate; give a number above 0 and at most 1"));
        } else if e.learning_rates[..i].contains(&rate) {
            errors.add(field, format!("{rate} is listed twice; remove one"));
        }
    }
    errors.require(!e.seeds.is_empty(), "seeds", "give at least one");
    let mut seen = BTreeSet::new();
    for (i, seed) in e.seeds.iter().enumerate() {
        // A page's numbers are exact up to 2^53.
        if *seed > 1 << 53 {
            errors.add(format!("seeds[{i}]"), "at most 9007199254740992");
        } else if !seen.insert(seed) {
            errors.add(format!("seeds[{i}]"), format!("{seed} is listed twice; remove one"));
        }
    }
    let between = |x: Option<u32>, low, high| x.is_none_or(|x| (low..=high).contains(&x));
    errors.require(between(e.epochs, 1, 10_000), "epochs", "1 to 10000, or leave it to the protocol");
    errors.require(between(Some(e.batch_size), 1, 4096), "batch_size", "1 to 4096");
    let longest = model.map_or(512, |m| m.shape.positions as u32);
    errors.require(
        between(Some(e.max_length), 8, longest),
        "max_length",
        format!("8 to {longest} tokens, the model's longest sequence"),
    );
    // As they are used, in f32: a share just below 1 must not become it.
    let share = |x: f64| x >= 0.0 && (x as f32) < 1.0;
    errors.require((0.0..=1.0).contains(&e.warmup_fraction), "warmup_fraction", "a share from 0 to 1");
    errors.require(e.dropout.is_none_or(share), "dropout", "a share from 0 to below 1");
    let epsilon = e.adam_epsilon as f32;
    errors.require(
        (f32::MIN_POSITIVE..=1.0).contains(&epsilon),
        "adam_epsilon",
        "at least 1e-37 and at most 1",
    );
    errors.require(share(e.adam_beta1), "adam_beta1", "from 0 to below 1");
    errors.require(share(e.adam_beta2), "adam_beta2", "from 0 to below 1");
    errors.require(
        between(e.train_limit, 1, u32::MAX),
        "train_limit",
        "at least 1, or leave it empty for all",
    );
    errors.require(between(e.eval_limit, 1, u32::MAX), "eval_limit", "at least 1, or leave it empty for all");

    let runs = e.tasks.len() * e.masks.len() * e.learning_rates.len() * e.seeds.len();
    errors.require(
        runs <= MAX_RUNS,
        "tasks",
        format!("{runs} runs are more than the {MAX_RUNS} of one experiment; split it"),
    );
    if errors.0.is_empty() {
        let experiment = Experiment { name: name.to_owned(), ..e.clone() };
        Ok(ValidExperiment { experiment, tasks, masks })
    } else {
        Err(errors.told())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{DataFacts, ModelFacts};
    use crate::shape::ModelShape;

    fn fields(e: &Experiment, facts: &Facts) -> Vec<String> {
        validate(e, facts).err().unwrap_or_default().into_iter().map(|e| e.field).collect()
    }

    #[test]
    fn the_defaults_are_valid_and_make_their_grid() {
        let valid = validate(&Experiment::default(), &Facts::default()).unwrap();
        let cells = valid.cells();
        assert_eq!(cells.len(), 2 * 4 * 2 * 2);
        assert_eq!((cells[0].seed, cells[1].seed, cells[1].learning_rate), (1, 2, 5e-4));
        assert_eq!((cells[0].epochs, cells[4].epochs), (5, 10));
    }

    #[test]
    fn every_error_comes_at_once() {
        let e = Experiment {
            name: "  ".into(),
            tasks: vec!["rte".into(), "wnli".into(), "RTE".into()],
            masks: vec![],
            learning_rates: vec![1e-3, f64::NAN, 1e-3, -1.0],
            seeds: vec![1, 1],
            epochs: Some(0),
            batch_size: 0,
            max_length: 1024,
            warmup_fraction: 1.5,
            dropout: Some(1.0),
            adam_epsilon: 0.0,
            adam_beta1: 1.0,
            adam_beta2: -0.1,
            train_limit: Some(0),
            eval_limit: Some(0),
            ..Experiment::default()
        };
        let got = fields(&e, &Facts::default());
        let want = [
            "name",
            "data",
            "tasks[1]",
            "tasks[2]",
            "masks",
            "learning_rates[1]",
            "learning_rates[2]",
            "learning_rates[3]",
            "seeds[1]",
            "epochs",
            "batch_size",
            "max_length",
            "warmup_fraction",
            "dropout",
            "adam_epsilon",
            "adam_beta1",
            "adam_beta2",
            "train_limit",
            "eval_limit",
        ];
        assert_eq!(got, want);
    }

    #[test]
    fn facts_are_held_against_masks_and_tasks() {
        let shape = ModelShape { layers: 2, positions: 64, ..ModelShape::BERT_BASE_UNCASED };
        let facts = Facts {
            model: Some(Ok(ModelFacts { title: "m".into(), shape, cased: false, dropout: 0.1 })),
            data: Some(Ok(DataFacts { tasks: vec![Task::Rte] })),
        };
        let e = Experiment {
            data: Some("glue".into()),
            tasks: vec!["rte".into(), "cola".into(), "ner".into(), "tags".into()],
            masks: vec!["single_norm:2".into(), "single_norm:3".into()],
            ..Experiment::default()
        };
        assert_eq!(fields(&e, &facts), ["tasks[1]", "tasks[2]", "masks[1]", "max_length"]);
        let one = ModelShape { segments: 1, ..ModelShape::BERT_BASE_UNCASED };
        let model = Some(Ok(ModelFacts { title: "m".into(), shape: one, cased: false, dropout: 0.1 }));
        let tasks = ["sentiment", "paraphrase", "tags", "entailment"].map(String::from).to_vec();
        let e = Experiment { tasks, ..Experiment::default() };
        let one_segment = Facts { model, data: None };
        assert_eq!(fields(&e, &one_segment), ["tasks[1]", "tasks[3]"]);
        let why = validate(&e, &one_segment).unwrap_err().remove(0).message;
        assert!(why.starts_with("Paraphrase has pairs of texts, and the model has one segment"), "{why}");
        let ner = Experiment { tasks: vec!["ner".into()], ..Experiment::default() };
        assert_eq!(fields(&ner, &Facts::default()), ["data"]);
        let broken = Facts { model: Some(Err("no such folder".into())), data: None };
        assert_eq!(fields(&Experiment::default(), &broken), ["model"]);
    }

    #[test]
    fn a_data_folder_that_is_not_there_is_told_whatever_is_ticked() {
        let missing = Facts { model: None, data: Some(Err("/no: no such folder".into())) };
        let built_in = Experiment { data: Some("/no".into()), ..Experiment::default() };
        assert_eq!(fields(&built_in, &missing), ["data"]);
        assert_eq!(fields(&Experiment { data: Some(" ".into()), ..built_in }, &missing), [""; 0]);
    }

    #[test]
    fn many_errors_are_counted_and_long_masks_are_not_read() {
        let errors = |masks: Vec<String>| {
            let e = Experiment { masks, ..Experiment::default() };
            validate(&e, &Facts::default()).unwrap_err()
        };
        let many = errors((0..5_000).map(|i| format!("no mask {i}")).collect());
        assert_eq!(many.len(), MAX_ERRORS);
        let last = &many[MAX_ERRORS - 1];
        assert!(
            last.field == "masks[99]" && last.message.ends_with("; and 4,901 more errors after it"),
            "{last}"
        );
        let rule = "largest:4 in mha + ";
        let long = errors(vec![rule.repeat(35_000) + "ffn"]);
        assert_eq!(
            long,
            [FieldError {
                field: "masks[0]".into(),
                message: "665003 characters are too long for a mask; at most 8192 are read".into(),
            }]
        );
    }
}
