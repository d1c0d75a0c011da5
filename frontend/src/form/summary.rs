//! What the form means, what it takes, what is wrong with it, and the button that starts it.

use super::field::Field;
use super::focus::focus_control;
use super::places;
use super::preview::Preview;
use super::state::Form;
use crate::component::icon::Icon;
use crate::format::{counted, counted_rates, thousands};
use crate::net::client::use_client;
use leptos::prelude::*;

/// How many runs the form means, what is wrong with it, and the button.
#[component]
pub fn Summary(form: Form, unknown: RwSignal<bool>) -> impl IntoView {
    let client = use_client();
    let parts = move || {
        let [tasks, masks, rates, seeds] = form.grid();
        let further = form.parsed.with(|parsed| parsed.experiment.further_rates.len());
        [
            counted(tasks, "task"),
            counted(masks, "mask"),
            counted_rates(rates, further),
            counted(seeds, "seed"),
        ]
        .map(|text| view! { <li>{text}</li> })
        .into_iter()
        .collect_view()
    };
    let runs = Memo::new(move |_| form.runs());
    let wrong = Memo::new(move |_| {
        form.errors.with(|errors| {
            let mut controls: Vec<String> = Vec::new();
            for (control, _) in errors {
                if !controls.contains(control) {
                    controls.push(control.clone());
                }
            }
            controls
        })
    });
    let to_mend = move || {
        let link = |control: String| {
            let label = label_of(&control);
            view! { <li><button type="button" class="link" on:click=move |_| focus_control(&control)>{label}</button></li> }
        };
        wrong.get().into_iter().map(link).collect_view()
    };
    let reason = move || {
        if unknown.get() {
            return Some(
                "The connection was lost before the answer came. Check the list of experiments to see \
                 whether it started."
                    .into(),
            );
        }
        match (client.is_live(), wrong.with(Vec::len)) {
            (false, _) if client.is_connecting() => None,
            (false, _) => Some("No connection to the program.".to_owned()),
            (_, 0) => None,
            (_, n) => {
                Some(format!("{} {} a change:", counted(n, "field"), if n == 1 { "needs" } else { "need" }))
            }
        }
    };
    view! {
        <aside class="summary" aria-label="Summary">
            <p class="runs-count"><b>{move || thousands(runs.get() as u64)}</b> {move || if runs.get() == 1 { " run" } else { " runs" }}</p>
            <ul class="times">{parts}</ul>
            <Preview form=form />
            <button
                type="submit"
                class="primary start"
                disabled=move || !client.is_live() || form.starting.get()
                aria-describedby="start-reason"
            >
                {Icon::Play.show()}
                "Start"
            </button>
            <p id="start-reason" class="reason" role="status">{reason}</p>
            <Show when=move || client.is_live() && !wrong.with(Vec::is_empty)>
                <ul class="to-mend" aria-label="Fields that need a change">{to_mend}</ul>
            </Show>
        </aside>
    }
}

/// What a control is called on the page.
fn label_of(control: &str) -> String {
    match Field::named(control) {
        Some(field) => field.label().to_owned(),
        None if control == places::CONTROL => places::TITLE.to_owned(),
        None => {
            let words = control.replace('_', " ");
            words[..1].to_uppercase() + &words[1..]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_control_is_called_what_the_page_calls_it() {
        assert_eq!([label_of("places"), label_of("keep_weights")], ["Where it trains", "Keep weights"]);
    }
}
