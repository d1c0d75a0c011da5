//! The tasks, by where their examples come from.

use super::draft::TASKS_CONTROL;
use super::state::Form;
use super::text_field::ErrorText;
use leptos::prelude::*;
use tunemask_shared::task::{Source, TASKS, Task};

/// What a task asks, in a few words.
fn question(task: Task) -> &'static str {
    match task {
        Task::Cola => "Is the sentence acceptable?",
        Task::Sst2 => "Is the review positive?",
        Task::Mrpc => "Are the two paraphrases?",
        Task::Stsb => "How similar are the two?",
        Task::Qqp => "Do the two ask the same thing?",
        Task::Mnli => "Entailment, neutral, contradiction?",
        Task::Qnli => "Does it answer the question?",
        Task::Rte => "Does one entail the other?",
        Task::Ner => "Which names are in the sentence?",
        Task::Pos => "What part of speech is each word?",
        Task::Acceptability => "Does it follow the grammar?",
        Task::Sentiment => "Is the sentence positive?",
        Task::Paraphrase => "Do the two say the same thing?",
        Task::Similarity => "How much do the two share?",
        Task::Questions => "Do the two ask the same thing?",
        Task::Inference => "Entailment, neutral, contradiction?",
        Task::Answerability => "Does it answer the question?",
        Task::Entailment => "Does the text entail it?",
        Task::Tags => "What part of speech is each word?",
        Task::Entities => "Which names are in the sentence?",
    }
}

/// The boxes of the tasks.
#[component]
pub fn Tasks(form: Form) -> impl IntoView {
    let error = Memo::new(move |_| form.error(TASKS_CONTROL));
    let group = move |source: Source, title: &'static str| {
        let boxes = TASKS.into_iter().filter(move |t| t.source() == source).map(move |task| {
            let missing =
                move || source.needs_data() && form.data().is_some_and(|data| !data.tasks.contains(&task));
            let metrics = task.metrics().iter().map(|m| m.title()).collect::<Vec<_>>().join(", ");
            view! {
                <label class="tick" class:missing=missing>
                    <input
                        type="checkbox"
                        name="task"
                        value=task.name()
                        prop:checked=move || form.draft.with(|d| d.tasks.contains(&task))
                        on:change=move |_| form.draft.update(|d| d.toggle_task(task))
                        aria-describedby=move || error.with(Option::is_some).then_some("tasks-error")
                    />
                    <span>
                        <b>{task.title()}</b>
                        <small>
                            {move || if missing() { "not in the data folder" } else { question(task) }}
                            <br />
                            {metrics}
                        </small>
                    </span>
                </label>
            }
        });
        view! {
            <div class="subgroup" role="group" aria-label=title>
                <h3>{title}</h3>
                <div class="ticks">{boxes.collect_view()}</div>
            </div>
        }
    };
    view! {
        <fieldset class="panel" data-field=TASKS_CONTROL>
            <legend><h2>"Tasks"</h2></legend>
            <ErrorText control=TASKS_CONTROL error=error />
            {group(Source::BuiltIn, "Built in")}
            {group(Source::Glue, "GLUE, from the data folder")}
            {group(Source::Columns, "Token classification, from the data folder")}
        </fieldset>
    }
}
