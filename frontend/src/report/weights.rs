//! Weights by module and block: how far a run moved them, the blocks of a module beside each other, and one of them in full.

use crate::diagram::drift::{Cell, block_name, cells, drift_csv, drift_map};
use crate::diagram::histogram::{alone, blocks, histogram_csv};
use crate::diagram::view::{DiagramFigure, Fitted, Leads};
use crate::format::thousands;
use leptos::prelude::*;
use std::sync::Arc;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::report::WeightMap;

/// What is looked at. Copies are the same.
#[derive(Clone, Copy)]
struct Looking {
    id: ExperimentId,
    map: StoredValue<Arc<WeightMap>>,
    module: RwSignal<usize>,
    /// All of them if `None`.
    block: RwSignal<Option<usize>>,
}

impl Looking {
    fn map(&self) -> Arc<WeightMap> {
        self.map.get_value()
    }

    /// Looks at a cell of the map.
    fn choose(&self, cell: Cell) {
        if self.module.get_untracked() != cell.module {
            self.module.set(cell.module);
        }
        self.block.set(cell.block);
    }
}

/// The weights, from the map of drifts to a single histogram.
#[component]
pub fn ReportWeights(
    /// The experiment.
    id: ExperimentId,
    /// The weights.
    map: WeightMap,
) -> impl IntoView {
    let tuned = map.tuned.is_some();
    let looking = Looking {
        id,
        map: StoredValue::new(Arc::new(map)),
        module: RwSignal::new(0),
        block: RwSignal::new(None),
    };
    view! {
        {tuned.then(|| view! { <Drift looking=looking /> })}
        <Choice looking=looking />
        {move || view! { <Blocks looking=looking module=looking.module.get() /> }}
        {move || {
            let (module, block) = (looking.module.get(), looking.block.get());
            view! { <Alone looking=looking module=module block=block /> }
        }}
    }
}

/// How far the run moved each module of each block.
#[component]
fn Drift(looking: Looking) -> impl IntoView {
    let map = looking.map();
    let title = format!("Drift of {} by module and block", map.model);
    let summary = format!(
        "How far {} moved each module of each block. Each cell leads to the distribution of its weights.",
        map.tuned.as_deref().unwrap_or_default()
    );
    let (csv, order) = (drift_csv(&map), StoredValue::new(cells(&map)));
    let fitted = Fitted::new(move |width| drift_map(&map, width));
    let choose = Callback::new(move |at: usize| {
        if let Some(cell) = order.with_value(|order| order.get(at).copied()) {
            looking.choose(cell);
        }
    });
    view! {
        <div class="weight-map">
            <DiagramFigure
                id=looking.id
                title=title
                summary=summary
                fitted=fitted
                csv=csv
                leads=Leads::Choice(choose)
            />
            <p class="hint">
                "Drift is the Euclidean norm of what the run changed, by that of the pretrained weights: "
                "‖after − before‖ / ‖before‖ over all scalars of the module. A cell leads to their distribution."
            </p>
        </div>
    }
}

/// Which module and block are looked at.
#[component]
fn Choice(looking: Looking) -> impl IntoView {
    let map = looking.map();
    let module = |(i, title): (usize, String)| {
        view! { <option value=i.to_string() prop:selected=move || looking.module.get() == i>{title}</option> }
    };
    let block = |block: Option<usize>| {
        let value = block.map_or(String::new(), |block| block.to_string());
        view! {
            <option value=value prop:selected=move || looking.block.get() == block>{block_name(block)}</option>
        }
    };
    let modules =
        map.modules.iter().map(|module| module.title.clone()).enumerate().map(module).collect_view();
    let count = map.modules.first().map_or(0, |module| module.blocks.len());
    let all = std::iter::once(None).chain((1..=count).map(Some)).map(block).collect_view();
    let choose_module = move |event| {
        if let Ok(module) = event_target_value(&event).parse() {
            looking.module.set(module);
        }
    };
    view! {
        <div class="weight-choice">
            <label>"Module" <select on:change=choose_module>{modules}</select></label>
            <label>
                "Block" <select on:change=move |event| looking.block.set(event_target_value(&event).parse().ok())>{all}</select>
            </label>
        </div>
    }
}

/// The blocks of a module beside each other.
#[component]
fn Blocks(looking: Looking, module: usize) -> impl IntoView {
    let map = looking.map();
    let own = map.modules.get(module)?.clone();
    let title = format!("{}, block by block", own.title);
    let summary = "One histogram per block, all on the same axes; each opens that block in full.".to_owned();
    let csv = histogram_csv(&own);
    let fitted = Fitted::new(move |width| blocks(&own, width));
    let choose = Callback::new(move |at: usize| looking.block.set(Some(at + 1)));
    Some(view! {
        <DiagramFigure
            id=looking.id
            title=title
            summary=summary
            fitted=fitted
            csv=csv
            leads=Leads::Choice(choose)
        />
    })
}

/// One histogram in full.
#[component]
fn Alone(looking: Looking, module: usize, block: Option<usize>) -> impl IntoView {
    let map = looking.map();
    let own = map.modules.get(module)?.clone();
    let title = format!("{}, {}", own.title, block_name(block));
    let outside = outside(own.part(block));
    let summary = "Arrow keys read it bin by bin.".to_owned();
    let csv = histogram_csv(&own);
    let fitted = Fitted::new(move |width| alone(&own, block, width));
    Some(view! {
        <DiagramFigure id=looking.id title=title summary=summary fitted=fitted csv=csv leads=Leads::Nowhere />
        {outside.map(|text| view! { <p class="hint">{text}</p> })}
    })
}

/// How much lies outside of the bins.
fn outside(part: &tunemask_shared::report::WeightPart) -> Option<String> {
    let beyond = |counts: &[u64]| part.scalars.saturating_sub(counts.iter().sum());
    let before = beyond(&part.before.counts);
    let after = part.after.as_ref().map_or(0, |after| beyond(&after.counts));
    (before + after > 0).then(|| {
        let (before, all) = (thousands(before), thousands(part.scalars));
        let text = format!("Outside of the axis: {before} of {all} pretrained weights");
        if part.after.is_some() { format!("{text}, {} tuned.", thousands(after)) } else { format!("{text}.") }
    })
}
