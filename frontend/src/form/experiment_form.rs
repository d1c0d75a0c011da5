//! The form of a new experiment: its sections, its errors, its button.

use super::draft::Draft;
use super::field::Field;
use super::fold::Fold;
use super::hub_download::HubDownload;
use super::later::Later;
use super::masks::Masks;
use super::own::files::OwnFiles;
use super::own::panel::OwnPanel;
use super::preview::Preview;
use super::protocol::Protocol;
use super::rates::Rates;
use super::state::Form;
use super::suggestions::Suggestions;
use super::tasks::Tasks;
use super::text_field::TextField;
use crate::component::icon::Icon;
use crate::format::{counted, thousands};
use crate::net::client::{Answer, use_client};
use crate::root::href;
use crate::route::{Page, Prefill};
use leptos::prelude::*;
use tunemask_shared::remark::uncased_tagging;
use tunemask_shared::shape::ModelShape;
use tunemask_shared::study::{QUICK_BLOCKS, Size, Study};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// The form, filled in from an experiment if one is named.
#[component]
pub fn ExperimentForm(
    prefill: Prefill,
    lead: &'static str,
    /// What is filled in, where an experiment is named.
    #[prop(optional)]
    template: Option<Draft>,
) -> impl IntoView {
    let client = use_client();
    let template = match prefill {
        Prefill::Nothing | Prefill::Experiment(_) => template,
        Prefill::Study(study, size) => Some(Draft::new(&study.experiment(size, blocks_of(size)))),
    };
    let form = Form::new(template.unwrap_or_default());
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
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        unknown.set(false);
        if !form.submit() {
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
                <Later>
                    <Masks form=form />
                    <Rates form=form />
                    <Protocol form=form />
                </Later>
            </div>
            <Summary form=form unknown=unknown />
        </form>
    }
}

/// Blocks of the model that a study of this size is made for; another model's are written into the form.
fn blocks_of(size: Size) -> usize {
    match size {
        Size::Full => ModelShape::BERT_BASE_UNCASED.layers,
        Size::Quick => QUICK_BLOCKS,
    }
}

/// Links that fill in the form with one of the paper's studies.
#[component]
fn Studies(prefill: Prefill) -> impl IntoView {
    let row = move |study: Study| {
        let link = move |size: Size, word: &'static str| {
            let filled = Prefill::Study(study, size);
            let label = format!("{}, {word}", study.title());
            view! {
                <a href=href(&Page::New(filled).url()) aria-label=label aria-current=(filled == prefill).then_some("true")>
                    {word}
                </a>
            }
        };
        let links = (link(Size::Quick, "quick"), link(Size::Full, "full size"));
        view! { <li><span>{study.title()}</span> <span class="choices">{links}</span></li> }
    };
    let open = matches!(prefill, Prefill::Study(..));
    let summary = view! {
        <h2>"The paper's studies"</h2>
        <span class="count">"fill in this form with one"</span>
    };
    let summary = summary.into_any();
    view! {
        <Fold class="panel" open=open summary=summary>
            <ul class="studies">{Study::ALL.map(row)}</ul>
            <p class="hint">
                "Quick studies run on the built-in model and tasks in minutes; full-size studies need a \
                 model and its data. A run that belongs to two studies is trained once."
            </p>
        </Fold>
    }
}

/// Opens what hides the first control with an error, and goes there.
fn focus_first_error() {
    let error = document().query_selector("form [data-field] .error").ok().flatten();
    if let Some(owner) = error.and_then(|error| error.closest("[data-field]").ok().flatten()) {
        focus_within(&owner);
    }
}

/// Opens what hides a control, and goes there.
fn focus_control(control: &str) {
    if let Ok(Some(owner)) = document().query_selector(&format!("form [data-field='{control}']")) {
        focus_within(&owner);
    }
}

fn focus_within(owner: &Element) {
    let mut around = Some(owner.clone());
    while let Some(details) = around.and_then(|e| e.closest("details").ok().flatten()) {
        let _ = details.set_attribute("open", "");
        around = details.parent_element();
    }
    let input = owner.query_selector("input, select").ok().flatten();
    if let Some(input) = input.and_then(|i| i.dyn_into::<HtmlElement>().ok()) {
        let _ = input.focus();
    }
}

/// What a control is called on the page.
fn label_of(control: &str) -> String {
    match Field::named(control) {
        Some(field) => field.label().to_owned(),
        None => {
            let words = control.replace('_', " ");
            words[..1].to_uppercase() + &words[1..]
        }
    }
}

#[component]
fn ModelFacts(form: Form) -> impl IntoView {
    move || match (form.facts.with(|f| f.model.is_none()), form.model()) {
        (_, Some(m)) => {
            let s = m.shape;
            let case = if m.cased { "cased" } else { "uncased" };
            let text = format!(
                "{} · {} of width {} · {} parameters · {case} · dropout {}",
                m.title,
                counted(s.layers, "block"),
                s.hidden,
                thousands(s.scalars() as u64),
                m.dropout
            );
            let remark = uncased_tagging(&form.tasks(), &m);
            view! {
                <p class="found">{Icon::Tick.show()} <span>{text}</span></p>
                {remark.map(|text| view! { <p class="hint">{text}</p> })}
            }
            .into_any()
        }
        (true, _) => view! { <p class="hint">"Reading the model…"</p> }.into_any(),
        _ => ().into_any(),
    }
}

#[component]
fn DataFacts(form: Form) -> impl IntoView {
    move || {
        form.data().map(|data| {
            let titles: Vec<&str> = data.tasks.iter().map(|t| t.title()).collect();
            let text = match titles.len() {
                0 => "contains no task's folder".to_owned(),
                _ => format!("holds {}", titles.join(", ")),
            };
            view! { <p class="found">{Icon::Tick.show()} <span>{text}</span></p> }
        })
    }
}

/// How many runs the form means, what is wrong with it, and the button.
#[component]
fn Summary(form: Form, unknown: RwSignal<bool>) -> impl IntoView {
    let client = use_client();
    let parts = move || {
        let [tasks, masks, rates, seeds] = form.runs();
        [(tasks, "task"), (masks, "mask"), (rates, "learning rate"), (seeds, "seed")]
            .map(|(n, word)| view! { <li>{counted(n, word)}</li> })
            .into_iter()
            .collect_view()
    };
    let runs = Memo::new(move |_| form.runs().iter().product::<usize>());
    let wrong = Memo::new(move |_| {
        form.errors.with(|errors| {
            let mut controls: Vec<String> = Vec::new();
            for (control, _) in errors {
                if !controls.contains(control) {
                    controls.push(control.clone());
                }
            }
            controls
        })
    });
    let to_mend = move || {
        let link = |control: String| {
            let label = label_of(&control);
            view! { <li><button type="button" class="link" on:click=move |_| focus_control(&control)>{label}</button></li> }
        };
        wrong.get().into_iter().map(link).collect_view()
    };
    let reason = move || {
        if unknown.get() {
            return Some(
                "The connection was lost before the answer came. Check the list of experiments to see \
                 whether it started."
                    .into(),
            );
        }
        match (client.is_live(), wrong.with(Vec::len)) {
            (false, _) if client.is_connecting() => None,
            (false, _) => Some("No connection to the program.".to_owned()),
            (_, 0) => None,
            (_, n) => {
                Some(format!("{} {} a change:", counted(n, "field"), if n == 1 { "needs" } else { "need" }))
            }
        }
    };
    view! {
        <aside class="summary" aria-label="Summary">
            <p class="runs-count"><b>{move || thousands(runs.get() as u64)}</b> {move || if runs.get() == 1 { " run" } else { " runs" }}</p>
            <ul class="times">{parts}</ul>
            <Preview form=form />
            <button
                type="submit"
                class="primary start"
                disabled=move || !client.is_live() || form.starting.get()
                aria-describedby="start-reason"
            >
                {Icon::Play.show()}
                "Start"
            </button>
            <p id="start-reason" class="reason" role="status">{reason}</p>
            <Show when=move || client.is_live() && !wrong.with(Vec::is_empty)>
                <ul class="to-mend" aria-label="Fields that need a change">{to_mend}</ul>
            </Show>
        </aside>
    }
}
