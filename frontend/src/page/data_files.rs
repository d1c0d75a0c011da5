//! All runs of an experiment as files, which the server writes when they are asked for.

use crate::root::href;
use leptos::prelude::*;
use tunemask_shared::event::ExperimentId;

/// The forms of a table: the word in the address, and the title.
const FORMS: [(&str, &str); 3] = [("csv", "CSV"), ("jsonl", "JSON Lines"), ("parquet", "parquet")];

/// The links, and how steps and evaluations are had.
#[component]
pub fn DataFiles(id: ExperimentId) -> impl IntoView {
    let link = |(form, title): (&str, &str)| {
        let address = href(&format!("/api/v1/experiments/{id}/runs?format={form}"));
        let name = format!("experiment-{id}-runs.{form}");
        view! { <a class="button" href=address download=name>{format!("Runs as {title}")}</a> }
    };
    view! {
        <section aria-labelledby="data-files">
            <h2 id="data-files">"Files"</h2>
            <p class="take-away">{FORMS.map(link).into_iter().collect_view()}</p>
            <p class="hint">
                "Every run with settings, status and scores. On the command line: "
                <code>{format!("tunemask export {id} --points points.parquet --evaluations evaluations.csv")}</code>
                " writes the steps and evaluations of all of them."
            </p>
        </section>
    }
}
