//! A field of the data's settings: a list to choose from, or a text, with what has to be said there.

use super::says::Says;
use super::state::Own;
use crate::component::icon::Icon;
pub use crate::component::text_input::Room;
use crate::component::text_input::TextInput;
use leptos::prelude::*;
use tunemask_shared::dataset::{DatasetFacts, OwnData};

/// What stands in a list: the value, and the words for it.
pub type Options = Vec<(String, String)>;

/// What is read of all that is known.
type Read<T> = Box<dyn Fn(&OwnData) -> T + Send + Sync>;

/// What a choice says.
type Choose = Box<dyn Fn(&Own, String) + Send + Sync>;

/// A list to choose from.
pub struct Choice {
    /// Its field in a `dataset.toml`; empty, if it has none.
    pub field: &'static str,
    /// Its id.
    pub id: String,
    /// Its label.
    pub label: String,
    /// What can be chosen.
    pub options: Read<Options>,
    /// What is chosen.
    pub chosen: Read<String>,
    /// Is told what the reader chooses.
    pub choose: Choose,
}

/// A text. What is typed stays as it is typed, whatever is found of it, until another folder is looked at.
pub struct Text {
    /// Its field in a `dataset.toml`.
    pub field: &'static str,
    /// Its label.
    pub label: &'static str,
    /// What may be written.
    pub hint: &'static str,
    /// How much of it.
    pub room: Room,
    /// What stands there before anything is written.
    pub text: fn(&DatasetFacts) -> String,
    /// What is said by what is written, or what is wrong with it.
    pub says: fn(&DatasetFacts, &str) -> Result<Says, String>,
}

impl Choice {
    /// On the page.
    pub fn show(self, own: Own) -> AnyView {
        let Choice { field, id, label, options, chosen, choose } = self;
        let options = Memo::new(move |_| own.read(&options));
        let chosen = Memo::new(move |_| own.read(&chosen));
        let error = Memo::new(move |_| own.question_at(&[field]));
        let wrong = format!("{id}-error");
        let option = move |(value, words): (String, String)| {
            let mine = value.clone();
            view! { <option value=value prop:selected=move || chosen.with(|chosen| *chosen == mine)>{words}</option> }
        };
        view! {
            <div class="field">
                <label for=id.clone()>{label}</label>
                <select
                    id=id
                    on:change=move |event| choose(&own, event_target_value(&event))
                    aria-invalid=move || error.with(Option::is_some).then_some("true")
                    aria-describedby=wrong.clone()
                >
                    {move || options.get().into_iter().map(option).collect_view()}
                </select>
                {question(wrong, error)}
            </div>
        }
        .into_any()
    }
}

impl Text {
    /// On the page.
    pub fn show(&self, own: Own) -> AnyView {
        let &Text { field, label, hint, room, text, says } = self;
        let id = format!("own-{field}");
        let (typed, unread) = (RwSignal::new(None::<String>), RwSignal::new(None::<String>));
        let text = Memo::new(move |_| own.read(|own| own.facts.as_ref().map(text).unwrap_or_default()));
        let error = Memo::new(move |_| unread.get().or_else(|| own.question_at(&[field])));
        let place = Memo::new(move |_| own.place());
        Effect::new(move |_| {
            place.with(|_| ());
            typed.set(None);
            unread.set(None);
        });
        let write = move |text: String| {
            let said = own.known.with_untracked(|own| {
                let facts = own.as_ref().and_then(|own| own.facts.as_ref().ok())?;
                Some(says(facts, &text))
            });
            unread.set(said.and_then(|said| said.map(|says| own.say(says)).err()));
            typed.set(Some(text));
        };
        view! {
            <div class="field">
                <TextInput
                    id=id
                    label=label
                    room=room
                    text=Signal::derive(move || typed.get().unwrap_or_else(|| text.get()))
                    write=Callback::new(write)
                    error=error
                    hint=hint.to_owned()
                />
            </div>
        }
        .into_any()
    }
}

/// What has to be said at a field; its place stays, so that the field is described by it once it comes.
pub fn question(id: String, error: Memo<Option<String>>) -> AnyView {
    let shown = move || error.get().map(wrong);
    view! { <div id=id>{shown}</div> }.into_any()
}

/// Something that is wrong.
pub fn wrong(text: String) -> AnyView {
    view! { <p class="error">{Icon::Warning.show()} <span>{text}</span></p> }.into_any()
}
