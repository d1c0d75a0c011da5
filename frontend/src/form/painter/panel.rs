//! The painter as a whole: brush, picture, rule, text, count, and what becomes of the mask.

use super::grid::Picture;
use super::layout::{Layout, Part};
use super::rule::RuleControls;
use super::sets::Sets;
use super::state::Painter;
use super::values::Values;
use crate::component::icon::Icon;
use crate::form::state::Form;
use crate::format::{percent, thousands};
use leptos::prelude::*;
use tunemask_shared::mask::{Count, Mask};

/// What the brush paints, with its word.
const PARTS: [(Part, &str); 3] =
    [(Part::Both, "whole modules"), (Part::Weight, "weights, γ"), (Part::Bias, "biases, β")];

/// The painter.
#[component]
pub fn MaskPainter(form: Form, painter: Painter) -> impl IntoView {
    let layout = Memo::new(move |_| painter.shape.get().map(|shape| Layout { shape }));
    let picture = move || match layout.get() {
        Some(layout) => view! { <Picture painter=painter layout=layout /> }.into_any(),
        None => view! { <p class="hint">"Choose a model to see its modules here."</p> }.into_any(),
    };
    let brush = |(part, words): (Part, &'static str)| {
        view! {
            <label>
                <input
                    type="radio"
                    name="painter-part"
                    prop:checked=move || painter.part.get() == part
                    on:change=move |_| painter.part.set(part)
                />
                {words}
            </label>
        }
    };
    let error = Memo::new(move |_| painter.error());
    let count = move || {
        let shape = painter.shape.get()?;
        let size = painter.size()?.ok()?;
        let most = if matches!(size, Count::AtMost(_)) { "at most " } else { "" };
        let share = percent(size.bound() as f64 / shape.scalars() as f64);
        Some(format!("{most}{} parameters train, {share} of the model", thousands(size.bound() as u64)))
    };
    let unusable = move || error.with(Option::is_some) || painter.is_chosen();
    let use_label = move || if painter.is_chosen() { "In the experiment" } else { "Use in the experiment" };
    view! {
        <div class="painter" role="group" aria-labelledby="painter-title">
            <h3 id="painter-title">"Paint a mask"</h3>
            <p class="hint" id="painter-keys">
                "Press and drag over modules, block numbers or names. Keys: arrows move, Space paints, Shift with an arrow paints on."
            </p>
            <fieldset class="painter-brush">
                <legend>"Brush"</legend>
                {PARTS.map(brush).into_iter().collect_view()}
            </fieldset>
            {picture}
            <div class="painter-tools">
                <RuleControls painter=painter />
                <Sets form=form painter=painter />
            </div>
            <div class="field painter-text">
                <label for="painter-mask">"Mask as text"</label>
                <input
                    id="painter-mask"
                    type="text"
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    prop:value=move || painter.text()
                    on:input=move |e| painter.write(event_target_value(&e))
                    on:change=move |_| painter.written_out()
                    aria-invalid=move || error.with(Option::is_some).then_some("true")
                    aria-describedby="painter-count"
                />
                <p id="painter-count" class:hint=move || error.with(Option::is_none) class:error=move || error.with(Option::is_some) role="status">
                    {move || error.get().or_else(count)}
                </p>
            </div>
            <Values form=form painter=painter />
            <div class="painter-actions">
                <button type="button" class="primary" disabled=unusable on:click=move |_| painter.choose()>{use_label}</button>
                <button type="button" disabled=move || !painter.has_before() on:click=move |_| painter.undo()>
                    {Icon::Undo.show()}
                    "Undo"
                </button>
                <button
                    type="button"
                    disabled=move || painter.mask.with(|mask| *mask == Mask::Frozen)
                    on:click=move |_| painter.take(Mask::Frozen)
                >
                    "Clear"
                </button>
            </div>
        </div>
    }
}
