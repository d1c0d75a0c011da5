//! Heat maps of every seed, one task at a time: as many cells as there are runs.

use super::diagrams::colours;
use crate::diagram::seed_map::seed_map;
use crate::diagram::view::{DiagramFigure, Fitted};
use crate::legend::Legend;
use leptos::prelude::*;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::report::HeatMap;

/// The title of the map that is chosen; it stays when the report comes anew. Copies are the same.
#[derive(Clone, Copy)]
pub struct ChosenMap(RwSignal<Option<String>>);

impl ChosenMap {
    /// None is chosen yet, for all that is below.
    pub fn provide() {
        provide_context(ChosenMap(RwSignal::new(None)));
    }

    /// That of the reports around; of a report alone its own.
    fn around() -> ChosenMap {
        use_context().unwrap_or_else(|| ChosenMap(RwSignal::new(None)))
    }

    /// Its place among some maps: the first where it is not among them.
    fn place(self, maps: &[HeatMap]) -> usize {
        let at = |title: &String| maps.iter().position(|map| map.title == *title);
        self.0.with(|chosen| chosen.as_ref().and_then(at)).unwrap_or(0)
    }
}

/// The map that is chosen, and the choice where there are several.
#[component]
pub fn ReportSeedMaps<'a>(
    /// The experiment.
    id: ExperimentId,
    /// Its masks with their colours.
    legend: &'a Legend,
    /// The maps, one or more.
    maps: Vec<HeatMap>,
) -> impl IntoView + use<> {
    let chosen = ChosenMap::around();
    let titles: Vec<String> = maps.iter().map(|map| map.title.clone()).collect();
    let (maps, legend) = (StoredValue::new(maps), StoredValue::new(legend.clone()));
    let place = Memo::new(move |_| maps.with_value(|maps| chosen.place(maps)));
    let option = |(at, title): (usize, &String)| {
        let title = title.clone();
        view! { <option value=title.clone() prop:selected=move || place.get() == at>{title.clone()}</option> }
    };
    let choice = (titles.len() > 1).then(|| {
        let options = titles.iter().enumerate().map(option).collect_view();
        view! {
            <p class="weight-choice">
                <label>
                    "Seed by seed "
                    <select on:change=move |event| chosen.0.set(Some(event_target_value(&event)))>{options}</select>
                </label>
            </p>
        }
    });
    let figure = move || {
        let map = maps.with_value(|maps| maps.get(place.get()).cloned())?;
        let (title, summary, csv) = (map.title.clone(), map.summary.clone(), map.csv.clone());
        let colour_of = legend.with_value(colours);
        let fitted = Fitted::new(move |width| seed_map(&map, width, &colour_of));
        Some(view! { <DiagramFigure id=id title=title summary=summary fitted=fitted csv=csv /> })
    };
    view! {
        {choice}
        {figure}
    }
}
