//! All that determines a run, as the log has it, and what proves how it ended.

use crate::component::part::mask_glyph;
use crate::format::{counted, rate, thousands};
use crate::net::client::{Question, use_client};
use crate::net::store::use_store;
use crate::page::run_row::retired;
use leptos::prelude::*;
use tunemask_shared::class_weights::ClassWeights;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::experiment::DecayOn;
use tunemask_shared::run::{Precision, RunSpec};
use tunemask_shared::schedule::Decay;
use tunemask_shared::shape::ModelShape;
use tunemask_shared::state::RunState;
use tunemask_shared::text::set_percent;

/// A setting and its value.
type Fact = (&'static str, String);

/// A run's settings, in the order in which they are asked for.
fn settings(spec: &RunSpec) -> Vec<Fact> {
    let limit =
        |limit: Option<u32>| limit.map_or("all".to_owned(), |n| format!("the first {}", thousands(n.into())));
    let [beta1, beta2, epsilon] = spec.adam;
    let precision = match spec.precision {
        None | Some(Precision::F32) => "f32",
        Some(Precision::Tf32) => "tf32",
        Some(Precision::Bf16) => "bf16",
        Some(Precision::FrozenBf16) => "bf16 where frozen",
    };
    let schedule = match spec.schedule {
        Decay::Linear => "linear to 0",
        Decay::Constant => "constant",
        Decay::Cosine => "cosine to 0",
    };
    let decay = match (spec.weight_decay, spec.weight_decay_on) {
        (0.0, _) => "none".to_owned(),
        (decay, DecayOn::Matrices) => format!("{decay} of matrices"),
        (decay, DecayOn::All) => format!("{decay} of all that trains"),
    };
    let longest = spec.max_gradient_norm.map_or_else(|| "any".to_owned(), |norm| format!("at most {norm}"));
    let batch = match spec.gradient_accumulation {
        1 => spec.batch_size.to_string(),
        batches => format!("{}, {batches} batches a step", spec.batch_size),
    };
    let patience = spec.early_stopping.map_or_else(
        || "none".to_owned(),
        |epochs| format!("after {} without a better score", counted(epochs as usize, "epoch")),
    );
    vec![
        ("Learning rate", rate(spec.learning_rate)),
        ("Seed", spec.seed.to_string()),
        ("Epochs", spec.epochs.to_string()),
        ("Batch size", batch),
        ("Longest sequence", format!("{} tokens", spec.max_length)),
        ("Warm-up", format!("{} of the steps", set_percent(spec.warmup_fraction))),
        ("Dropout", spec.dropout.map_or("the model's own".into(), |p| p.to_string())),
        ("Adam", format!("β₁ {beta1}, β₂ {beta2}, ε {epsilon:e}")),
        ("After the warm-up", schedule.into()),
        ("Weight decay", decay),
        ("Gradient norm", longest),
        ("Early stopping", patience),
        ("Class weights", spec.class_weights.as_ref().map_or("none".into(), ClassWeights::to_string)),
        ("Training examples", limit(spec.train_limit)),
        ("Development examples", limit(spec.eval_limit)),
        ("Precision", precision.into()),
        ("Model", format!("SHA-256 {}", spec.model)),
        ("Data", spec.data.clone()),
    ]
}

/// What is known of how it trained and ended, on a model of this shape.
fn ends(run: &RunState, shape: Option<ModelShape>) -> Vec<Fact> {
    let mut facts = Vec::new();
    if let Some(device) = &run.device {
        facts.push(("Device", device.clone()));
    }
    if let Some(node) = &run.node {
        facts.push(("Machine", format!("{}, {}", node.place(), node.arithmetic)));
    }
    if let Some(together) = run.together.filter(|runs| *runs > 1) {
        facts.push(("Trained in a gang of", format!("{together} runs")));
    }
    if let Some(why) = retired(run.retirement) {
        facts.push(("Retired", why));
    }
    if let Some(step) = run.checkpoint {
        facts.push(("Last checkpoint", format!("step {}", thousands(step))));
    }
    if let Some(outcome) = &run.outcome {
        if let Some(epoch) = outcome.stopped_after {
            facts.push(("Stopped early", format!("after epoch {epoch} of {}", run.spec.epochs)));
        }
        // Where everything trains there is nothing to prove.
        if shape.is_none_or(|shape| run.trainable < shape.scalars() as u64) {
            let frozen = if outcome.frozen_unchanged { "unchanged, bit for bit" } else { "changed" };
            facts.push(("Frozen weights", frozen.into()));
        }
        facts.push(("Trained weights", format!("SHA-256 {}", outcome.trained_sha256)));
    }
    facts
}

fn list(facts: Vec<Fact>) -> impl IntoView {
    let row = |(term, text): Fact| view! { <div><dt>{term}</dt> <dd>{text}</dd></div> };
    view! { <dl class="facts-list">{facts.into_iter().map(row).collect_view()}</dl> }
}

/// Both as lists.
#[component]
pub fn Facts(id: ExperimentId, state: Memo<Option<RunState>>) -> impl IntoView {
    let (store, client) = (use_store(), use_client());
    let spec = state.with_untracked(|s| s.as_ref().map(|s| (s.spec.clone(), s.trainable)));
    let model = store.state.with_untracked(|s| s.experiments.get(&id).map(|e| e.experiment.model.clone()));
    let question = model.map(|model| Question { model, data: None });
    question.iter().cloned().for_each(|question| client.know(question));
    let shape = Memo::new(move |_| client.shape(question.as_ref()?));
    let (spec, trainable) = spec?;
    let (mask, switches, task) = (spec.mask.clone(), spec.switches, spec.task.title().to_owned());
    let count = move || match shape.get() {
        Some(shape) => {
            let share = 100.0 * trainable as f64 / shape.scalars() as f64;
            format!("{} parameters, {share:.3} % of the model", thousands(trainable))
        }
        None => format!("{} parameters", thousands(trainable)),
    };
    let name = mask.to_string();
    let picture = move || shape.get().map(|shape| mask_glyph(&mask, &shape, switches));
    Some(view! {
        <section aria-labelledby="settings">
            <h2 id="settings">"Settings"</h2>
            <dl class="facts-list">
                <div><dt>"Task"</dt> <dd>{task}</dd></div>
                <div><dt>"Mask"</dt> <dd class="mask">{picture} <code>{name}</code></dd></div>
                <div><dt>"Trains"</dt> <dd>{count}</dd></div>
            </dl>
            {list(settings(&spec))}
        </section>
        <section aria-labelledby="course">
            <h2 id="course">"Course"</h2>
            {move || state.with(|s| s.as_ref().map(|s| list(ends(s, shape.get()))))}
        </section>
    })
}
