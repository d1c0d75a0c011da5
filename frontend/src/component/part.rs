//! Small things that stand in many places.

use super::glyph::{Glyph, glyph, grid};
use super::icon::Icon;
use crate::legend::Legend;
use crate::progress::{Progress, parts, words};
use crate::style::Style;
use leptos::prelude::*;
use tunemask_shared::mask::{Mask, MaskSwitches};
use tunemask_shared::run::RunStatus;
use tunemask_shared::shape::ModelShape;

/// A status as icon and word.
pub fn status(status: RunStatus) -> impl IntoView {
    view! {
        <span class=format!("status {}", status.name())>
            {Icon::of(status).show()} <span>{status.name()}</span>
        </span>
    }
}

/// A bar of parts, each with its class and its share of 1. `done` and `words` say it to readers who do not see it.
pub fn bar(parts: Vec<(&'static str, f64)>, done: f64, name: String, words: String) -> impl IntoView {
    let percent = (done.clamp(0.0, 1.0) * 100.0).round();
    let part = |(class, share): (&'static str, f64)| {
        view! { <span class=class style=format!("inline-size:{:.2}%", share.clamp(0.0, 1.0) * 100.0)></span> }
    };
    view! {
        <span
            class="bar"
            role="progressbar"
            aria-label=name
            aria-valuemin="0"
            aria-valuemax="100"
            aria-valuenow=percent.to_string()
            aria-valuetext=words
        >
            {parts.into_iter().map(part).collect_view()}
        </span>
    }
}

/// The bar of an experiment.
pub fn progress_bar(p: &Progress, name: String) -> impl IntoView + use<> {
    bar(parts(p), p.done(), name, words(p))
}

/// A piece of a line in its style, as a chart draws it; long enough for its dashes to be known.
pub fn sample(style: Style) -> impl IntoView {
    line(style, "")
}

/// The same in no colour: a part of a style that lines of any colour have.
pub fn plain_sample(style: Style) -> impl IntoView {
    line(style, " plain")
}

fn line(style: Style, more: &str) -> impl IntoView + use<> {
    let mark = style.mark_at(21.0, 5.0);
    view! {
        <svg class="sample" width="42" height="10" aria-hidden="true">
            <path class=format!("line {}{more}", style.classes()) d="M1 5h40" />
            {(!mark.is_empty()).then(|| view! { <path class=format!("shape s{}{more}", style.colour) d=mark /> })}
        </svg>
    }
}

/// A mask as a picture of blocks and modules.
pub fn mask_glyph(mask: &Mask, shape: &ModelShape, switches: MaskSwitches) -> impl IntoView + use<> {
    let Glyph { width, height, paths } = glyph(&grid(mask, shape, switches));
    view! {
        <svg
            class="glyph"
            aria-hidden="true"
            width=width.to_string()
            height=height.to_string()
            viewBox=format!("0 0 {width} {height}")
        >
            {paths.into_iter().map(|(class, path)| view! { <path class=class d=path /> }).collect_view()}
        </svg>
    }
}

/// The picture of a mask, where the model is known; nothing stands in its place before.
pub fn picture(legend: &Legend, mask: &Mask) -> Option<impl IntoView + use<>> {
    legend.model.map(|model| mask_glyph(mask, &model.shape, model.switches))
}

/// A patch of a line's colour.
pub fn swatch(colour: usize) -> impl IntoView {
    view! { <span class=format!("swatch s{colour}") aria-hidden="true"></span> }
}

/// A small button that is pressed or not.
pub fn chip(
    pressed: impl Fn() -> bool + Send + Sync + 'static,
    toggle: impl Fn() + 'static,
    content: impl IntoView + 'static,
) -> impl IntoView {
    view! {
        <button class="chip" aria-pressed=move || if pressed() { "true" } else { "false" } on:click=move |_| toggle()>
            {content}
        </button>
    }
}

/// A format in which something is saved.
pub struct FileFormat {
    /// Its name.
    pub name: &'static str,
    /// Saves it.
    pub save: Box<dyn Fn()>,
}

/// Buttons that save something in several formats.
#[component]
pub fn FileButtons(
    /// What is saved.
    what: String,
    /// The formats.
    formats: Vec<FileFormat>,
) -> impl IntoView {
    let button = |FileFormat { name, save }: FileFormat| {
        let label = format!("Download {what} as {name}");
        view! { <button type="button" class="quiet small" aria-label=label on:click=move |_| save()>{name}</button> }
    };
    view! { <span class="files">{Icon::Download.show()} {formats.into_iter().map(button).collect_view()}</span> }
}
