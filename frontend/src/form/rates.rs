//! The learning rates and seeds of the grid.

use super::field::Field;
use super::list;
use super::state::Form;
use super::text_field::TextField;
use crate::format::rate;
use leptos::prelude::*;
use tunemask_shared::experiment::PAPER_LEARNING_RATES;

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
        </section>
    }
}

fn paper_rates(form: Form) {
    let rates = list::join(PAPER_LEARNING_RATES.iter().map(|&r| rate(r)));
    form.draft.update(|d| d.set(Field::LearningRates, rates));
}
