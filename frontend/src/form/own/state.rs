//! What the page knows of the user's own data, and what is said of them, as signals.

use super::says::{Says, say};
use crate::component::debounce::{Action, debounce};
use crate::form::state::Form;
use crate::net::client::{Client, use_client};
use leptos::prelude::*;
use std::time::Duration;
use tunemask_shared::dataset::{DataQuestion, DataSettings, DatasetSettings, OwnData, SavedSettings};

/// Quiet time before the files are read again.
const CHECK_AFTER: Duration = Duration::from_millis(300);

/// The user's own data. Copies are the same.
#[derive(Clone, Copy)]
pub struct Own {
    form: Form,
    client: Client,
    /// Which of several folders is meant.
    folder: RwSignal<Option<String>>,
    /// What is said on the page; `None` before anything is.
    said: RwSignal<Option<DatasetSettings>>,
    /// What the server knows of the data folder that the form names.
    pub known: Memo<Option<OwnData>>,
    /// The text of a `dataset.toml` that this page wrote or was told to replace.
    over: StoredValue<Option<String>>,
}

impl Own {
    /// Of the data folder that the form names.
    pub fn new(form: Form) -> Own {
        let client = use_client();
        // Of another form.
        client.data_saved.set(None);
        let (folder, said) = (RwSignal::new(None), RwSignal::new(None));
        let data = Memo::new(move |_| form.parsed.with(|parsed| parsed.experiment.data.clone()));
        let known = Memo::new(move |_| {
            let data = data.get()?;
            client.own_data.with(|known| {
                known.as_ref().filter(|(asked, _)| asked.data == data).and_then(|(_, own)| own.clone())
            })
        });
        let own = Own { form, client, folder, said, known, over: StoredValue::new(None) };
        // What was said of one folder is not said of another.
        Effect::new(move |before: Option<Option<String>>| {
            let data = data.get();
            if before.is_some_and(|before| before != data) {
                own.forget();
                folder.set(None);
            }
            data
        });
        let question = Memo::new(move |_| own.question(data.get()?));
        debounce(CHECK_AFTER, move || {
            let question = question.get()?;
            client.is_live().then(|| Box::new(move || client.check_data(Box::new(question))) as Action)
        });
        own
    }

    fn question(&self, data: String) -> Option<DataQuestion> {
        let (model, max_length) =
            self.form.parsed.with(|parsed| (parsed.experiment.model.clone(), parsed.experiment.max_length));
        let (folder, settings) = (self.folder.get(), self.said.get());
        Some(DataQuestion { data, folder, settings, model, max_length })
    }

    /// Reads another one of the folders.
    pub fn choose(&self, folder: String) {
        self.forget();
        self.folder.set(Some(folder));
    }

    fn forget(&self) {
        self.said.set(None);
        self.over.set_value(None);
        self.client.data_saved.set(None);
    }

    /// Says something; the files are read again as soon as nothing more is said for a moment.
    pub fn say(&self, says: Says) {
        let Some(own) = self.known.get_untracked() else { return };
        let (found, files) = match own.facts {
            Ok(facts) => (facts.settings, facts.files),
            Err(_) => (DatasetSettings::default(), Vec::new()),
        };
        let before = self.said.get_untracked().unwrap_or(own.said);
        self.said.set(Some(say(says, &before, &found, &files)));
        self.client.data_saved.set(None);
    }

    /// What has to be said at any of some fields, in one text.
    pub fn question_at(&self, fields: &[&str]) -> Option<String> {
        self.read(|own| {
            let questions = own.facts.as_ref().map(|facts| &facts.questions[..]).unwrap_or_default();
            let mine = questions.iter().filter(|question| fields.contains(&question.field.as_str()));
            let mine: Vec<&str> = mine.map(|question| question.message.as_str()).collect();
            (!mine.is_empty()).then(|| mine.join("; "))
        })
    }

    /// The folder that is looked at.
    pub fn place(&self) -> String {
        self.read(|own| own.facts.as_ref().map(|facts| facts.folder.clone()).unwrap_or_default())
    }

    /// Whether nothing is known yet of the data folder that the form names.
    pub fn waits(&self) -> bool {
        let data = self.form.parsed.with(|parsed| parsed.experiment.data.clone());
        let client = self.client;
        let asked =
            |data| client.own_data.with(|known| known.as_ref().is_some_and(|(asked, _)| asked.data == data));
        data.is_some_and(|data| !asked(data))
    }

    /// Something of what is known; the type's default where nothing is.
    pub fn read<T: Default>(&self, what: impl FnOnce(&OwnData) -> T) -> T {
        self.known.with(|own| own.as_ref().map(what).unwrap_or_default())
    }

    /// Whether what is shown is of before something was said.
    pub fn is_old(&self) -> bool {
        let (known, said) = (self.known, self.said);
        said.with(|said| {
            said.as_ref().is_some_and(|said| known.with(|k| k.as_ref().is_some_and(|k| k.said != *said)))
        })
    }

    /// Writes what is known as the folder's `dataset.toml`; over which text, if another is there.
    pub fn save(&self, over: Option<String>) {
        let Some(OwnData { folder, facts: Ok(facts), .. }) = self.known.get_untracked() else { return };
        let Some(data) = self.form.parsed.with_untracked(|parsed| parsed.experiment.data.clone()) else {
            return;
        };
        let over = over.or_else(|| self.over.get_value());
        self.client.save_data(Box::new(DataSettings { data, folder, settings: facts.settings, over }));
    }

    /// Takes what became of it: the task stands among the form's, ticked.
    pub fn saved(&self, saved: &SavedSettings) {
        let SavedSettings::Written { text, task, .. } = saved else { return };
        self.over.set_value(Some(text.clone()));
        let before = self.known.with_untracked(|own| {
            let facts = own.as_ref().and_then(|own| own.facts.as_ref().ok());
            facts.map(|facts| facts.task.clone()).and_then(|task| task.parse().ok())
        });
        self.form.draft.update(|draft| {
            // Under the name that it had, there is none any more.
            draft.tasks.retain(|ticked| before.as_ref() != Some(ticked) || task.as_ref() == before.as_ref());
            if let Some(task) = task.as_ref().filter(|task| !draft.tasks.contains(task)) {
                draft.toggle_task(task);
            }
        });
        self.form.inspect();
    }
}
