//! The masks, with what each trains on the chosen model.

use super::draft::{MASKS_CONTROL, PLAIN_MASKS};
use super::field::{Field, MASK_FIELDS};
use super::fold::Fold;
use super::painter::{MaskPainter, Painter};
use super::state::Form;
use super::text_field::{ErrorText, TextField};
use crate::component::icon::Icon;
use crate::component::part::mask_glyph;
use crate::format::{percent, thousands};
use leptos::prelude::*;
use tunemask_shared::mask::{Count, Mask};

/// Most masks beside the plain ones that have a row.
const MAX_ROWS: usize = 24;

fn description(mask: &Mask) -> &'static str {
    match mask {
        Mask::Full => "everything: embeddings, encoder, pooler",
        Mask::Frozen => "nothing but the classifier",
        Mask::Mha => "attention: query, key, value, output",
        Mask::Ffn => "feed-forward: intermediate and output",
        Mask::LayerNorms => "γ and β of every block's LayerNorms",
        Mask::LayerNormA => "of the one after attention",
        Mask::LayerNormF => "of the one after feed-forward",
        Mask::BitFit => "every bias of the blocks",
        Mask::Random { .. } => "scalars drawn from all parameters",
        Mask::RandomBlocks => "scalars drawn from all blocks",
        Mask::SingleNorm(_) => "both LayerNorms of one block",
        Mask::Outliers(_) => "the values farthest from their mean in each LayerNorm",
        Mask::OutliersRandom { .. } => "values drawn at random in each LayerNorm: the control",
        Mask::Lora(_) => "LoRA: low-rank pairs beside frozen matrices",
        Mask::Custom(_) => "an expression over masks",
    }
}

/// How much a mask trains on the form's model, with its share of the model.
fn trainable(form: Form, mask: &Mask) -> Option<(String, String)> {
    let shape = form.model()?.shape;
    let size = mask.size(&shape, form.switches(), None, None).ok()?;
    let most = if matches!(size, Count::AtMost(_)) { "≤ " } else { "" };
    let n = size.bound();
    Some((
        format!("{most}{}", thousands(n as u64)),
        format!("{most}{}", percent(n as f64 / shape.scalars() as f64)),
    ))
}

/// The masks' boxes, painter and fields.
#[component]
pub fn Masks(form: Form) -> impl IntoView {
    let error = Memo::new(move |_| form.error(MASKS_CONTROL));
    let painter = Painter::new(form);
    let row = move |mask: Mask| {
        let (ticked, toggled) = (mask.clone(), mask.clone());
        let head = view! {
            <label class="tick">
                <input
                    type="checkbox"
                    name="mask"
                    value=mask.to_string()
                    prop:checked=move || form.draft.with(|d| d.masks.contains(&ticked))
                    on:change=move |_| form.draft.update(|d| d.toggle_mask(&toggled))
                    aria-describedby=move || error.with(Option::is_some).then_some("masks-error")
                />
                <span><code>{mask.to_string()}</code>" "<small>{description(&mask)}</small></span>
            </label>
        };
        mask_row(form, painter, mask, head.into_any(), Origin::TickBox)
    };
    // What is written in fields, each mask once.
    let more = Memo::new(move |_| {
        form.parsed.with(|parsed| {
            let written = parsed.experiment.masks.iter().zip(&parsed.mask_controls);
            let written = written.filter(|(_, control)| **control != MASKS_CONTROL);
            let mut masks: Vec<Mask> = Vec::new();
            for mask in written.filter_map(|(text, _)| text.parse().ok()) {
                if !masks.contains(&mask) {
                    masks.push(mask);
                }
            }
            masks
        })
    });
    let left_out = move || more.with(Vec::len).saturating_sub(MAX_ROWS);
    let more_row = move |mask: Mask| {
        let head = view! { <code>{mask.to_string()}</code>" "<small>{description(&mask)}</small> };
        mask_row(form, painter, mask, head.into_any(), Origin::Written)
    };
    let mask_field = move |(field, name): (Field, &'static str)| {
        view! {
            <div class="mask-field">
                <code>{name}</code>
                <TextField form=form field=field />
            </div>
        }
    };
    let used = move || {
        form.draft.with(|d| MASK_FIELDS.iter().any(|(f, _)| !d.text(*f).trim().is_empty()))
            || MASK_FIELDS.iter().any(|(f, _)| form.error(f.name()).is_some())
    };
    let open = used();
    let summary = "Masks with a number, and your own: single_norm, random, outliers, expressions".into_any();
    view! {
        <fieldset class="panel" data-field=MASKS_CONTROL>
            <legend><h2>"Masks"</h2></legend>
            <p class="hint">"Choose what trains. The classifier always trains and is not counted."</p>
            <ErrorText control=MASKS_CONTROL error=error />
            <table class="masks">
                <thead>
                    <tr>
                        <th scope="col">"Mask"</th>
                        <th scope="col" class="picture"><span class="visually-hidden">"Modules by block"</span></th>
                        <th scope="col" class="n">"Trainable"</th>
                        <th scope="col" class="n">"Share"</th>
                        <th scope="col"><span class="visually-hidden">"Change"</span></th>
                    </tr>
                </thead>
                <tbody>
                    {PLAIN_MASKS.map(row).into_iter().collect_view()}
                    <For each=move || more.get().into_iter().take(MAX_ROWS) key=Mask::to_string children=more_row />
                </tbody>
            </table>
            <Show when=move || left_out() != 0>
                <p class="hint">{move || format!("and {} more", left_out())}</p>
            </Show>
            <Fold class="more" open=open summary=summary>
                <div class="mask-fields">{MASK_FIELDS.map(mask_field).into_iter().collect_view()}</div>
            </Fold>
            <MaskPainter form=form painter=painter />
        </fieldset>
    }
}

/// How a mask is chosen.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// By its tick box.
    TickBox,
    /// By what is written in a field.
    Written,
}

/// A mask with its picture and what it trains; what is not ticked can be taken away.
fn mask_row(form: Form, painter: Painter, mask: Mask, head: AnyView, origin: Origin) -> impl IntoView {
    let is_written = origin == Origin::Written;
    let (counted, drawn, painted, removed) = (mask.clone(), mask.clone(), mask.clone(), mask.clone());
    let count = Memo::new(move |_| trainable(form, &counted));
    let picture = move || form.model().map(|m| mask_glyph(&drawn, &m.shape, form.switches()));
    let paint_label = format!("Paint on {mask}");
    let remove = move |_| form.draft.update(|draft| draft.remove_mask(&removed));
    let remove = is_written.then(|| {
        let label = format!("Remove {mask}");
        view! { <button type="button" class="quiet small" aria-label=label on:click=remove>{Icon::Bin.show()} <span>"Remove"</span></button> }
    });
    view! {
        <tr class:own=is_written>
            <th scope="row">{head}</th>
            <td class="picture">{picture}</td>
            <td class="n">{move || count.with(|c| c.as_ref().map(|c| c.0.clone()))}</td>
            <td class="n">{move || count.with(|c| c.as_ref().map(|c| c.1.clone()))}</td>
            <td class="act">
                <button
                    type="button"
                    class="quiet small"
                    aria-label=paint_label
                    on:click=move |_| painter.open(painted.clone())
                >
                    {Icon::Pencil.show()}
                    <span>"Paint"</span>
                </button>
                {remove}
            </td>
        </tr>
    }
}
