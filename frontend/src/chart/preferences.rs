//! How the reader likes charts: remembered by the browser, as an address says it. An address that says itself how charts are
//! drawn is obeyed, and remembered only when the reader changes something.

use crate::component::storage::{store, stored};
use crate::nav::Nav;
use crate::route::{ChartOrder, Page, Route, ViewOptions};
use crate::setting::Setting;
use leptos::prelude::*;

const KEY: &str = "tunemask-charts";

/// What is remembered of a view.
fn liked(view: &ViewOptions) -> ViewOptions {
    ViewOptions { setting: view.setting.clone(), charts: view.charts.clone(), ..ViewOptions::default() }
}

/// Draws charts as they were drawn last, where the address does not say how, and remembers every change from then on.
pub fn keep(nav: Nav) {
    let silent =
        |view: &ViewOptions| view.setting == Setting::default() && view.charts == ChartOrder::default();
    if nav.route.with_untracked(|route| silent(&route.view))
        && let Some(address) = stored(KEY)
    {
        let view = Route::read("/", &address).view;
        if !silent(&view) {
            nav.update_view(|now| {
                *now = ViewOptions { setting: view.setting, charts: view.charts, ..now.clone() }
            });
        }
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
