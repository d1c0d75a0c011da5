//! What a table's cell says, and the runs that it leads to.

use super::words::Words;
use crate::component::part::{picture, swatch};
use crate::format::counted;
use crate::legend::Legend;
use crate::root::href;
use crate::route::Route;

use leptos::prelude::*;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::report::{Cell, Warning};
use tunemask_shared::run::RunId;

/// The inside of a cell.
#[component]
pub fn ReportCell<'a>(
    /// The experiment.
    id: ExperimentId,
    /// Its masks with their colours and pictures.
    legend: &'a Legend,
    /// The cell.
    cell: Cell,
) -> impl IntoView + use<> {
    let Cell { text, under, warning, strong, code, mask, runs, seen_from } = cell;
    let mut content = view! { <Words text=text /> }.into_any();
    if code {
        content = view! { <code>{content}</code> }.into_any();
    }
    if strong {
        content = view! { <b>{content}</b> }.into_any();
    }
    if !runs.is_empty() {
        content = behind(seen_from.unwrap_or(id), runs, content).into_any();
    }
    if let Some(mask) = mask {
        let patch = legend.mask_style(&mask).map(|style| swatch(style.colour));
        content = view! { <span class="mask">{patch} {picture(legend, &mask)} {content}</span> }.into_any();
    }
    let below = (!under.is_empty() || warning.is_some()).then(|| {
        view! {
            " "
            <span class="under">{under}{warning.map(sign)}</span>
        }
    });
    view! { {content}{below} }
}

/// A link to the page of the experiment that shows these runs alone.
fn behind(id: ExperimentId, runs: Vec<RunId>, content: AnyView) -> impl IntoView {
    let title = format!("Show {}", counted(runs.len(), "run"));
    let address = href(&Route::of_runs(id, runs).url());
    view! { <a class="behind" href=address title=title>{content}</a> }
}

fn sign(warning: Warning) -> impl IntoView {
    let Warning { sign, reason } = warning;
    let title = reason.clone();
    view! {
        " "
        <span class="edge" title=title>
            <span aria-hidden="true">{sign.to_string()}</span>
            <span class="visually-hidden">{reason}</span>
        </span>
    }
}
