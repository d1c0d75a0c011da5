//! Whose weights stay on the disk when the form's experiment has run.

use super::state::Form;
use super::text_field::ErrorText;
use crate::keep_rule::{LAST, RuleChoice};
use leptos::prelude::*;
use tunemask_shared::keep_weights::KeepWeights;

/// The control's id and the field's name in an experiment file.
const CONTROL: &str = "keep_weights";

/// An option: its value, and what it says.
struct RuleOption {
    value: &'static str,
    says: &'static str,
}

/// The options: the rules, the first of them in two ways. Who says that all weights stay has what lacks them trained again.
fn options() -> impl Iterator<Item = RuleOption> {
    let option = |choice: RuleChoice| match choice {
        RuleChoice::All => {
            RuleOption { value: choice.word(), says: "of all runs; train again those that lack them" }
        }
        other => RuleOption { value: other.word(), says: other.says() },
    };
    let unsaid = RuleOption { value: "", says: RuleChoice::All.says() };
    std::iter::once(unsaid).chain(RuleChoice::ALL.map(option))
}

/// The option of a rule.
fn value(rule: Option<KeepWeights>) -> &'static str {
    rule.map_or("", |rule| RuleChoice::of(rule).word())
}

/// The rule of an option; of another than these, none.
fn rule(value: &str) -> Option<KeepWeights> {
    RuleChoice::ALL.into_iter().find(|choice| choice.word() == value).map(|choice| choice.rule(LAST))
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
                    aria-describedby=move || error.with(Option::is_some).then_some("keep_weights-error")
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
                        {options().map(option).collect_view()}
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
        for option in options() {
            assert_eq!(value(rule(option.value)), option.value);
        }
        assert_eq!(rule(""), None);
        assert_eq!(rule("last"), Some(KeepWeights::Last(LAST)));
    }
}
