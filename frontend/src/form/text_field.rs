//! A text field with its label, hint and errors.

use super::field::Field;
use super::state::Form;
use crate::component::icon::Icon;
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
    let has_hint = !field.hint().is_empty();
    let described = move || {
        let hint = has_hint.then(|| format!("{name}-hint"));
        let wrong = error.with(Option::is_some).then(|| format!("{name}-error"));
        let ids: Vec<String> = [wrong, hint].into_iter().flatten().collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    };
    view! {
        <div class="field" data-field=name>
            <label for=name>{field.label()}</label>
            <input
                id=name
                name=name
                type="text"
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                list=list
                prop:value=move || form.draft.with(|d| d.text(field).to_owned())
                on:input=move |e| form.draft.update(|d| d.set(field, event_target_value(&e)))
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby=described
            />
            <ErrorText control=name error=error />
            {has_hint.then(|| view! { <p class="hint" id=format!("{name}-hint")>{field.hint()}</p> })}
        </div>
    }
}

/// What is wrong with a control.
#[component]
pub fn ErrorText(control: &'static str, error: Memo<Option<String>>) -> impl IntoView {
    move || {
        error.get().map(|text| {
            view! { <p class="error" id=format!("{control}-error")>{Icon::Warning.show()} <span>{text}</span></p> }
        })
    }
}
