//! A text field of the form with its label, hint and errors.

use super::field::Field;
use super::state::Form;
use crate::component::text_input::{TextInput, error_text};
use leptos::prelude::*;

/// One text field of the form.
#[component]
pub fn TextField(
    form: Form,
    field: Field,
    #[prop(optional, into)] list: Option<&'static str>,
) -> impl IntoView {
    let name = field.name();
    let error = Memo::new(move |_| form.error(name));
    view! {
        <div class="field" data-field=name>
            <TextInput
                id=name
                label=field.label()
                text=Signal::derive(move || form.draft.with(|draft| draft.text(field).to_owned()))
                write=Callback::new(move |text| form.draft.update(|draft| draft.set(field, text)))
                error=error
                hint=field.hint().to_owned()
                list=list
            />
        </div>
    }
}

/// What is wrong with a control.
#[component]
pub fn ErrorText(control: &'static str, error: Memo<Option<String>>) -> impl IntoView {
    move || error.get().map(|text| error_text(format!("{control}-error"), text))
}
