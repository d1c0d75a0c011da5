//! Whose weights stay on the disk when the form's experiment has run.

use super::state::Form;
use super::text_field::ErrorText;
use leptos::prelude::*;
use tunemask_shared::keep_weights::KeepWeights;

/// The control's id and the field's name in an experiment file.
const CONTROL: &str = "keep_weights";

/// Runs whose weights stay where a rule of the last runs is chosen anew.
const LAST: u32 = 10;

/// A rule that can be chosen: the option's value, and what it says.
struct RuleOption {
    value: &'static str,
    says: &'static str,
}

const CHOICES: [RuleOption; 5] = [
    RuleOption { value: "", says: "of all runs" },
    RuleOption { value: "all", says: "of all runs; train again those that lack them" },
    RuleOption { value: "picked", says: "at the learning rate that the results report" },
    RuleOption { value: "last", says: "of the runs that finished last" },
    RuleOption { value: "none", says: "of none" },
];

/// The option of a rule.
fn value(rule: Option<KeepWeights>) -> &'static str {
    match rule {
        None => "",
        Some(KeepWeights::All) => "all",
        Some(KeepWeights::Picked) => "picked",
        Some(KeepWeights::Last(_)) => "last",
        Some(KeepWeights::None) => "none",
    }
}

/// The rule of an option; of another than these, none.
fn rule(value: &str) -> Option<KeepWeights> {
    match value {
        "last" => Some(KeepWeights::Last(LAST)),
        _ => value.parse().ok(),
    }
}

/// The section.
#[component]
pub fn Keeping(form: Form) -> impl IntoView {
    let chosen = Memo::new(move |_| form.draft.with(|draft| draft.keep_weights));
    let choose = move |rule| form.draft.update(|draft| draft.keep_weights = rule);
    let error = Memo::new(move |_| form.error(CONTROL));
    let option = move |RuleOption { value: own, says }: RuleOption| {
        view! { <option value=own selected=move || value(chosen.get()) == own>{says}</option> }
    };
    let last = Memo::new(move |_| match chosen.get() {
        Some(KeepWeights::Last(runs)) => Some(runs),
        _ => None,
    });
    let number = move || {
        view! {
            <div class="field">
                <label for="keep_last">"Runs"</label>
                <input
                    id="keep_last"
                    type="number"
                    min="1"
                    prop:value=move || last.get().unwrap_or_default().to_string()
                    on:input=move |e| choose(Some(KeepWeights::Last(event_target_value(&e).parse().unwrap_or(0))))
                    aria-invalid=move || error.with(Option::is_some).then_some("true")
                    aria-describedby="keep_weights-error"
                />
            </div>
        }
    };
    view! {
        <section class="panel" aria-labelledby="keeping">
            <h2 id="keeping">"Disk"</h2>
            <div class="fields">
                <div class="field" data-field=CONTROL>
                    <label for=CONTROL>"Keep the weights"</label>
                    <select
                        id=CONTROL
                        name=CONTROL
                        aria-describedby="keep_weights-hint"
                        on:change=move |e| choose(rule(&event_target_value(&e)))
                    >
                        {CHOICES.map(option).collect_view()}
                    </select>
                    <ErrorText control=CONTROL error=error />
                    <p class="hint" id="keep_weights-hint">
                        "Scores, curves and predictions stay in any case. Without its weights a run cannot be exported."
                    </p>
                </div>
                <Show when=move || last.get().is_some()>{number}</Show>
            </div>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_is_a_rule_and_its_option() {
        for choice in &CHOICES {
            assert_eq!(value(rule(choice.value)), choice.value);
        }
        assert_eq!(rule(""), None);
        assert_eq!(rule("last"), Some(KeepWeights::Last(LAST)));
    }
}
