//! The tasks, by where their examples come from.

use super::draft::TASKS_CONTROL;
use super::later::{Later, Turn};
use super::state::Form;
use super::text_field::ErrorText;
use leptos::prelude::*;
use tunemask_shared::task::{
    BuiltInTask, ColumnTask, GlueTask, Source, Task, TaskKind, TaskName, known_tasks,
};

/// Labels that are named where a task of the user's own says what it asks.
const NAMED_LABELS: usize = 4;

/// What a task asks, in a few words.
fn question(task: &Task) -> String {
    let known = match task.source() {
        Source::Glue(GlueTask::Cola) => "Is the sentence acceptable?",
        Source::Glue(GlueTask::Sst2) => "Is the review positive?",
        Source::Glue(GlueTask::Mrpc) => "Are the two paraphrases?",
        Source::Glue(GlueTask::Stsb) => "How similar are the two?",
        Source::Glue(GlueTask::Qqp) => "Do the two ask the same thing?",
        Source::Glue(GlueTask::Mnli) => "Entailment, neutral, contradiction?",
        Source::Glue(GlueTask::Qnli) => "Does it answer the question?",
        Source::Glue(GlueTask::Rte) => "Does one entail the other?",
        Source::Columns(ColumnTask::Ner) => return which(task, "Which names are in the sentence?"),
        Source::Columns(ColumnTask::Pos) => return which(task, "What part of speech is each word?"),
        Source::BuiltIn(BuiltInTask::Acceptability) => "Does it follow the grammar?",
        Source::BuiltIn(BuiltInTask::Sentiment) => "Is the sentence positive?",
        Source::BuiltIn(BuiltInTask::Paraphrase) => "Do the two say the same thing?",
        Source::BuiltIn(BuiltInTask::Similarity) => "How much do the two share?",
        Source::BuiltIn(BuiltInTask::Questions) => "Do the two ask the same thing?",
        Source::BuiltIn(BuiltInTask::Inference) => "Entailment, neutral, contradiction?",
        Source::BuiltIn(BuiltInTask::Answerability) => "Does it answer the question?",
        Source::BuiltIn(BuiltInTask::Entailment) => "Does the text entail it?",
        Source::BuiltIn(BuiltInTask::Tags) => "What part of speech is each word?",
        Source::BuiltIn(BuiltInTask::Entities) => "Which names are in the sentence?",
        Source::Own => return own_question(task),
    };
    known.to_owned()
}

/// What a task of columns asks; with its labels, where the folder has others than the standard ones.
fn which(task: &Task, standard: &str) -> String {
    if task.is_known() { standard.to_owned() } else { format!("{standard} {}", own_question(task)) }
}

/// What a task of the user's own asks: which of its labels, or which number.
fn own_question(task: &Task) -> String {
    match task.kind() {
        TaskKind::Regression(range) => format!("A score from {} to {}", range.low, range.high),
        TaskKind::Classification(labels) => listed(labels.iter().map(String::as_str)),
        TaskKind::MultiLabel(labels) => {
            format!("Any of {}", listed(labels.iter().map(String::as_str)))
        }
        // The types alone: each has two tags.
        TaskKind::Tagging(labels) => {
            let begun = labels.iter().map(String::as_str).filter(|label| !label.starts_with("I-"));
            listed(begun.map(|label| label.strip_prefix("B-").unwrap_or(label)))
        }
    }
}

/// The first of some labels, and how many more there are.
fn listed<'a>(labels: impl Iterator<Item = &'a str>) -> String {
    let labels: Vec<&str> = labels.collect();
    match labels.len().checked_sub(NAMED_LABELS) {
        None | Some(0) => labels.join(", "),
        Some(more) => format!("{} and {more} more", labels[..NAMED_LABELS].join(", ")),
    }
}

/// The boxes of the tasks.
#[component]
pub fn Tasks(form: Form) -> impl IntoView {
    let error = Memo::new(move |_| form.error(TASKS_CONTROL));
    let tick = move |name: TaskName| {
        let name = StoredValue::new(name);
        let known = name.with_value(Task::known);
        let needs_data = known.as_ref().is_none_or(|task| task.source().needs_data());
        let metrics_of =
            |task: &Task| task.metrics().iter().map(|m| m.title()).collect::<Vec<_>>().join(", ");
        let held = move || form.data().map(|data| name.with_value(|name| data.task(name).cloned()));
        let missing = move || needs_data && held().is_some_and(|task| task.is_none());
        let task = Memo::new(move |_| held().flatten().or_else(|| name.with_value(Task::known)));
        let asks = move || match missing() {
            true => "not in the data folder".to_owned(),
            false => task.with(|task| task.as_ref().map(question).unwrap_or_default()),
        };
        view! {
            <label class="tick" class:missing=missing>
                <input
                    type="checkbox"
                    name="task"
                    value=name.with_value(TaskName::to_string)
                    prop:checked=move || form.draft.with(|d| name.with_value(|name| d.tasks.contains(name)))
                    on:change=move |_| form.draft.update(|d| name.with_value(|name| d.toggle_task(name)))
                    aria-describedby=move || error.with(Option::is_some).then_some("tasks-error")
                />
                <span>
                    <b>{name.with_value(|name| name.title().to_owned())}</b>
                    <small>
                        {asks}
                        <br />
                        {move || task.with(|task| task.as_ref().map(metrics_of))}
                    </small>
                </span>
            </label>
        }
    };
    let group = move |is_of: fn(Source) -> bool, title: &'static str| {
        let boxes =
            known_tasks().iter().filter(|task| is_of(task.source())).map(|task| tick(task.name().clone()));
        view! {
            <div class="subgroup" role="group" aria-label=title>
                <h3>{title}</h3>
                <div class="ticks">{boxes.collect_view()}</div>
            </div>
        }
    };
    // Those that the folder holds, and those that are ticked whatever it holds: what is ticked can be unticked.
    let own = Memo::new(move |_| {
        let held = form.data().map(|data| data.tasks).unwrap_or_default();
        let mut names: Vec<TaskName> = held.iter().map(|task| task.name().clone()).collect();
        names.extend(form.draft.with(|d| d.tasks.clone()));
        names.retain(|name| name.as_own().is_some());
        names.sort();
        names.dedup();
        names
    });
    view! {
        <fieldset class="panel" data-field=TASKS_CONTROL>
            <legend><h2>"Tasks"</h2></legend>
            <ErrorText control=TASKS_CONTROL error=error />
            {group(|source| matches!(source, Source::BuiltIn(_)), "Built in")}
            <Later turn=Turn::Next>
                {group(|source| matches!(source, Source::Glue(_)), "GLUE, from the data folder")}
                {group(|source| matches!(source, Source::Columns(_)), "Token classification, from the data folder")}
                <Show when=move || own.with(|own| !own.is_empty())>
                    <div class="subgroup" role="group" aria-label="Your own, from the data folder">
                        <h3>"Your own, from the data folder"</h3>
                        <div class="ticks">
                            <For each=move || own.get() key=TaskName::clone let:name>{tick(name)}</For>
                        </div>
                    </div>
                </Show>
            </Later>
        </fieldset>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_say_what_they_ask() {
        assert!(known_tasks().iter().all(|task| question(task).ends_with('?')));
        let labels = |labels: &[&str]| labels.iter().map(|&label| label.to_owned()).collect();
        let drugs = Task::ner().with_labels(labels(&["O", "B-DRUG", "I-DRUG"])).unwrap();
        assert_eq!(question(&drugs), "Which names are in the sentence? O, DRUG");
        let letters = Task::pos().with_labels(labels(&["a", "b", "c", "d", "e", "f"])).unwrap();
        assert!(question(&letters).ends_with("a, b, c, d and 2 more"), "{}", question(&letters));
        let text = r#"{"source":"own","name":"own:topics","kind":{"multi_label":["food","travel"]},"pairs":false,
                       "metrics":["micro_f1"],"development_sets":["dev"],"size":"small"}"#;
        assert_eq!(question(&serde_json::from_str(text).unwrap()), "Any of food, travel");
    }
}
