//! Small things that stand in many places.

use super::icon::Icon;
use crate::glyph;
use crate::roster::Progress;
use crate::route::status_word;
use leptos::prelude::*;
use tunemask_shared::mask::{Mask, MaskSwitches};
use tunemask_shared::run::RunStatus;
use tunemask_shared::shape::ModelShape;

/// A status as icon and word.
pub fn status(status: RunStatus) -> impl IntoView {
    view! {
        <span class=format!("status {}", status_word(status))>
            {Icon::of(status).show()} <span>{status_word(status)}</span>
        </span>
    }
}

/// A share of 1 as a bar, named for who does not see it.
pub fn bar(share: f64, name: String) -> impl IntoView {
    let percent = (share.clamp(0.0, 1.0) * 100.0).round();
    view! {
        <span
            class="bar"
            role="progressbar"
            aria-label=name
            aria-valuemin="0"
            aria-valuemax="100"
            aria-valuenow=percent.to_string()
        >
            <span style=format!("inline-size:{percent}%")></span>
        </span>
    }
}

/// A mask as a picture of blocks and modules.
pub fn mask_glyph(mask: &Mask, shape: &ModelShape, switches: MaskSwitches) -> impl IntoView + use<> {
    let (inside, width, height) = glyph::markup(&glyph::grid(mask, shape, switches));
    view! {
        <svg
            class="glyph"
            aria-hidden="true"
            width=width.to_string()
            height=height.to_string()
            viewBox=format!("0 0 {width} {height}")
            inner_html=inside
        ></svg>
    }
}

/// A patch of a line's colour.
pub fn swatch(colour: usize) -> impl IntoView {
    view! { <span class=format!("swatch s{colour}") aria-hidden="true"></span> }
}

/// Where the runs of an experiment stand, in words: `3 of 32 finished · 1 running · 2 failed`.
pub fn progress_words(p: &Progress) -> String {
    let mut parts = vec![format!("{} of {} finished", p.finished, p.runs)];
    let more = [(p.running, "running"), (p.queued, "queued"), (p.failed, "failed"), (p.stopped, "stopped")];
    parts.extend(more.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")));
    parts.join(" · ")
}

/// A form in which something is saved: its word, and what saves it.
pub type FileForm = (&'static str, Box<dyn Fn()>);

/// Buttons that save something in several forms.
#[component]
pub fn FileButtons(
    /// What is saved.
    what: String,
    /// The forms.
    forms: Vec<FileForm>,
) -> impl IntoView {
    let button = |(word, save): FileForm| {
        let label = format!("Download {what} as {word}");
        view! { <button class="quiet small" aria-label=label on:click=move |_| save()>{word}</button> }
    };
    let buttons = forms.into_iter().map(button).collect_view();
    view! { <span class="files">{Icon::Download.show()} {buttons}</span> }
}
