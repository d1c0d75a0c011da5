//! The protocol: everything that has the paper's value unless changed.

use super::draft::Draft;
use super::field::Field;
use super::fold::Fold;
use super::state::Form;
use super::text_field::TextField;
use leptos::prelude::*;
use tunemask_shared::experiment::{DecayOn, EngineKind, EpsilonPlace, Experiment, RatePick, ReportedEpoch};
use tunemask_shared::schedule::Decay;

const TEXTS: [Field; 17] = [
    Field::Epochs,
    Field::BatchSize,
    Field::MaxLength,
    Field::TrainLimit,
    Field::EvalLimit,
    Field::WarmupFraction,
    Field::Dropout,
    Field::AdamEpsilon,
    Field::AdamBeta1,
    Field::AdamBeta2,
    Field::WeightDecay,
    Field::MaxGradientNorm,
    Field::GradientAccumulation,
    Field::EarlyStopping,
    Field::ClassWeights,
    Field::Halving,
    Field::Delta,
];

/// A choice between values of a draft's field, the first being the default.
struct FieldChoice {
    name: &'static str,
    label: &'static str,
    options: &'static [&'static str],
    /// Place of the value that a draft has.
    chosen: fn(&Draft) -> usize,
    /// Takes the value at a place.
    choose: fn(&mut Draft, usize),
}

/// A choice that is named after the field that it sets.
macro_rules! choice {
    ($field:ident, $label:literal, $($value:path => $option:literal),+ $(,)?) => {
        FieldChoice {
            name: stringify!($field),
            label: $label,
            options: &[$($option),+],
            chosen: |draft| [$($value),+].iter().position(|value| *value == draft.$field).unwrap_or(0),
            choose: |draft, place| draft.$field = [$($value),+].get(place).copied().unwrap_or_default(),
        }
    };
}

static CHOICES: [FieldChoice; 6] = [
    choice!(
        schedule, "Learning rate after the warm-up",
        Decay::Linear => "falls linearly to 0",
        Decay::Constant => "stays as it is",
        Decay::Cosine => "falls along a cosine to 0",
    ),
    choice!(
        epsilon_place, "ε is added",
        EpsilonPlace::Pytorch => "after the bias correction (PyTorch)",
        EpsilonPlace::Keras => "before it (Keras)",
    ),
    choice!(
        weight_decay_on, "Weight decay shrinks",
        DecayOn::Matrices => "matrices: no bias, no γ or β",
        DecayOn::All => "all that trains",
    ),
    choice!(
        reported_epoch, "Reported epoch",
        ReportedEpoch::Best => "best on the development set",
        ReportedEpoch::Last => "the last",
    ),
    choice!(
        rate_pick, "Learning rate picked",
        RatePick::BestMean => "best mean over the seeds",
        RatePick::PerSeed => "best of each seed",
    ),
    choice!(
        engine, "Engine",
        EngineKind::Tunemask => "Tunemask",
        EngineKind::Candle => "candle, the reference (slow)",
    ),
];

/// A field of a draft that is on or off.
struct Switch {
    name: &'static str,
    label: &'static str,
    is_on: fn(&Draft) -> bool,
    turn: fn(&mut Draft, on: bool),
}

/// A switch that is named after the field that it sets.
macro_rules! switch {
    ($field:ident, $label:literal) => {
        Switch {
            name: stringify!($field),
            label: $label,
            is_on: |draft| draft.$field,
            turn: |draft, on| draft.$field = on,
        }
    };
}

static SWITCHES: [Switch; 3] = [
    switch!(pooler_trains, "Train the pooler in every mask"),
    switch!(embedding_norm_counts, "Count the embeddings' LayerNorm as one"),
    switch!(
        clip_predictions,
        "Clip predicted scores to the range 0 to 5 before they are correlated (STS-B, similarity)"
    ),
];

/// How many of the protocol's values differ between two drafts.
fn changes(draft: &Draft, other: &Draft) -> usize {
    let texts = TEXTS.iter().filter(|field| draft.text(**field) != other.text(**field)).count();
    let choices = CHOICES.iter().filter(|choice| (choice.chosen)(draft) != (choice.chosen)(other)).count();
    let switches = SWITCHES.iter().filter(|switch| (switch.is_on)(draft) != (switch.is_on)(other)).count();
    texts + choices + switches
}

/// The section; open where something in it differs from the paper.
#[component]
pub fn Protocol(form: Form) -> impl IntoView {
    let paper = Draft::new(&Experiment::default());
    let changed = Memo::new(move |_| form.draft.with(|draft| changes(draft, &paper)));
    let open = changed.get_untracked() > 0;
    let count = move || match changed.get() {
        0 => "as in the paper".to_owned(),
        n => format!("{n} changed"),
    };
    let summary = view! { <h2>"Protocol"</h2> <span class="count">{count}</span> }.into_any();
    view! {
        <Fold class="panel" open=open summary=summary>
            <div class="fields">
                {TEXTS.map(|field| view! { <TextField form=form field=field /> }).into_iter().collect_view()}
            </div>
            <div class="fields choices">
                {CHOICES.iter().map(|choice| select(form, choice)).collect_view()}
            </div>
            <div class="switches">
                {SWITCHES.iter().map(|switch| check_box(form, switch)).collect_view()}
            </div>
        </Fold>
    }
}

fn select(form: Form, choice: &'static FieldChoice) -> impl IntoView {
    let FieldChoice { name, label, options, chosen, choose } = *choice;
    let option = move |(place, option): (usize, &&'static str)| {
        let selected = move || form.draft.with(chosen) == place;
        view! { <option value=place.to_string() selected=selected>{*option}</option> }
    };
    let changed = move |event| {
        if let Ok(place) = event_target_value(&event).parse() {
            form.draft.update(|draft| choose(draft, place));
        }
    };
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <select id=name name=name on:change=changed>
                {options.iter().enumerate().map(option).collect_view()}
            </select>
        </div>
    }
}

fn check_box(form: Form, switch: &'static Switch) -> impl IntoView {
    let Switch { name, label, is_on, turn } = *switch;
    view! {
        <label class="check">
            <input
                type="checkbox"
                name=name
                prop:checked=move || form.draft.with(is_on)
                on:change=move |e| form.draft.update(|d| turn(d, event_target_checked(&e)))
            />
            {label}
        </label>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_and_switch_is_counted_once() {
        let paper = Draft::new(&Experiment::default());
        assert_eq!(changes(&paper, &paper), 0);
        let mut changed = paper.clone();
        for choice in &CHOICES {
            assert_eq!((choice.chosen)(&paper), 0, "{} differs from the paper", choice.name);
            for place in (0..choice.options.len()).rev().chain([choice.options.len() - 1]) {
                (choice.choose)(&mut changed, place);
                assert_eq!((choice.chosen)(&changed), place);
            }
        }
        for switch in &SWITCHES {
            (switch.turn)(&mut changed, !(switch.is_on)(&paper));
        }
        changed.set(Field::Epochs, "7".into());
        assert_eq!(changes(&changed, &paper), CHOICES.len() + SWITCHES.len() + 1);
    }
}
