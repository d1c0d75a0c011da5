//! What stands in the text, and how form and text follow each other.

use super::filling::{Filling, read};
use crate::form::state::Form;
use leptos::prelude::*;
use leptos::task::spawn_local;
use tunemask_shared::experiment_file::{FileError, write};
use wasm_bindgen_futures::JsFuture;
use web_sys::FileList;

/// Most bytes of a file that is read; an experiment has a few thousand.
const MAX_BYTES: f64 = 1048576.0;

/// A text that was written and is not the form's own.
#[derive(Clone, Debug, PartialEq)]
struct Typed {
    text: String,
    filling: Filling,
}

/// The form's experiment as a text. Copies are the same text.
#[derive(Clone, Copy)]
pub struct FileText {
    form: Form,
    /// The form's experiment as a file; as it was before, while something in the form cannot be read.
    written: Memo<String>,
    typed: RwSignal<Option<Typed>>,
    /// What `written` is of the text that filled in the form last.
    followed: StoredValue<String>,
}

impl FileText {
    /// Of a form.
    pub fn new(form: Form) -> FileText {
        let written = Memo::new(move |before: Option<&String>| {
            form.parsed.with(|parsed| match before {
                Some(before) if !parsed.unread.is_empty() => before.clone(),
                _ => write(&parsed.experiment),
            })
        });
        let file =
            FileText { form, written, typed: RwSignal::new(None), followed: StoredValue::new(String::new()) };
        // What was typed stays as it is typed until the form says something else.
        Effect::watch(
            move || written.get(),
            move |now, _, _| {
                let other = file.followed.with_value(|followed| followed != now);
                if other && file.typed.with_untracked(|typed| typed.as_ref().is_some_and(Typed::is_followed))
                {
                    file.typed.set(None);
                }
            },
            false,
        );
        file
    }

    /// The text.
    pub fn text(self) -> String {
        self.typed
            .with(|typed| typed.as_ref().map(|typed| typed.text.clone()))
            .unwrap_or_else(|| self.written.get())
    }

    /// The text of the form's experiment, whatever is being typed.
    pub fn written(self) -> String {
        self.written.get_untracked()
    }

    /// What is wrong with the text.
    pub fn errors(self) -> Vec<FileError> {
        self.typed.with(|typed| typed.as_ref().map(|typed| typed.filling.errors.clone())).unwrap_or_default()
    }

    /// Whether the form holds something else than the text.
    pub fn differs(self) -> bool {
        self.typed.with(|typed| typed.as_ref().is_some_and(|typed| !typed.is_followed()))
    }

    /// Whether something in the form cannot be read, so that there is no file of it.
    pub fn is_unread(self) -> bool {
        self.form.parsed.with(|parsed| !parsed.unread.is_empty())
    }

    /// Takes a text; the form follows as soon as it can hold it.
    pub fn write(self, text: String) {
        let filling = read(&text);
        if let Some(draft) = filling.draft.clone() {
            self.form.draft.set(draft);
            self.followed.set_value(self.written.get_untracked());
        }
        self.typed.set(Some(Typed { text, filling }));
    }

    /// Leaves the text: one of which nothing is to be said stands as the form's own.
    pub fn leave(self) {
        let quiet = |typed: &Typed| typed.is_followed() && typed.filling.errors.is_empty();
        if self.typed.with_untracked(|typed| typed.as_ref().is_some_and(quiet)) {
            self.typed.set(None);
        }
    }

    /// Gives up what was typed.
    pub fn give_up(self) {
        self.typed.set(None);
    }

    /// Takes the text of a file.
    pub fn open(self, files: &FileList) {
        let Some(file) = files.get(0) else { return };
        let name = file.name();
        let refuse = move |message: &str| {
            let error = FileError { line: None, field: None, message: format!("{name} {message}") };
            let filling = Filling { errors: vec![error], ..Filling::default() };
            let _ = self.typed.try_set(Some(Typed { text: String::new(), filling }));
        };
        if file.size() > MAX_BYTES {
            return refuse("is too large for an experiment file");
        }
        let text = JsFuture::from(file.text());
        spawn_local(async move {
            // The form may be gone by now.
            if self.typed.is_disposed() {
                return;
            }
            match text.await.ok().and_then(|text| text.as_string()) {
                Some(text) => {
                    self.write(text);
                    self.leave();
                }
                None => refuse("cannot be read"),
            }
        });
    }
}

impl Typed {
    /// Whether the form holds it.
    fn is_followed(&self) -> bool {
        self.filling.draft.is_some()
    }
}
