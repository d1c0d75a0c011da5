//! What a run leaves, to take away: its model, what it trained, its steps.

use crate::root::href;
use crate::route::Page;
use leptos::prelude::*;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::keep_weights::KeepWeights;
use tunemask_shared::report::{ReportKind, ReportRequest};
use tunemask_shared::run::{RunId, RunStatus};
use tunemask_shared::state::RunState;

/// Links to files, which the server writes when they are asked for.
#[component]
pub fn Files(id: ExperimentId, run: RunId, state: Memo<Option<RunState>>) -> impl IntoView {
    let finished =
        Memo::new(move |_| state.with(|s| s.as_ref().is_some_and(|s| s.status == RunStatus::Finished)));
    let dropped = Memo::new(move |_| state.with(|s| s.as_ref().and_then(|s| s.weights_dropped)));
    let begun = Memo::new(move |_| state.with(|s| s.as_ref().is_some_and(|s| s.step > 0)));
    let file = {
        let run = run.clone();
        move |what: &str| href(&format!("/api/v1/runs/{run}/{what}"))
    };
    let (points, model) = (file.clone(), file);
    let weights = {
        let run = Some(run.clone());
        href(
            &Page::Report(id, ReportRequest { kind: ReportKind::Weights, run, ..ReportRequest::default() })
                .url(),
        )
    };
    let tables = {
        let run = run.clone();
        move || {
            [("csv", "CSV"), ("jsonl", "JSON Lines"), ("parquet", "parquet")].map(|(form, title)| {
                let name = format!("{run}.{form}");
                view! { <a class="button" href=points(&format!("points?format={form}")) download=name>{format!("Steps as {title}")}</a> }
            })
        }
    };
    let models = {
        let run = run.clone();
        move || {
            let is_adapter = state.with(|s| s.as_ref().is_some_and(|s| s.spec.mask.is_lora()));
            let (delta, words) = if is_adapter {
                (format!("{run}.adapter.tar"), "What it trained, as a PEFT adapter (tar)")
            } else {
                (format!("{run}.delta.safetensors"), "What it trained (safetensors)")
            };
            view! {
                <a class="button" href=model("model") download=format!("{run}.tar")>"Model as a Hugging Face folder (tar)"</a>
                <a class="button" href=model("delta") download=delta>{words}</a>
                <a class="button" href=weights.clone()>"Distribution of its weights"</a>
            }
        }
    };
    view! {
        <section aria-labelledby="files">
            <h2 id="files">"Files"</h2>
            <p class="take-away">
                <Show when=move || finished.get() && dropped.get().is_none()>{models.clone()}</Show>
                <Show when=move || begun.get()>{tables.clone()}</Show>
            </p>
            <Show when=move || !finished.get()>
                <p class="hint">"The model can be downloaded when the run has finished."</p>
            </Show>
            {move || dropped.get().map(|rule| view! { <p class="note">{without_weights(rule)}</p> })}
            <p class="hint">
                "On the command line: " <code>{format!("tunemask export {run}")}</code> " writes the folder, "
                <code>{format!("tunemask export {run} --delta")}</code> " what was trained."
            </p>
        </section>
    }
}

/// Why there is no model to take away, and how to get one.
fn without_weights(rule: KeepWeights) -> String {
    format!(
        "Its weights were not kept, by the rule \"{rule}\" of its experiment. To train it again, start the experiment with \
         the weights kept \"of all runs; train again those that lack them\"."
    )
}
