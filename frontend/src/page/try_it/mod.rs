//! A sentence of the reader's own through the masks of an experiment, side by side. In reading order:

/// What is said of the answers, in words.
mod said;
/// Where the text is written, and what is asked.
mod form;
/// Examples to begin with.
mod examples;
/// Probabilities as bars.
mod bars;
/// Words with their tags.
mod words;
/// What each mask says, as a file.
mod table;
/// What each mask says.
mod answers;

use super::tabs::{Tab, tabs};
use super::waiting::{NoExperiment, Waiting};
use crate::chart::preferences::colours;
use crate::component::announcer::use_announcer;
use crate::component::icon::Icon;
use crate::legend::Legend;
use crate::nav::{Nav, use_nav};
use crate::net::client::{Client, Question, use_client};
use crate::net::store::use_store;
use crate::root::href;
use crate::trial::Trial;
use answers::{Answers, Grid};
use examples::Examples;
use form::Form;
use leptos::prelude::*;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::mask::MaskSwitches;
use tunemask_shared::prediction::TextExample;
use tunemask_shared::shape::ModelShape;
use tunemask_shared::watched::Detail;

/// What is tried on an experiment. Copies are the same.
#[derive(Clone, Copy)]
struct Trying {
    id: ExperimentId,
    client: Client,
    nav: Nav,
    /// What is written.
    trial: RwSignal<Trial>,
    /// Whether an answer is waited for.
    asking: RwSignal<bool>,
    /// The example that was taken, as long as its text stands there.
    example: RwSignal<Option<TextExample>>,
}

impl Trying {
    /// Asks what is written, and puts it into the address.
    fn ask(&self) {
        let trial = self.trial.get_untracked();
        self.nav.update_view(|view| view.trial = trial.clone());
        self.asking.set(self.client.predict(self.id, Box::new(trial.question())));
    }

    /// Waits for no answer any longer.
    fn stop(&self) {
        self.client.stop_predicting();
        self.asking.set(false);
    }

    /// Begins with an example.
    fn take(&self, example: TextExample) {
        self.trial.update(|trial| {
            example.text.clone_into(&mut trial.text);
            trial.pair = example.pair.clone().unwrap_or_default();
        });
        self.example.set(Some(example));
        self.ask();
    }

    /// Changes what is written: it is no example any more.
    fn write(&self, change: impl FnOnce(&mut Trial)) {
        self.trial.update(change);
        self.example.set(None);
    }
}

/// What the page needs of the experiment, and no more: who renames it meanwhile, or keeps other weights, does not take away
/// what is being written.
#[derive(Clone, Debug, PartialEq)]
struct Known {
    model: String,
    switches: MaskSwitches,
    legend: Legend,
}

/// The page at `/experiments/ID/try`.
#[component]
pub fn TryPage(id: ExperimentId) -> impl IntoView {
    let store = use_store();
    let colours = colours(use_nav());
    let found = Memo::new(move |_| {
        let came = store.has(id, &Detail::Grid);
        let of = |s: &tunemask_shared::state::LabState| {
            let held = s.experiments.get(&id).filter(|_| came)?;
            let experiment = &held.experiment;
            Some(Known {
                model: experiment.model.clone(),
                switches: experiment.mask_switches(),
                legend: colours.with(|colours| Legend::new(held, &s.runs).coloured(colours)),
            })
        };
        store.state.with(of)
    });
    let exists = Memo::new(move |_| store.summary(id, |_| ()).is_some());
    move || match found.get() {
        Some(known) => view! { <Try id=id known=known /> }.into_any(),
        None if exists.get() => view! { <Waiting title="Try it" /> }.into_any(),
        None => view! { <NoExperiment id=id /> }.into_any(),
    }
}

#[component]
fn Try(id: ExperimentId, known: Known) -> impl IntoView {
    let (store, client, nav) = (use_store(), use_client(), use_nav());
    let Known { model, switches, legend } = known;
    let trial = nav.route.with_untracked(|route| route.view.trial.clone());
    let trying = Trying {
        id,
        client,
        nav,
        trial: RwSignal::new(trial),
        asking: RwSignal::new(false),
        example: RwSignal::new(None),
    };
    client.predicted.set(None);
    follow_answers(trying);
    ask_once(trying);
    on_cleanup(move || client.stop_predicting());
    let question = Question { model, data: None };
    client.know(question.clone());
    let shape = Memo::new(move |_| client.shape(&question));
    let grid = StoredValue::new(legend.clone());
    let answers = move || match client.predicted.get() {
        None => trying.asking.get().then(|| view! { <p class="hint">"Reading…"</p> }.into_any()),
        Some(Ok(prediction)) => {
            let grid = Grid { id, legend: grid.get_value(), shape: shape.get(), switches };
            let gold = trying.example.get_untracked().map(|example| example.gold);
            Some(view! { <Answers grid=grid prediction=prediction gold=gold /> }.into_any())
        }
        Some(Err(why)) => Some(
            view! { <p class="error" role="alert">{Icon::Warning.show()} <span>{why}</span></p> }.into_any(),
        ),
    };
    view! {
        <div class="page-head">
            <div>
                <p class="crumb"><a href=href("/")>"Experiments"</a> " / " {format!("#{id}")}</p>
                <h1>{move || store.summary(id, |s| s.about.name.clone()).unwrap_or_default()}</h1>
            </div>
        </div>
        {tabs(id, Tab::Try)}
        <section class="try" aria-labelledby="try">
            <h2 id="try">"Try it"</h2>
            <Form trying=trying legend=legend.clone() />
            <Examples trying=trying />
            {answers}
        </section>
    }
}

/// Says the answers to readers who do not see them.
fn follow_answers(trying: Trying) {
    let announcer = use_announcer();
    Effect::new(move |_| {
        let answer = trying.client.predicted.get();
        if let Some(answer) = answer {
            trying.asking.set(false);
            if let Ok(prediction) = answer {
                announcer.say(said::summary(&prediction));
            }
        }
    });
}

/// Asks what the address says, once the server can be asked.
fn ask_once(trying: Trying) {
    let pending = StoredValue::new(trying.trial.with_untracked(|trial| !trial.text.trim().is_empty()));
    Effect::new(move |_| {
        if trying.client.is_live() && pending.get_value() {
            pending.set_value(false);
            trying.ask();
        }
    });
}

/// The shape of a model that is known.
type Shape = Option<ModelShape>;
