//! The protocol: everything that has the paper's value unless changed.

use super::draft::Draft;
use super::field::Field;
use super::state::Form;
use super::text_field::TextField;
use leptos::prelude::*;
use tunemask_shared::experiment::{EpsilonPlace, Experiment, RatePick, ReportedEpoch};

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

/// The section; open where one of its fields is wrong.
#[component]
pub fn Protocol(form: Form) -> impl IntoView {
    let plain = Draft::new(&Experiment::default());
    let changed = Memo::new(move |_| {
        form.draft.with(|d| {
            let texts = TEXTS.iter().filter(|f| d.text(**f) != plain.text(**f)).count();
            let ticks = [
                d.pooler_trains != plain.pooler_trains,
                d.embedding_norm_counts != plain.embedding_norm_counts,
                d.clip_predictions != plain.clip_predictions,
                d.epsilon_place != plain.epsilon_place,
                d.reported_epoch != plain.reported_epoch,
                d.rate_pick != plain.rate_pick,
            ];
            texts + ticks.into_iter().filter(|t| *t).count()
        })
    });
    let fields = TEXTS.map(|field| view! { <TextField form=form field=field /> });
    let tick =
        move |label: &'static str, name: &'static str, get: fn(&Draft) -> bool, set: fn(&mut Draft, bool)| {
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
        };
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
                {fields.into_iter().collect_view()}
            </div>
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
            </div>
            <div class="switches">
                {tick("Train the pooler in every mask", "pooler_trains", |d| d.pooler_trains, |d, on| d.pooler_trains = on)}
                {tick(
                    "Count the embeddings' LayerNorm as one",
                    "embedding_norm_counts",
                    |d| d.embedding_norm_counts,
                    |d, on| d.embedding_norm_counts = on,
                )}
                {tick(
                    "Clip predicted scores to 0 to 5 before they are correlated (STS-B, similarity)",
                    "clip_predictions",
                    |d| d.clip_predictions,
                    |d, on| d.clip_predictions = on,
                )}
            </div>
        </details>
    }
}
