//! How the reader likes charts: remembered by the browser, as an address says it. An address that says itself how charts are
//! drawn is obeyed, and remembered only when the reader changes something.

use crate::component::storage::{store, stored};
use crate::legend::Colours;
use crate::nav::Nav;
use crate::route::{ChartOrder, Page, Route, ViewOptions};
use crate::setting::Setting;
use leptos::prelude::*;

const KEY: &str = "tunemask-charts";

/// What is remembered of a view.
fn liked(view: &ViewOptions) -> ViewOptions {
    ViewOptions { setting: view.setting.clone(), charts: view.charts.clone(), ..ViewOptions::default() }
}

/// Whether an address does not say how charts are drawn.
fn is_silent(view: &ViewOptions) -> bool {
    view.setting == Setting::default() && view.charts == ChartOrder::default()
}

/// How charts were drawn last, unless that is how they are drawn anyway.
fn remembered() -> Option<ViewOptions> {
    let view = Route::read("/", &stored(KEY)?).view;
    (!is_silent(&view)).then_some(view)
}

/// The colours that the reader has chosen: the address's, and on a page that has no charts, whose address need not say how they
/// are drawn, those that are remembered.
pub fn colours(nav: Nav) -> Memo<Colours> {
    Memo::new(move |_| {
        nav.route.with(|Route { page, view }| {
            let has_charts = matches!(page, Page::Experiment(_) | Page::Run(..) | Page::Compare(_));
            match remembered().filter(|_| !has_charts && is_silent(view)) {
                Some(remembered) => remembered.setting.colours,
                None => view.setting.colours.clone(),
            }
        })
    })
}

/// Draws charts as they were drawn last, where the address does not say how, and remembers every change from then on.
pub fn keep(nav: Nav) {
    if nav.route.with_untracked(|route| is_silent(&route.view))
        && let Some(view) = remembered()
    {
        nav.update_view(|now| {
            *now = ViewOptions { setting: view.setting, charts: view.charts, ..now.clone() }
        });
    }
    let now = Memo::new(move |_| nav.route.with(|route| liked(&route.view)));
    Effect::watch(
        move || now.get(),
        move |view, _, _| {
            let address = Route { page: Page::Experiments, view: view.clone() }.url();
            store(KEY, address.split_once('?').map_or("", |(_, query)| query));
        },
        false,
    );
}
