//! The protocol: everything that has the paper's value unless changed.

use super::draft::Draft;
use super::field::Field;
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

/// A choice between two, the first being the default.
#[component]
fn Choice(
    form: Form,
    name: &'static str,
    label: &'static str,
    options: [&'static str; 2],
    get: fn(&Draft) -> bool,
    set: fn(&mut Draft, second: bool),
) -> impl IntoView {
    let second = move || form.draft.with(get);
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <select
                id=name
                name=name
                on:change=move |e| form.draft.update(|d| set(d, event_target_value(&e) == "1"))
            >
                <option value="0" selected=move || !second()>{options[0]}</option>
                <option value="1" selected=second>{options[1]}</option>
            </select>
        </div>
    }
}

/// A box to be ticked.
#[component]
fn Switch(
    form: Form,
    name: &'static str,
    label: &'static str,
    get: fn(&Draft) -> bool,
    set: fn(&mut Draft, on: bool),
) -> impl IntoView {
    view! {
        <label class="check">
            <input
                type="checkbox"
                name=name
                prop:checked=move || form.draft.with(get)
                on:change=move |e| form.draft.update(|d| set(d, event_target_checked(&e)))
            />
            {label}
        </label>
    }
}

/// How many of the protocol's values differ between two drafts.
fn changes(draft: &Draft, other: &Draft) -> usize {
    let texts = TEXTS.iter().filter(|field| draft.text(**field) != other.text(**field)).count();
    let choices = [
        draft.pooler_trains != other.pooler_trains,
        draft.embedding_norm_counts != other.embedding_norm_counts,
        draft.clip_predictions != other.clip_predictions,
        draft.epsilon_place != other.epsilon_place,
        draft.reported_epoch != other.reported_epoch,
        draft.rate_pick != other.rate_pick,
        draft.engine != other.engine,
    ];
    texts + choices.into_iter().filter(|changed| *changed).count()
}

/// The section; open where something in it differs from the paper.
#[component]
pub fn Protocol(form: Form) -> impl IntoView {
    let paper = Draft::new(&Experiment::default());
    let changed = Memo::new(move |_| form.draft.with(|draft| changes(draft, &paper)));
    let open = changed.get_untracked() > 0;
    view! {
        <details class="panel" open=open>
            <summary>
                <h2>"Protocol"</h2>
                <span class="count">
                    {move || match changed.get() {
                        0 => "as in the paper".to_owned(),
                        n => format!("{n} changed"),
                    }}
                </span>
            </summary>
            <div class="fields">
                {TEXTS.map(|field| view! { <TextField form=form field=field /> }).into_iter().collect_view()}
            </div>
            <Choices form=form />
            <Switches form=form />
        </details>
    }
}

#[component]
fn Choices(form: Form) -> impl IntoView {
    view! {
        <div class="fields choices">
            <Choice
                form=form
                name="epsilon_place"
                label="ε is added"
                options=["after the bias correction (PyTorch)", "before it (Keras)"]
                get=|d| d.epsilon_place == EpsilonPlace::Keras
                set=|d, second| {
                    d.epsilon_place = if second { EpsilonPlace::Keras } else { EpsilonPlace::Pytorch };
                }
            />
            <Choice
                form=form
                name="reported_epoch"
                label="Reported epoch"
                options=["best on the development set", "the last"]
                get=|d| d.reported_epoch == ReportedEpoch::Last
                set=|d, second| {
                    d.reported_epoch = if second { ReportedEpoch::Last } else { ReportedEpoch::Best };
                }
            />
            <Choice
                form=form
                name="rate_pick"
                label="Learning rate picked"
                options=["best mean over the seeds", "best of each seed"]
                get=|d| d.rate_pick == RatePick::PerSeed
                set=|d, second| {
                    d.rate_pick = if second { RatePick::PerSeed } else { RatePick::BestMean };
                }
            />
            <Choice
                form=form
                name="engine"
                label="Engine"
                options=["Tunemask", "candle, the reference (slow)"]
                get=|d| d.engine == EngineKind::Candle
                set=|d, second| {
                    d.engine = if second { EngineKind::Candle } else { EngineKind::Tunemask };
                }
            />
        </div>
    }
}

#[component]
fn Switches(form: Form) -> impl IntoView {
    view! {
        <div class="switches">
            <Switch
                form=form
                name="pooler_trains"
                label="Train the pooler in every mask"
                get=|d| d.pooler_trains
                set=|d, on| d.pooler_trains = on
            />
            <Switch
                form=form
                name="embedding_norm_counts"
                label="Count the embeddings' LayerNorm as one"
                get=|d| d.embedding_norm_counts
                set=|d, on| d.embedding_norm_counts = on
            />
            <Switch
                form=form
                name="clip_predictions"
                label="Clip predicted scores to the range 0 to 5 before they are correlated (STS-B, \
                       similarity)"
                get=|d| d.clip_predictions
                set=|d, on| d.clip_predictions = on
            />
        </div>
    }
}
