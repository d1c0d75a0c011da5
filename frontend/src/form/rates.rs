//! The learning rates and seeds of the grid, and the learning rates of single cells.

use super::field::Field;
use super::focus::focus_control;
use super::list;
use super::state::Form;
use super::text_field::{ErrorText, TextField};
use crate::format::{counted, rate};
use leptos::prelude::*;
use tunemask_shared::experiment::{FurtherRates, PAPER_LEARNING_RATES};

/// The control of learning rates of single cells, and the field's name in an experiment file.
const FURTHER: &str = "further_rates";

/// Most cells that are listed.
const MAX_CELLS: usize = 8;

/// The learning rates and seeds of the grid.
#[component]
pub fn Rates(form: Form) -> impl IntoView {
    view! {
        <section class="panel" aria-labelledby="grid">
            <h2 id="grid">"Learning rates and seeds"</h2>
            <div class="fields wide">
                <div>
                    <TextField form=form field=Field::LearningRates />
                    <button type="button" class="link" on:click=move |_| paper_rates(form)>
                        "Set the paper's seven"
                    </button>
                </div>
                <div>
                    <TextField form=form field=Field::Seeds />
                    <button
                        type="button"
                        class="link"
                        on:click=move |_| form.draft.update(|d| d.set(Field::Seeds, "1, 2, 3".into()))
                    >
                        "Set three seeds"
                    </button>
                </div>
            </div>
            <Further form=form />
        </section>
    }
}

/// The learning rates that only single cells have: a file or another experiment brings them, and they can be taken away.
#[component]
fn Further(form: Form) -> impl IntoView {
    let cells = Memo::new(move |_| form.draft.with(|draft| draft.further_rates.clone()));
    let error = Memo::new(move |_| form.error(FURTHER));
    let remove = move |_| {
        form.draft.update(|draft| draft.further_rates.clear());
        // The button is gone now.
        focus_control(Field::LearningRates.name());
    };
    let listed = move || {
        let all = cells.get();
        let more = all.len().saturating_sub(MAX_CELLS);
        let cell = |cell: &FurtherRates| view! { <li>{words(cell)}</li> };
        view! {
            {all.iter().take(MAX_CELLS).map(cell).collect_view()}
            {(more > 0).then(|| view! { <li>{format!("and {} more", counted(more, "cell"))}</li> })}
        }
    };
    view! {
        <Show when=move || !cells.with(Vec::is_empty)>
            <div class="field" data-field=FURTHER>
                <h3 id="further-rates">"Further rates of single cells"</h3>
                <ul class="hint" aria-labelledby="further-rates">{listed}</ul>
                <ErrorText control=FURTHER error=error />
                <button
                    type="button"
                    class="link"
                    aria-describedby=move || match error.with(Option::is_some) {
                        true => format!("further-rates {FURTHER}-error"),
                        false => "further-rates".to_owned(),
                    }
                    on:click=remove
                >
                    "Remove them"
                </button>
            </div>
        </Show>
    }
}

/// A cell with its rates: `layernorms on rte: 0.1, 0.2`.
fn words(FurtherRates { task, mask, learning_rates }: &FurtherRates) -> String {
    format!("{mask} on {task}: {}", list::join(learning_rates.iter().map(|&r| rate(r))))
}

fn paper_rates(form: Form) {
    let rates = list::join(PAPER_LEARNING_RATES.iter().map(|&r| rate(r)));
    form.draft.update(|d| d.set(Field::LearningRates, rates));
}
