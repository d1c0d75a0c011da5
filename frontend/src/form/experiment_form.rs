//! The form of a new experiment: its sections, its errors, its button.

use super::draft::Draft;
use super::field::Field;
use super::file::FilePanel;
use super::focus::focus_first_error;
use super::found::{DataFacts, ModelFacts};
use super::hub_download::HubDownload;
use super::keeping::Keeping;
use super::later::{Later, Turn};
use super::masks::Masks;
use super::own::files::OwnFiles;
use super::own::panel::OwnPanel;
use super::places::Places;
use super::protocol::Protocol;
use super::rates::Rates;
use super::schedule::SchedulePanel;
use super::state::Form;
use super::studies::{Studies, blocks_of};
use super::suggestions::Suggestions;
use super::summary::Summary;
use super::tasks::Tasks;
use super::text_field::TextField;
use super::unfinished::{Notice, use_unfinished};
use crate::net::client::{Answer, use_client};
use crate::route::{Page, Prefill};
use leptos::prelude::*;

/// The form, filled in from an experiment if one is named.
#[component]
pub fn ExperimentForm(
    prefill: Prefill,
    lead: &'static str,
    /// What is filled in, where an experiment is named.
    #[prop(optional)]
    template: Option<Draft>,
) -> impl IntoView {
    let (client, unfinished) = (use_client(), use_unfinished());
    let template = match prefill {
        Prefill::Nothing | Prefill::Experiment(_) => template,
        Prefill::Study(study, size) => Some(Draft::new(&study.experiment(size, blocks_of(size)))),
    };
    let start = template.unwrap_or_default();
    let address = Page::New(prefill).url();
    let before = unfinished.at(&address);
    let restored = RwSignal::new(before.is_some());
    let form = Form::new(before.unwrap_or_else(|| start.clone()));
    keep_what_is_typed(form, address.clone(), start.clone());
    let unknown = RwSignal::new(false);
    client.answer.set(None);
    Effect::new(move |_| {
        if !form.starting.get() {
            return;
        }
        let Some(answer) = client.answer.get() else { return };
        unknown.set(answer == Answer::Unknown);
        form.answered(&answer);
        if matches!(answer, Answer::Rejected(_)) {
            request_animation_frame(focus_first_error);
        }
    });
    let from = address.clone();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        unknown.set(false);
        if form.submit() {
            unfinished.starts(&from);
        } else {
            focus_first_error();
        }
    };
    view! {
        <form class="experiment-form" on:submit=submit novalidate>
            <div class="page-head">
                <div>
                    <h1>"New experiment"</h1>
                    <p class="lead">{lead}</p>
                </div>
            </div>
            <div class="form-main">
                <Notice form=form address=address start=start restored=restored />
                <Studies prefill=prefill />
                <section class="panel" aria-labelledby="what">
                    <h2 id="what">"Model and data"</h2>
                    <div class="fields wide">
                        <TextField form=form field=Field::Name />
                        <div>
                            <TextField form=form field=Field::Model list="models" />
                            <ModelFacts form=form />
                            <HubDownload form=form field=Field::Model />
                        </div>
                        <div>
                            <TextField form=form field=Field::Data list="folders" />
                            <DataFacts form=form />
                            <HubDownload form=form field=Field::Data />
                        </div>
                    </div>
                    <OwnFiles form=form />
                    <Suggestions />
                </section>
                <OwnPanel form=form />
                <Tasks form=form />
                <Later turn=Turn::Next><Masks form=form /></Later>
                <Later turn=Turn::Third>
                    <Protocol form=form />
                    <Rates form=form />
                    <Places form=form />
                    <Keeping form=form />
                </Later>
                <Later turn=Turn::Fourth>
                    <SchedulePanel form=form />
                    <FilePanel form=form />
                </Later>
            </div>
            <Summary form=form unknown=unknown />
        </form>
    }
}

/// Keeps what is typed as long as it is something else than the form began with.
fn keep_what_is_typed(form: Form, address: String, start: Draft) {
    let unfinished = use_unfinished();
    Effect::watch(
        move || form.draft.get(),
        move |draft, _, _| {
            if *draft == start {
                unfinished.forget(&address);
            } else {
                unfinished.keep(&address, draft.clone());
            }
        },
        false,
    );
}
