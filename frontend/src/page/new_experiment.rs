//! The form of a new experiment as a page of its own.

use super::waiting::Waiting;
use crate::form::draft::Draft;
use crate::form::experiment_form::ExperimentForm;
use crate::net::client::use_client;
use crate::route::Prefill;
use leptos::prelude::*;
use tunemask_shared::event::ExperimentId;

const LEAD: &str = "A grid of tasks, masks, learning rates and seeds; each combination is a run. The form is ready to \
                    run as it is.";

/// The page at `/new`.
#[component]
pub fn NewExperimentPage(prefill: Prefill) -> impl IntoView {
    match prefill {
        Prefill::Experiment(id) => view! { <FromTemplate id=id /> }.into_any(),
        Prefill::Nothing | Prefill::Study(..) => {
            view! { <ExperimentForm prefill=prefill lead=LEAD /> }.into_any()
        }
    }
}

/// The form filled in from an experiment, which is asked for; the usual one if there is no such.
#[component]
fn FromTemplate(id: ExperimentId) -> impl IntoView {
    let client = use_client();
    client.experiment.set(None);
    let template = Memo::new(move |_| {
        client.experiment.with(|known| {
            let (_, experiment) = known.as_ref().filter(|(of, _)| *of == id)?;
            Some(experiment.as_ref().map(Draft::new).unwrap_or_default())
        })
    });
    Effect::new(move |_| {
        if client.is_live() && template.with_untracked(Option::is_none) {
            client.ask_experiment(id);
        }
    });
    move || match template.get() {
        Some(template) => view! {
            <ExperimentForm prefill=Prefill::Experiment(id) template=template lead=LEAD />
        }
        .into_any(),
        None => view! { <Waiting title="New experiment" /> }.into_any(),
    }
}
