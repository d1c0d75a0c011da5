//! A labelled field for what is not prose: names, numbers, masks. Below it what is wrong, and what may be written.

use super::icon::Icon;
use leptos::prelude::*;

/// How much of a text can be typed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Room {
    /// One line.
    #[default]
    Line,
    /// Lines.
    Lines,
}

/// The field.
#[component]
pub fn TextInput(
    /// Its id; its error and its hint have ids that begin with it.
    #[prop(into)]
    id: String,
    label: &'static str,
    #[prop(optional)] room: Room,
    /// What stands there.
    #[prop(into)]
    text: Signal<String>,
    /// Takes what is typed.
    write: Callback<String>,
    /// Leaves the field.
    #[prop(optional)]
    leave: Option<Callback<()>>,
    /// What is wrong.
    #[prop(into)]
    error: Signal<Option<String>>,
    /// What may be written, or what became of it; empty if nothing.
    #[prop(into)]
    hint: Signal<String>,
    /// The id of a list of suggestions.
    #[prop(optional_no_strip)]
    list: Option<&'static str>,
) -> impl IntoView {
    let (wrong_id, hint_id) = (format!("{id}-error"), format!("{id}-hint"));
    let described = {
        let (wrong_id, hint_id) = (wrong_id.clone(), hint_id.clone());
        move || {
            let wrong = error.with(Option::is_some).then_some(wrong_id.as_str());
            let hint = hint.with(|hint| !hint.is_empty()).then_some(hint_id.as_str());
            let ids: Vec<&str> = wrong.into_iter().chain(hint).collect();
            (!ids.is_empty()).then(|| ids.join(" "))
        }
    };
    let invalid = move || error.with(Option::is_some).then_some("true");
    let left = move |_| {
        if let Some(leave) = leave {
            leave.run(());
        }
    };
    let control = match room {
        Room::Line => view! {
            <input
                id=id.clone()
                name=id.clone()
                type="text"
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                list=list
                prop:value=move || text.get()
                on:input=move |e| write.run(event_target_value(&e))
                on:change=left
                aria-invalid=invalid
                aria-describedby=described
            />
        }
        .into_any(),
        Room::Lines => view! {
            <textarea
                id=id.clone()
                name=id.clone()
                rows="4"
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                prop:value=move || text.get()
                on:input=move |e| write.run(event_target_value(&e))
                on:change=left
                aria-invalid=invalid
                aria-describedby=described
            ></textarea>
        }
        .into_any(),
    };
    let wrong = move || error.get().map(|text| error_text(wrong_id.clone(), text));
    let hint = move || {
        let text = hint.get();
        (!text.is_empty()).then(|| view! { <p class="hint" id=hint_id.clone()>{text}</p> })
    };
    view! {
        <label for=id.clone()>{label}</label>
        {control}
        {wrong}
        {hint}
    }
}

/// What is wrong with the control that this id describes.
pub fn error_text(id: String, text: String) -> AnyView {
    view! { <p class="error" id=id>{Icon::Warning.show()} <span>{text}</span></p> }.into_any()
}
