//! The result table: a row a mask, the task's figures with the learning rate picked.

use super::download::{file_name, save};
use super::part::{FileButtons, swatch};
use crate::format::thousands;
use crate::legend::Legend;
use crate::net::lab::use_lab;
use crate::signal::Memo;
use leptos::prelude::*;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::statistics::text::{column, mean_and_deviation, picked_rates};
use tunemask_shared::statistics::{
    Edge, Figure, ResultCell, ResultTable, csv, latex, markdown, notes, table,
};

/// The section of the results.
#[component]
pub fn Results(id: ExperimentId) -> impl IntoView {
    let lab = use_lab();
    // Points change nothing here; ended and queued runs do.
    let settled = Memo::new(move || {
        lab.state.with(|s| {
            let runs = s.experiments.get(&id).map(|e| &e.runs[..]).unwrap_or_default();
            runs.iter().map(|r| s.runs.get(r).map(|r| r.status)).collect::<Vec<_>>()
        })
    });
    let result = Memo::new(move || {
        // Read, not only tracked: what was never read follows nothing.
        settled.with(|_| lab.state.with_untracked(|s| table(s, id)))
    });
    let any = Memo::new(move || {
        result.with(|t| {
            t.as_ref().is_some_and(|t| t.rows.iter().any(|r| r.cells.iter().any(|c| !c.picked.is_empty())))
        })
    });
    let legend = Memo::new(move || {
        lab.state.with(|s| s.experiments.get(&id).map(|e| Legend::new(&e.experiment)).unwrap_or_default())
    });
    view! {
        <section aria-labelledby="results">
            <h2 id="results">"Results"</h2>
            <Show
                when=move || any.get()
                fallback=|| view! { <p class="hint">"Mean ± standard deviation over the seeds, as soon as a run has finished."</p> }
            >
                {move || result.get().map(|t| legend.with(|l| show(t, l)))}
            </Show>
        </section>
    }
}

fn show(table: ResultTable, legend: &Legend) -> impl IntoView + use<> {
    let columns = table.columns();
    let best: Vec<Option<String>> = (0..columns.len()).map(|i| best_of(&table, i)).collect();
    let heads = columns.iter().map(|&(task, metric, set)| {
        view! { <th scope="col" class="n">{column(task, metric, set)}</th> }
    });
    let average = table.has_average();
    let rows = table.rows.iter().map(|row| {
        let mut place = 0;
        let cells: Vec<_> = row
            .cells
            .iter()
            .flat_map(|cell| cell.figures.iter().enumerate().map(move |(i, figure)| (cell, i, figure)))
            .map(|(cell, i, figure)| {
                let text = mean_and_deviation(figure.metric, figure.summary);
                let wins = best[place].as_ref() == Some(&text);
                place += 1;
                figure_cell(cell, i == 0, figure, text, wins)
            })
            .collect();
        let patch = legend.mask_colour(&row.mask).map(swatch);
        view! {
            <tr>
                <th scope="row"><span class="mask">{patch} <code>{row.mask.to_string()}</code></span></th>
                <td class="n">{row.trainable.map(thousands)}</td>
                {cells}
                {average.then(|| view! { <td class="n">{row.average.map(|a| format!("{:.1}", a * 100.0))}</td> })}
            </tr>
        }
    });
    let said = notes(&table);
    let more = said.iter().skip(1).map(|n| view! { <li>{n.clone()}</li> }).collect_view();
    let shown = view! {
        <div class="scroll" role="region" tabindex="0" aria-label="Table of results">
            <table class="results">
                <thead>
                    <tr>
                        <th scope="col">"Mask"</th>
                        <th scope="col" class="n">"Trainable"</th>
                        {heads.collect_view()}
                        {average.then(|| view! { <th scope="col" class="n">"Average"</th> })}
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
        <p class="hint">{said.first().map(|text| text.replace(" (behind the @)", ""))} " The best of each column stands bold."</p>
    };
    let count = said.len().saturating_sub(1);
    // While runs are to come the notes only count them.
    let open = count <= 4 && table.rows.iter().flat_map(|r| &r.cells).all(|c| c.settled);
    view! {
        {shown}
        {(count > 0).then(|| view! {
            <details class="notes" open=open>
                <summary>{tunemask_shared::statistics::text::count(count, "note")}</summary>
                <ul>{more}</ul>
            </details>
        })}
        <Files table=table />
    }
}

/// The text of a column's best figure, so that equal ones are all the best.
fn best_of(table: &ResultTable, place: usize) -> Option<String> {
    let figures = table.rows.iter().filter_map(|r| r.cells.iter().flat_map(|c| &c.figures).nth(place));
    let best: Option<&Figure> = figures.fold(None, |best: Option<&Figure>, f| match best {
        Some(b) if !f.metric.improves(f.summary.mean, b.summary.mean) => best,
        _ if f.summary.mean.is_nan() => best,
        _ => Some(f),
    });
    best.filter(|_| table.rows.len() > 1).map(|f| mean_and_deviation(f.metric, f.summary))
}

fn figure_cell(
    cell: &ResultCell,
    first: bool,
    figure: &Figure,
    text: String,
    wins: bool,
) -> impl IntoView + use<> {
    let rates = first.then(|| picked_rates(cell)).filter(|r| !r.is_empty());
    let edge = cell.edge.map(|edge| match edge {
        Edge::Lowest => ("↓", "The lowest learning rate of the grid won: a lower one may be better"),
        Edge::Highest => ("↑", "The highest learning rate of the grid won: a higher one may be better"),
    });
    let under = rates.map(|rates| {
        let edge = edge.map(|(sign, why)| {
            view! {
                <span class="edge" title=why>
                    <span aria-hidden="true">{sign}</span>
                    <span class="visually-hidden">{why}</span>
                </span>
            }
        });
        let unfinished = cell.unfinished().count();
        let left = (!cell.settled && unfinished > 0).then(|| format!(" · {unfinished} to come"));
        view! { <span class="under">{format!("lr {rates}")} {edge} {format!(" · n {}", figure.summary.n)} {left}</span> }
    });
    let text = if wins { view! { <b>{text}</b> }.into_any() } else { text.into_any() };
    view! { <td class="n">{text} {under}</td> }
}

#[component]
fn Files(table: ResultTable) -> impl IntoView {
    let table = StoredValue::new(table);
    let form = move |extension: &'static str, mime: &'static str, write: fn(&ResultTable) -> String| {
        let name = move |t: &ResultTable| file_name(&[&t.name, "results"], extension);
        Box::new(move || table.with_value(|t| save(&name(t), mime, &write(t)))) as Box<dyn Fn()>
    };
    let forms = vec![
        ("CSV", form("csv", "text/csv", csv)),
        ("Markdown", form("md", "text/markdown", markdown)),
        ("LaTeX", form("tex", "application/x-tex", latex)),
    ];
    view! { <FileButtons what="results".into() forms=forms /> }
}
