//! A choice between reports on the same experiment.

use crate::root::href;
use crate::route::Page;
use leptos::prelude::*;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::report::Link;

/// The choices beside each other, the one that is shown marked.
#[component]
pub fn ReportLinks(
    /// The experiment.
    id: ExperimentId,
    /// What is chosen.
    label: String,
    /// The choices.
    links: Vec<Link>,
) -> impl IntoView {
    let link = move |Link { text, target, here }| {
        let address = href(&Page::Report(id, target).url());
        view! { <a href=address aria-current=here.then_some("true")>{text}</a> }
    };
    let title = label.clone();
    view! {
        <nav class="choices" aria-label=label>
            <span>{title}</span>
            {links.into_iter().map(link).collect_view()}
        </nav>
    }
}
