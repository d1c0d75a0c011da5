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

/// How the charts of this experiment were left, which may be as a shared address says; else how charts were drawn last.
fn before(nav: Nav, page: &Page) -> Option<ViewOptions> {
    page.experiment().and_then(|id| nav.left_of(id)).or_else(remembered)
}

/// The colours that the reader has chosen: the address's, and on a page that has no charts, whose address need not say how they
/// are drawn, those of the charts before.
pub fn colours(nav: Nav) -> Memo<Colours> {
    Memo::new(move |_| nav.route.with(|route| colours_of(route, || before(nav, &route.page))))
}

fn colours_of(Route { page, view }: &Route, before: impl FnOnce() -> Option<ViewOptions>) -> Colours {
    let has_charts = matches!(page, Page::Experiment(_) | Page::Run(..) | Page::Compare(_));
    let before = (!has_charts && is_silent(view)).then(before).flatten();
    before.map_or_else(|| view.setting.colours.clone(), |before| before.setting.colours)
}

/// Draws charts as they were drawn last, where the address does not say how, and remembers every change from then on.
pub fn keep(nav: Nav) {
    let route = nav.route.get_untracked();
    if is_silent(&route.view)
        && let Some(view) = untrack(|| before(nav, &route.page))
    {
        nav.update_view(|now| {
            *now = ViewOptions { setting: view.setting, charts: view.charts, ..now.clone() }
        });
    }
    let now = Memo::new(move |_| nav.route.with(|route| liked(&route.view)));
    Effect::watch(
        move || now.get(),
        move |view, _, _| {
            // Also of one run, whose experiment's charts are left as they were before.
            if let Some(id) = route.page.experiment() {
                nav.set_left(id, |left| {
                    *left = ViewOptions {
                        setting: view.setting.clone(),
                        charts: view.charts.clone(),
                        ..left.clone()
                    }
                });
            }
            let address = Route { page: Page::Experiments, view: view.clone() }.url();
            store(KEY, address.split_once('?').map_or("", |(_, query)| query));
        },
        false,
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_those_of_the_address_or_of_the_charts_before() {
        let words = |route: &str| {
            let (path, query) = route.split_once('?').unwrap_or((route, ""));
            let before = Route::read("/experiments/3", "colour=mask:full:4").view;
            colours_of(&Route::read(path, query), || Some(before)).words()
        };
        assert_eq!(words("/experiments/3/table"), ["mask:full:4"]);
        assert_eq!(words("/experiments/3/try?colour=mask:mha:2"), ["mask:mha:2"]);
        // Where there are charts the address says all of it.
        assert!(words("/experiments/3").is_empty() && words("/compare?of=3,5").is_empty());
    }
}
