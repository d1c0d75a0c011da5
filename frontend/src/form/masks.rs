//! The masks, with what each trains on the chosen model.

use super::draft::{MASKS_CONTROL, PLAIN_MASKS};
use super::field::{Field, MASK_FIELDS};
use super::fold::Fold;
use super::state::Form;
use super::text_field::{ErrorText, TextField};
use crate::component::part::mask_glyph;
use crate::format::{percent, thousands};
use leptos::prelude::*;
use tunemask_shared::mask::{Mask, MaskSwitches};

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
        Mask::Custom(_) => "an expression over masks",
    }
}

fn switches(form: Form) -> MaskSwitches {
    form.draft.with(|d| MaskSwitches {
        pooler_trains: d.pooler_trains,
        embedding_norm_counts: d.embedding_norm_counts,
        outlier_pool: d.outlier_pool,
        outlier_statistic: d.outlier_statistic,
    })
}

/// How much a mask trains on the form's model.
fn trainable(form: Form, mask: &Mask) -> Option<(String, String)> {
    let shape = form.model()?.shape;
    let count = mask.count(&shape, switches(form)).ok()?;
    Some((thousands(count as u64), percent(count as f64 / shape.scalars() as f64)))
}

/// The masks' boxes and fields.
#[component]
pub fn Masks(form: Form) -> impl IntoView {
    let error = Memo::new(move |_| form.error(MASKS_CONTROL));
    let rows = PLAIN_MASKS.map(|mask| {
        let (ticked, toggled, counted, drawn) = (mask.clone(), mask.clone(), mask.clone(), mask.clone());
        let count = Memo::new(move |_| trainable(form, &counted));
        let picture = move || form.model().map(|m| mask_glyph(&drawn, &m.shape, switches(form)));
        view! {
            <tr>
                <th scope="row">
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
                </th>
                <td class="picture">{picture}</td>
                <td class="n">{move || count.with(|c| c.as_ref().map(|c| c.0.clone()))}</td>
                <td class="n">{move || count.with(|c| c.as_ref().map(|c| c.1.clone()))}</td>
            </tr>
        }
    });
    let mask_field = move |(field, name): (Field, &'static str)| {
        view! {
            <div class="mask-field">
                <code>{name}</code>
                <TextField form=form field=field />
                <Written form=form field=field />
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
                    </tr>
                </thead>
                <tbody>{rows.into_iter().collect_view()}</tbody>
            </table>
            <Fold class="more" open=open summary=summary>
                <div class="mask-fields">{MASK_FIELDS.map(mask_field).into_iter().collect_view()}</div>
            </Fold>
        </fieldset>
    }
}

/// The masks that a field writes, with what each trains.
#[component]
fn Written(form: Form, field: Field) -> impl IntoView {
    let written = Memo::new(move |_| {
        form.parsed.with(|r| {
            let mine = r.experiment.masks.iter().zip(&r.mask_controls).filter(|(_, c)| **c == field.name());
            let masks = mine.filter_map(|(text, _)| text.parse::<Mask>().ok());
            masks.filter_map(|m| trainable(form, &m).map(|t| (m.to_string(), t))).collect::<Vec<_>>()
        })
    });
    let items = move || {
        let all = written.get();
        let more = all.len().saturating_sub(12);
        let items = all.into_iter().take(12).map(|(name, (count, share))| {
            view! { <li><code>{name}</code>{format!(" {count} ({share})")}</li> }
        });
        view! {
            {items.collect_view()}
            {(more > 0).then(|| view! { <li>{format!("and {more} more")}</li> })}
        }
    };
    view! {
        <Show when=move || !written.with(Vec::is_empty)>
            <ul class="written">{items}</ul>
        </Show>
    }
}
