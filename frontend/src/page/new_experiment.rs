//! The form of a new experiment as a page of its own.

use crate::form::experiment_form::ExperimentForm;
use crate::route::Prefill;
use leptos::prelude::*;

/// The page at `/new`.
#[component]
pub fn NewExperimentPage(prefill: Prefill) -> impl IntoView {
    view! {
        <ExperimentForm
            prefill=prefill
            lead="A grid of tasks, masks, learning rates and seeds; each combination is a run. The form is \
                  ready to run as it is."
        />
    }
}
