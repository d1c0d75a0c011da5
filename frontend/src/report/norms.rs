//! γ and β of a LayerNorm, epoch by epoch: a slider over the epochs, outliers marked.

use crate::diagram::norm::{norm, norm_csv};
use crate::diagram::view::{DiagramFigure, Fitted, Leads};
use leptos::prelude::*;
use std::sync::Arc;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::report::NormEpochs;

/// What is looked at. Copies are the same.
#[derive(Clone, Copy)]
struct Looking {
    epochs: StoredValue<Arc<NormEpochs>>,
    /// The place of the LayerNorm.
    norm: RwSignal<usize>,
    /// The place of the epoch.
    epoch: RwSignal<usize>,
}

/// A LayerNorm at an epoch.
#[component]
pub fn ReportNorms(
    /// The experiment.
    id: ExperimentId,
    /// The LayerNorms.
    epochs: NormEpochs,
) -> impl IntoView {
    let last = epochs.epochs.len().saturating_sub(1);
    let looking = Looking {
        epochs: StoredValue::new(Arc::new(epochs)),
        norm: RwSignal::new(0),
        epoch: RwSignal::new(last),
    };
    let figure = move || {
        let (epochs, chosen) = (looking.epochs.get_value(), looking.norm.get());
        let vectors = epochs.norms.get(chosen)?.clone();
        let title = format!("LayerNorm of {}", vectors.title);
        let csv = norm_csv(&epochs, &vectors);
        let fitted = Fitted::new(move |width| norm(&vectors, looking.epoch.get(), width));
        let summary =
            "γ above, β below: one point per position, the pretrained values fainter; outliers are circled."
                .to_owned();
        Some(view! {
            <DiagramFigure id=id title=title summary=summary fitted=fitted csv=csv leads=Leads::Nowhere />
        })
    };
    view! {
        <Choice looking=looking last=last />
        {figure}
        <p class="hint">
            "Points: the value at each position; fainter: as pretrained. Circled with their position: values more than "
            "three standard deviations from the mean of their vector, at most 16."
        </p>
    }
}

/// Which LayerNorm, and at which epoch.
#[component]
fn Choice(looking: Looking, last: usize) -> impl IntoView {
    let epochs = looking.epochs.get_value();
    let option = |(i, title): (usize, String)| {
        view! { <option value=i.to_string() prop:selected=move || looking.norm.get() == i>{title}</option> }
    };
    let titles = epochs.norms.iter().map(|norm| norm.title.clone()).enumerate().map(option).collect_view();
    let choose = move |event| {
        if let Ok(norm) = event_target_value(&event).parse() {
            looking.norm.set(norm);
        }
    };
    let slide = move |event| {
        if let Ok(epoch) = event_target_value(&event).parse::<usize>() {
            looking.epoch.set(epoch.min(last));
        }
    };
    let words = move || {
        let place = looking.epoch.get();
        let epoch = looking.epochs.with_value(|epochs| epochs.epochs.get(place).copied());
        match epoch {
            Some(0) => "as pretrained".to_owned(),
            Some(epoch) => format!("epoch {epoch}"),
            None => String::new(),
        }
    };
    view! {
        <div class="weight-choice">
            <label>"LayerNorm" <select on:change=choose>{titles}</select></label>
            <label class="slider">
                "Epoch"
                <input
                    type="range"
                    name="norm-epoch"
                    min="0"
                    max=last.to_string()
                    step="1"
                    prop:value=move || looking.epoch.get().to_string()
                    aria-valuetext=words
                    on:input=slide
                />
                <output>{words}</output>
            </label>
        </div>
    }
}
