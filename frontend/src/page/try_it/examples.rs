//! Examples to begin with: the first of the development set, with what is right.

use super::Trying;
use leptos::prelude::*;
use tunemask_shared::prediction::TextExample;

/// The examples of the task that is chosen, each a click away.
#[component]
pub fn Examples(trying: Trying) -> impl IntoView {
    let task = Memo::new(move |_| trying.trial.with(|trial| trial.task.clone()));
    Effect::new(move |_| {
        let task = task.get();
        if trying.client.is_live() {
            trying.client.ask_examples(trying.id, task);
        }
    });
    let shown = move || match trying.client.examples.get()? {
        Ok(examples) if examples.is_empty() => None,
        Ok(examples) => {
            let items = examples.into_iter().map(|example| item(trying, example)).collect_view();
            Some(view! { <ul class="try-examples" aria-label="Examples">{items}</ul> }.into_any())
        }
        Err(why) => Some(view! { <p class="hint">"No examples: " {why}</p> }.into_any()),
    };
    view! {
        <details class="fold" open>
            <summary>"Begin with a development example"</summary>
            {shown}
        </details>
    }
}

fn item(trying: Trying, example: TextExample) -> impl IntoView {
    let gold = gold_words(&example.gold);
    let (text, pair) = (example.text.clone(), example.pair.clone());
    let taken = StoredValue::new(example);
    view! {
        <li>
            <button class="quiet" on:click=move |_| trying.take(taken.get_value())>
                <span>{text} {pair.map(|pair| view! { <span class="pair">{pair}</span> })}</span>
                <small>"gold: " {gold}</small>
            </button>
        </li>
    }
}

/// What is right, in words.
pub fn gold_words(gold: &[String]) -> String {
    match gold {
        [] => "no label".to_owned(),
        gold => gold.join(" "),
    }
}
