//! All runs, steps and evaluations of an experiment as files, which the server writes when they are asked for.

use crate::root::href;
use leptos::prelude::*;
use tunemask_shared::event::ExperimentId;

/// What has a row: the word in the address, and the title.
const TABLES: [(&str, &str); 3] = [("runs", "Runs"), ("points", "Steps"), ("evaluations", "Evaluations")];

/// The forms of a table: the word in the address, and the title.
const FORMS: [(&str, &str); 3] = [("csv", "CSV"), ("jsonl", "JSON Lines"), ("parquet", "parquet")];

/// The links.
#[component]
pub fn DataFiles(id: ExperimentId) -> impl IntoView {
    let links = |(table, rows): (&'static str, &'static str)| {
        let link = |(form, title): (&str, &str)| {
            let address = href(&format!("/api/v1/experiments/{id}/{table}?format={form}"));
            let name = format!("experiment-{id}-{table}.{form}");
            view! { <a class="button" href=address download=name>{format!("{rows} as {title}")}</a> }
        };
        view! { <p class="take-away">{FORMS.map(link).into_iter().collect_view()}</p> }
    };
    view! {
        <section aria-labelledby="data-files">
            <h2 id="data-files">"Files"</h2>
            {TABLES.map(links).into_iter().collect_view()}
            <p class="hint">
                "Every run with settings, status and scores; every step of every run; every score of every evaluation. \
                 On the command line: "
                <code>{format!("tunemask export {id} --runs runs.csv --points points.parquet")}</code>
            </p>
        </section>
    }
}
