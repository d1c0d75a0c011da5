//! What was found of the model and the data folder, below their fields.

use super::state::Form;
use crate::component::icon::Icon;
use crate::format::{counted, thousands};
use leptos::prelude::*;
use tunemask_shared::remark::uncased_tagging;

/// The model's shape, and what to know of it.
#[component]
pub fn ModelFacts(form: Form) -> impl IntoView {
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

/// The tasks that the folder holds.
#[component]
pub fn DataFacts(form: Form) -> impl IntoView {
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
