//! From an experiment to a text: the grid, then what differs from the defaults, in the order of the fields.

use crate::class_weights::ClassWeights;
use crate::experiment::{Experiment, FurtherRates};
use crate::halving::Halving;
use crate::text::rate;
use serde::Serialize;
use toml::Value;

/// Longest line, in characters, on which a list is written whole.
const LINE: usize = 100;

/// An experiment as a file. Name, model and grid are always written: they are what the experiment is, and a file says it
/// whatever the defaults become.
pub fn write(experiment: &Experiment) -> String {
    // Whole, so that a new field does not compile before it is written.
    let Experiment {
        name,
        model,
        delta,
        data,
        tasks,
        masks,
        learning_rates,
        further_rates,
        seeds,
        epochs,
        batch_size,
        max_length,
        warmup_fraction,
        dropout,
        adam_epsilon,
        adam_beta1,
        adam_beta2,
        epsilon_place,
        weight_decay,
        weight_decay_on,
        max_gradient_norm,
        schedule,
        gradient_accumulation,
        early_stopping,
        class_weights,
        train_limit,
        eval_limit,
        pooler_trains,
        embedding_norm_counts,
        outlier_pool,
        outlier_statistic,
        clip_predictions,
        reported_epoch,
        rate_pick,
        halving,
        engine,
        keep_weights,
        places,
    } = experiment;
    let default = Experiment::default();
    let mut file = File::default();
    file.add("name", text(name));
    file.add("model", text(model));
    file.add_some("delta", delta.as_deref().map(text));
    file.add_some("data", data.as_deref().map(text));
    file.add_list("tasks", tasks.iter().map(text));
    file.add_list("masks", masks.iter().map(text));
    file.add_list("learning_rates", learning_rates.iter().map(|&r| power(r)));
    file.add_list("seeds", seeds.iter().map(u64::to_string));
    file.add_some("epochs", epochs.map(|n| n.to_string()));
    file.add_other("batch_size", batch_size, &default.batch_size, u32::to_string);
    file.add_other("max_length", max_length, &default.max_length, u32::to_string);
    file.add_other("warmup_fraction", warmup_fraction, &default.warmup_fraction, |&x| number(x));
    file.add_some("dropout", dropout.map(number));
    file.add_other("adam_epsilon", adam_epsilon, &default.adam_epsilon, |&x| power(x));
    file.add_other("adam_beta1", adam_beta1, &default.adam_beta1, |&x| number(x));
    file.add_other("adam_beta2", adam_beta2, &default.adam_beta2, |&x| number(x));
    file.add_other("epsilon_place", epsilon_place, &default.epsilon_place, word);
    file.add_other("weight_decay", weight_decay, &default.weight_decay, |&x| number(x));
    file.add_other("weight_decay_on", weight_decay_on, &default.weight_decay_on, word);
    file.add_some("max_gradient_norm", max_gradient_norm.map(number));
    file.add_other("schedule", schedule, &default.schedule, word);
    let batches = gradient_accumulation;
    file.add_other("gradient_accumulation", batches, &default.gradient_accumulation, u32::to_string);
    file.add_some("early_stopping", early_stopping.map(|n| n.to_string()));
    match class_weights {
        Some(ClassWeights::Each(weights)) => {
            file.add_list("class_weights", weights.iter().map(|&weight| number(weight)));
        }
        Some(balanced @ ClassWeights::Balanced) => file.add("class_weights", text(balanced.to_string())),
        None => {}
    }
    file.add_some("train_limit", train_limit.map(|n| n.to_string()));
    file.add_some("eval_limit", eval_limit.map(|n| n.to_string()));
    file.add_other("pooler_trains", pooler_trains, &default.pooler_trains, word);
    file.add_other("embedding_norm_counts", embedding_norm_counts, &default.embedding_norm_counts, word);
    file.add_other("outlier_pool", outlier_pool, &default.outlier_pool, word);
    file.add_other("outlier_statistic", outlier_statistic, &default.outlier_statistic, word);
    file.add_other("clip_predictions", clip_predictions, &default.clip_predictions, word);
    file.add_other("reported_epoch", reported_epoch, &default.reported_epoch, word);
    file.add_other("rate_pick", rate_pick, &default.rate_pick, word);
    let table = |Halving { keep, after }: &Halving| {
        let after: Vec<String> = after.iter().map(u32::to_string).collect();
        format!("{{ keep = {}, after = [{}] }}", number(*keep), after.join(", "))
    };
    file.add_some("halving", halving.as_ref().map(table));
    file.add_other("engine", engine, &default.engine, word);
    file.add_some("keep_weights", keep_weights.map(|rule| text(rule.to_string())));
    if !places.is_empty() {
        file.add_list("places", places.iter().map(text));
    }
    // Tables come behind all fields.
    for FurtherRates { task, mask, learning_rates } in further_rates {
        file.0.push_str("\n[[further_rates]]\n");
        file.add("task", text(task));
        file.add("mask", text(mask));
        file.add_list("learning_rates", learning_rates.iter().map(|&r| power(r)));
    }
    file.0
}

/// The lines so far.
#[derive(Default)]
struct File(String);

impl File {
    fn add(&mut self, field: &str, value: String) {
        self.0.push_str(&format!("{field} = {value}\n"));
    }

    fn add_some(&mut self, field: &str, value: Option<String>) {
        if let Some(value) = value {
            self.add(field, value);
        }
    }

    /// A value that is not the default.
    fn add_other<T: PartialEq>(&mut self, field: &str, value: &T, default: &T, write: fn(&T) -> String) {
        if value != default {
            self.add(field, write(value));
        }
    }

    /// On one line, or an item for each line where that is too long.
    fn add_list(&mut self, field: &str, items: impl Iterator<Item = String>) {
        let items: Vec<String> = items.collect();
        let line = items.join(", ");
        if field.len() + " = []".len() + line.chars().count() <= LINE {
            self.add(field, format!("[{line}]"));
        } else {
            self.add(field, format!("[\n    {},\n]", items.join(",\n    ")));
        }
    }
}

fn text(text: impl Into<String>) -> String {
    Value::String(text.into()).to_string()
}

/// What serde writes as a word: a choice, or true and false.
fn word<T: Serialize>(value: &T) -> String {
    Value::try_from(value).map(|value| value.to_string()).unwrap_or_default()
}

/// A number that is thought of as a power of ten: `5e-4`.
fn power(x: f64) -> String {
    if x.is_finite() { rate(x) } else { Value::Float(x).to_string() }
}

/// Any other number: `0.1`, or `1e-7` where that is shorter.
fn number(x: f64) -> String {
    let (plain, power) = (Value::Float(x).to_string(), power(x));
    if plain.len() <= power.len() { plain } else { power }
}
