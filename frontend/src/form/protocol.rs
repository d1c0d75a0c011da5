//! The protocol: everything that has the paper's value unless changed.

use super::draft::Draft;
use super::field::Field;
use super::fold::Fold;
use super::state::Form;
use super::text_field::TextField;
use leptos::prelude::*;
use tunemask_shared::experiment::{EngineKind, EpsilonPlace, Experiment, RatePick, ReportedEpoch};

const TEXTS: [Field; 11] = [
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
    Field::Delta,
];

/// A choice between two values of a draft's field, the first being the default.
struct Choice {
    name: &'static str,
    label: &'static str,
    options: [&'static str; 2],
    is_second: fn(&Draft) -> bool,
    choose: fn(&mut Draft, second: bool),
}

/// A choice that is named after the field that it sets.
macro_rules! choice {
    ($field:ident, $label:literal, $first:path => $first_label:literal, $second:path => $second_label:literal) => {
        Choice {
            name: stringify!($field),
            label: $label,
            options: [$first_label, $second_label],
            is_second: |draft| draft.$field == $second,
            choose: |draft, second| draft.$field = if second { $second } else { $first },
        }
    };
}

static CHOICES: [Choice; 4] = [
    choice!(
        epsilon_place, "ε is added",
        EpsilonPlace::Pytorch => "after the bias correction (PyTorch)",
        EpsilonPlace::Keras => "before it (Keras)"
    ),
    choice!(
        reported_epoch, "Reported epoch",
        ReportedEpoch::Best => "best on the development set",
        ReportedEpoch::Last => "the last"
    ),
    choice!(
        rate_pick, "Learning rate picked",
        RatePick::BestMean => "best mean over the seeds",
        RatePick::PerSeed => "best of each seed"
    ),
    choice!(
        engine, "Engine",
        EngineKind::Tunemask => "Tunemask",
        EngineKind::Candle => "candle, the reference (slow)"
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
    let differs = |is: fn(&Draft) -> bool| is(draft) != is(other);
    let texts = TEXTS.iter().filter(|field| draft.text(**field) != other.text(**field)).count();
    let choices = CHOICES.iter().filter(|choice| differs(choice.is_second)).count();
    let switches = SWITCHES.iter().filter(|switch| differs(switch.is_on)).count();
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

fn select(form: Form, choice: &'static Choice) -> impl IntoView {
    let Choice { name, label, options: [first, second], is_second, choose } = *choice;
    let chosen = move || form.draft.with(is_second);
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <select
                id=name
                name=name
                on:change=move |e| form.draft.update(|d| choose(d, event_target_value(&e) == "1"))
            >
                <option value="0" selected=move || !chosen()>{first}</option>
                <option value="1" selected=chosen>{second}</option>
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
            assert!(!(choice.is_second)(&paper), "{} differs from the paper", choice.name);
            (choice.choose)(&mut changed, true);
        }
        for switch in &SWITCHES {
            (switch.turn)(&mut changed, !(switch.is_on)(&paper));
        }
        changed.set(Field::Epochs, "7".into());
        assert_eq!(changes(&changed, &paper), CHOICES.len() + SWITCHES.len() + 1);
    }
}
