//! The settings in which they differ, one column per run or experiment; those that are equal are folded away.

use super::contender::Contender;
use crate::results::report::kept;
use std::collections::BTreeSet;
use tunemask_shared::class_weights::ClassWeights;
use tunemask_shared::experiment::{DecayOn, EngineKind, EpsilonPlace, RatePick, ReportedEpoch};
use tunemask_shared::halving::Halving;
use tunemask_shared::mask::{OutlierPool, OutlierStatistic};
use tunemask_shared::report::{Block, Cell, Column, Table};
use tunemask_shared::run::{Precision, RunSpec};
use tunemask_shared::schedule::Decay;
use tunemask_shared::text::{NONE, count, rate, set_percent, thousands};

/// A setting: its name, and what one of them has.
type Setting = (&'static str, fn(&Contender) -> String);

/// Every setting, in the order in which a form asks for them; what only runs know stands behind.
const SETTINGS: [Setting; 37] = [
    ("Name", |c| c.experiment.name.clone()),
    ("Model", |c| c.experiment.model.clone()),
    ("Delta on the model", |c| c.experiment.delta_file().map_or("none".into(), str::to_owned)),
    ("Data folder", |c| c.experiment.data.clone().unwrap_or_else(|| "none".into())),
    ("Tasks", |c| c.table.tasks.iter().map(|task| task.title()).collect::<Vec<_>>().join(", ")),
    ("Masks", |c| c.experiment.masks.join(", ")),
    ("Learning rates", |c| list(c.experiment.learning_rates.iter().map(|&x| rate(x)))),
    ("Learning rates of single cells", further),
    ("Seeds", |c| list(c.experiment.seeds.iter())),
    ("Epochs", |c| among(c, |spec| spec.epochs.to_string())),
    ("Batch size", |c| c.experiment.batch_size.to_string()),
    ("Longest sequence", |c| format!("{} tokens", c.experiment.max_length)),
    ("Training examples", |c| limit(c.experiment.train_limit)),
    ("Development examples", |c| limit(c.experiment.eval_limit)),
    ("Warm-up", |c| format!("{} of the steps", set_percent(c.experiment.warmup_fraction))),
    ("After the warm-up", |c| match c.experiment.schedule {
        Decay::Linear => "linear to 0".into(),
        Decay::Constant => "constant".into(),
        Decay::Cosine => "cosine to 0".into(),
    }),
    ("Dropout", |c| c.experiment.dropout.map_or("the model's own".into(), |p| p.to_string())),
    ("Adam β₁, β₂", |c| format!("{}, {}", c.experiment.adam_beta1, c.experiment.adam_beta2)),
    ("Adam ε", |c| format!("{:e}", c.experiment.adam_epsilon)),
    ("Place of ε", |c| match c.experiment.epsilon_place {
        EpsilonPlace::Pytorch => "after the bias correction (PyTorch)".into(),
        EpsilonPlace::Keras => "before the bias correction (Keras)".into(),
    }),
    ("Weight decay", |c| c.experiment.weight_decay.to_string()),
    ("Weight decay shrinks", |c| match c.experiment.weight_decay_on {
        DecayOn::Matrices => "matrices".into(),
        DecayOn::All => "all that trains".into(),
    }),
    ("Largest gradient norm", |c| c.experiment.max_gradient_norm.map_or("any".into(), |x| x.to_string())),
    ("Batches per step", |c| c.experiment.gradient_accumulation.to_string()),
    ("Early stopping", |c| {
        let after = |epochs: u32| format!("after {} without a better score", count(epochs as usize, "epoch"));
        c.experiment.early_stopping.map_or("none".into(), after)
    }),
    ("Class weights", |c| c.experiment.class_weights.as_ref().map_or("none".into(), ClassWeights::to_string)),
    ("Pooler trains", |c| yes(c.experiment.pooler_trains)),
    ("Embedding LayerNorm counts", |c| yes(c.experiment.embedding_norm_counts)),
    ("Outliers of", |c| match c.experiment.outlier_pool {
        OutlierPool::Both => "γ and β together".into(),
        OutlierPool::Gamma => "γ alone".into(),
        OutlierPool::Each => "γ and β each".into(),
    }),
    ("Outliers by", |c| match c.experiment.outlier_statistic {
        OutlierStatistic::Distance => "distance from the mean".into(),
        OutlierStatistic::Magnitude => "magnitude".into(),
    }),
    ("Predictions clipped", |c| yes(c.experiment.clip_predictions)),
    ("Reported epoch", |c| match c.experiment.reported_epoch {
        ReportedEpoch::Best => "the best on the development set".into(),
        ReportedEpoch::Last => "the last".into(),
    }),
    ("Halving", |c| c.experiment.halving.as_ref().map_or("none".into(), Halving::to_string)),
    ("Learning rate picked", |c| match c.experiment.rate_pick {
        RatePick::BestMean => "by the best mean over the seeds".into(),
        RatePick::PerSeed => "for each seed".into(),
    }),
    ("Engine", |c| {
        let kind = match c.experiment.engine {
            EngineKind::Tunemask => "Tunemask's own",
            EngineKind::Candle => "candle's autograd",
        };
        format!("{kind}, version {}", among(c, |spec| spec.engine.to_string()))
    }),
    ("Precision", |c| {
        among(c, |spec| spec.precision.map_or(Precision::F32, |precision| precision).name().into())
    }),
    ("Weights and data", |c| {
        let short = |hash: &str| hash.chars().take(12).collect::<String>();
        among(c, |spec| format!("{} on {}", short(&spec.model), short(&spec.data)))
    }),
];

/// A table of the settings that differ, and one to be opened of the others.
pub(super) fn settings(all: &[Contender]) -> Vec<Block> {
    let (mut differing, mut equal) = (Vec::new(), Vec::new());
    for (name, value) in SETTINGS {
        let values: Vec<String> = all.iter().map(value).collect();
        if values.windows(2).all(|pair| pair[0] == pair[1]) {
            let value = values.into_iter().next().unwrap_or_default();
            equal.push(vec![Cell::text(name), Cell::text(value)]);
        } else {
            differing.push(std::iter::once(name.to_owned()).chain(values).map(Cell::text).collect());
        }
    }
    let (differ, same) = (differing.len(), equal.len());
    let mut blocks = Vec::new();
    if differing.is_empty() {
        blocks.push(Block::Paragraph("All settings are equal.".into()));
    } else {
        let names = all.iter().map(|c| Column::words(&c.name));
        let columns = std::iter::once(Column::words("Setting")).chain(names).collect();
        let caption = format!("{} in which they differ", count(differ, "setting"));
        let table = Table::new(caption, columns, differing);
        blocks.push(Block::Table(kept(table, &["comparison", "settings"], "comparison-settings", &[])));
    }
    let verb = if same == 1 { "is" } else { "are" };
    let columns = vec![Column::words("Setting"), Column::words("Value")];
    let table = Table::new("Settings that are equal", columns, equal);
    blocks.push(Block::Fold {
        summary: format!("{} {verb} equal", count(same, "setting")),
        blocks: vec![Block::Table(kept(table, &["comparison", "equal settings"], "comparison-equal", &[]))],
    });
    blocks
}

/// What the runs have of a setting, each value once, in order.
fn among(contender: &Contender, get: impl Fn(&RunSpec) -> String) -> String {
    let values: BTreeSet<String> = contender.runs.values().map(|run| get(&run.spec)).collect();
    if values.is_empty() { NONE.to_owned() } else { list(values.into_iter()) }
}

fn further(contender: &Contender) -> String {
    let cell = |further: &tunemask_shared::experiment::FurtherRates| {
        let rates = list(further.learning_rates.iter().map(|&x| rate(x)));
        format!("{} on {}: {rates}", further.mask, further.task)
    };
    let cells: Vec<String> = contender.experiment.further_rates.iter().map(cell).collect();
    if cells.is_empty() { "none".into() } else { cells.join("; ") }
}

fn list<T: ToString>(items: impl Iterator<Item = T>) -> String {
    items.map(|item| item.to_string()).collect::<Vec<_>>().join(", ")
}

fn limit(limit: Option<u32>) -> String {
    limit.map_or("all".to_owned(), |n| format!("the first {}", thousands(n.into())))
}

fn yes(is_so: bool) -> String {
    if is_so { "yes" } else { "no" }.to_owned()
}
