//! A picture of a report.
//!
//! The server draws its panels, with the same hands as the files that command line and page hand out, and sends them as
//! SVG. They are shown as images: an image runs no scripts, loads nothing, and keeps its style to itself.

use super::files::ReportFiles;
use leptos::prelude::*;
use tunemask_shared::report::{Figure, FileForm, Panel};

/// Panels beside each other, as many as there is room for, and the files of all.
#[component]
pub fn ReportFigure(
    /// The picture.
    figure: Figure,
) -> impl IntoView {
    let Figure { caption, legend, panels, files } = figure;
    let panel = |Panel { summary, svg }: Panel| {
        let text = String::from(js_sys::encode_uri_component(&svg));
        view! { <img src=format!("data:{},{text}", FileForm::Svg.media()) alt=summary /> }
    };
    let what = caption.clone();
    view! {
        <figure class="chart picture">
            <figcaption>
                <h3>{caption}</h3>
                <p class="hint">{legend}</p>
            </figcaption>
            <div class="panels">{panels.into_iter().map(panel).collect_view()}</div>
            <ReportFiles what=what files=files />
        </figure>
    }
}
