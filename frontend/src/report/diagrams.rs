//! Diagrams of a report, in the colours that masks have in the charts.

use crate::diagram::heat_map::heat_map;
use crate::diagram::plot::plot;
use crate::diagram::view::{DiagramFigure, Fitted};
use crate::legend::Legend;
use leptos::prelude::*;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::mask::Mask;
use tunemask_shared::report::{HeatMap, Plot};

/// Which masks have a colour in the charts, and which.
pub(super) fn colours(legend: &Legend) -> impl Fn(&Mask) -> Option<usize> + use<> {
    let legend = legend.clone();
    move |mask| legend.mask_style(mask).map(|style| style.colour)
}

/// Heat maps beside each other, as many as there is room for.
#[component]
pub fn ReportHeatMaps<'a>(
    /// The experiment.
    id: ExperimentId,
    /// Its masks with their colours.
    legend: &'a Legend,
    /// The maps.
    maps: Vec<HeatMap>,
) -> impl IntoView + use<> {
    let figure = |map: HeatMap| {
        let (title, summary, csv) = (map.title.clone(), map.summary.clone(), map.csv.clone());
        let colour_of = colours(legend);
        let fitted = Fitted::new(move |width| heat_map(&map, width, &colour_of));
        view! { <DiagramFigure id=id title=title summary=summary fitted=fitted csv=csv /> }
    };
    view! { <div class="diagrams">{maps.into_iter().map(figure).collect_view()}</div> }
}

/// Plots beside each other, as many as there is room for.
#[component]
pub fn ReportPlots<'a>(
    /// The experiment.
    id: ExperimentId,
    /// Its masks with their colours.
    legend: &'a Legend,
    /// The plots.
    plots: Vec<Plot>,
) -> impl IntoView + use<> {
    let figure = |shown: Plot| {
        let (title, summary, csv) = (shown.title.clone(), shown.summary.clone(), shown.csv.clone());
        let colour_of = colours(legend);
        let fitted = Fitted::new(move |width| plot(&shown, width, &colour_of));
        view! { <DiagramFigure id=id title=title summary=summary fitted=fitted csv=csv /> }
    };
    view! { <div class="diagrams small-diagrams">{plots.into_iter().map(figure).collect_view()}</div> }
}
