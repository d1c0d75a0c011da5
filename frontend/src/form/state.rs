//! The form's state, its errors and its facts, as signals.

use super::draft::{Draft, ParsedDraft};
use crate::component::debounce::{Action, debounce};
use crate::net::client::{Answer, Client, Question, use_client};
use leptos::prelude::*;
use std::time::Duration;
use tunemask_shared::experiment::{Experiment, FieldError};
use tunemask_shared::facts::{DataFacts, Facts, ModelFacts, resolve};
use tunemask_shared::mask::{Mask, MaskSwitches};
use tunemask_shared::task::Task;
use tunemask_shared::validation::validate;

/// Quiet time after the last key before the server is asked about model and data.
const INSPECT_AFTER: Duration = Duration::from_millis(350);

/// The same before it is asked what the experiment would take: that reads the data.
const PLAN_AFTER: Duration = Duration::from_millis(600);

/// The form. Copies are the same form.
#[derive(Clone, Copy)]
pub struct Form {
    client: Client,
    /// What stands in it.
    pub draft: RwSignal<Draft>,
    /// What that means.
    pub parsed: Memo<ParsedDraft>,
    /// What is known about its model and data; empty while the server is asked.
    pub facts: Memo<Facts>,
    /// Every error with its control.
    pub errors: Memo<Vec<(String, String)>>,
    /// What the server said about a draft that it did not take.
    rejected: RwSignal<Option<(Draft, Vec<FieldError>)>>,
    /// Whether a start waits for its answer.
    pub starting: RwSignal<bool>,
}

impl Form {
    /// The form filled in with a draft.
    pub fn new(draft: Draft) -> Form {
        let client = use_client();
        let draft = RwSignal::new(draft);
        let parsed = Memo::new(move |_| draft.with(Draft::parse));
        let question = Memo::new(move |_| parsed.with(|r| Question::about(&r.experiment)));
        let facts = Memo::new(move |_| {
            question.with(|q| client.facts.with(|f| f.get(q).cloned())).unwrap_or_default()
        });
        let rejected: RwSignal<Option<(Draft, Vec<FieldError>)>> = RwSignal::new(None);
        let errors = Memo::new(move |_| {
            parsed.with(|r| {
                let mut found = facts.with(|f| validate(&r.experiment, f).err()).unwrap_or_default();
                rejected.with(|rejected| {
                    if let Some((_, errors)) = rejected.as_ref().filter(|(d, _)| draft.with(|now| now == d)) {
                        found.extend(
                            errors.iter().filter(|e| !found.contains(e)).cloned().collect::<Vec<_>>(),
                        );
                    }
                });
                r.errors(found)
            })
        });
        let form = Form { client, draft, parsed, facts, errors, rejected, starting: RwSignal::new(false) };
        form.inspect_when_quiet(question);
        form
    }

    fn inspect_when_quiet(&self, question: Memo<Question>) {
        let client = self.client;
        debounce(INSPECT_AFTER, move || {
            let question = question.get();
            // A folder may have changed since it was last asked about, so what is known is asked again.
            client.is_live().then(|| Box::new(move || client.inspect(question)) as Action)
        });
    }

    /// Keeps [`Client::planned`] at what the form means, as soon as nothing is wrong with it.
    pub fn plan_when_quiet(&self) {
        let form = *self;
        let experiment = Memo::new(move |_| {
            // A plan does not depend on the name.
            form.parsed.with(|r| Experiment { name: "-".into(), ..r.experiment.clone() })
        });
        debounce(PLAN_AFTER, move || {
            form.client.planned.set(None);
            let ready = form.errors.with(Vec::is_empty) && form.model().is_some() && form.client.is_live();
            let experiment = Box::new(experiment.get());
            ready.then(|| Box::new(move || form.client.plan(experiment)) as Action)
        });
    }

    /// The errors of a control, one text.
    pub fn error(&self, control: &str) -> Option<String> {
        self.errors.with(|errors| {
            let mine: Vec<&str> =
                errors.iter().filter(|(c, _)| c == control).map(|(_, m)| m.as_str()).collect();
            (!mine.is_empty()).then(|| mine.join("; "))
        })
    }

    /// The model, if it can be used.
    pub fn model(&self) -> Option<ModelFacts> {
        self.facts.with(|f| f.model.as_ref().and_then(|m| m.clone().ok()))
    }

    /// The data folder, if it can be used.
    pub fn data(&self) -> Option<DataFacts> {
        self.facts.with(|f| f.data.as_ref().and_then(|d| d.clone().ok()))
    }

    /// The tasks that are ticked, as far as they are known.
    pub fn tasks(&self) -> Vec<Task> {
        let data = self.data();
        self.draft.with(|d| d.tasks.iter().filter_map(|name| resolve(name, data.as_ref())).collect())
    }

    /// The masks that can be read.
    pub fn masks(&self) -> Vec<Mask> {
        self.parsed.with(|r| r.experiment.masks.iter().filter_map(|text| text.parse().ok()).collect())
    }

    /// What counts beside a mask's own scalars.
    pub fn switches(&self) -> MaskSwitches {
        self.draft.with(|d| MaskSwitches {
            pooler_trains: d.pooler_trains,
            embedding_norm_counts: d.embedding_norm_counts,
            outlier_pool: d.outlier_pool,
            outlier_statistic: d.outlier_statistic,
        })
    }

    /// How many runs it means.
    pub fn runs(&self) -> usize {
        self.parsed.with(|r| r.experiment.runs())
    }

    /// How many tasks, masks, learning rates and seeds its grid has.
    pub fn grid(&self) -> [usize; 4] {
        self.parsed.with(|r| {
            let e = &r.experiment;
            [e.tasks.len(), e.masks.len(), e.learning_rates.len(), e.seeds.len()]
        })
    }

    /// Asks the server to train, if nothing is wrong that the page knows of. Whether it did.
    ///
    /// What the server refused before may be right by now, and so may a folder that was not.
    pub fn submit(&self) -> bool {
        self.rejected.set(None);
        if !self.errors.with_untracked(Vec::is_empty) {
            self.inspect();
            return false;
        }
        self.starting.set(self.client.start(self.parsed.with_untracked(|r| r.experiment.clone())));
        true
    }

    /// Asks about model and data now.
    pub fn inspect(&self) {
        self.client.inspect(self.parsed.with_untracked(|r| Question::about(&r.experiment)));
    }

    /// Takes the answer to a start: errors go to their fields.
    pub fn answered(&self, answer: &Answer) {
        self.starting.set(false);
        if let Answer::Rejected(errors) = answer {
            self.rejected.set(Some((self.draft.get_untracked(), errors.clone())));
            // The page thought otherwise: what it knows is old.
            self.inspect();
        }
    }
}
