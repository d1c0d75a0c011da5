//! The address bar: the route as a signal, links without a reload.

use crate::root;
use crate::route::{Page, Route, ViewOptions};
use leptos::prelude::*;
use tunemask_shared::event::ExperimentId;
use wasm_bindgen::JsCast;

/// The route and the ways to change it. Copies are the same.
#[derive(Clone, Copy)]
pub struct Nav {
    /// Where the reader is.
    pub route: RwSignal<Route>,
    /// The experiment whose charts were left last, and what of them was shown.
    left: RwSignal<Option<Left>>,
}

/// Charts that were left for another page.
#[derive(Clone, Debug, PartialEq)]
struct Left {
    id: ExperimentId,
    view: ViewOptions,
}

/// What becomes of the address before in the browser's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HistoryEntry {
    /// It stays: the way back leads to it.
    Push,
    /// It is replaced.
    Replace,
}

fn current() -> Route {
    let location = window().location();
    let path = root::within(&location.pathname().unwrap_or_default());
    Route::read(&path, &location.search().unwrap_or_default())
}

impl Nav {
    /// Reads the address bar and follows it.
    pub fn new() -> Nav {
        let nav = Nav { route: RwSignal::new(current()), left: RwSignal::new(None) };
        let _ = window_event_listener_untyped("popstate", move |_| nav.route.set(current()));
        let _ = window_event_listener_untyped("click", move |event| nav.follow(event.unchecked_ref()));
        nav
    }

    /// Goes to a page.
    pub fn go_to(&self, page: Page, entry: HistoryEntry) {
        self.open(Route { page, view: ViewOptions::default() }, entry);
    }

    /// Goes to a page and what of it is shown.
    fn open(&self, route: Route, entry: HistoryEntry) {
        let before = self.route.get_untracked();
        if let Page::Experiment(id) = before.page {
            self.left.set(Some(Left { id, view: before.view }));
        }
        self.set(route, entry);
        window().scroll_to_with_x_and_y(0.0, 0.0);
    }

    /// The address of an experiment's charts, as they were left last.
    pub fn charts_of(&self, id: ExperimentId) -> String {
        Route { page: Page::Experiment(id), view: self.left_of(id).unwrap_or_default() }.url()
    }

    /// What was shown of an experiment's charts when they were left, if no other experiment's were since.
    pub fn left_of(&self, id: ExperimentId) -> Option<ViewOptions> {
        self.left.with(|left| left.as_ref().filter(|left| left.id == id).map(|left| left.view.clone()))
    }

    /// Has an experiment's charts, if they were left last, set like this when the reader comes back.
    pub fn set_left(&self, id: ExperimentId, change: impl FnOnce(&mut ViewOptions)) {
        self.left.update(|left| {
            if let Some(left) = left.as_mut().filter(|left| left.id == id) {
                change(&mut left.view);
            }
        });
    }

    /// Shows something else of the same page.
    pub fn update_view(&self, change: impl FnOnce(&mut ViewOptions)) {
        let mut route = self.route.get_untracked();
        change(&mut route.view);
        self.set(route, HistoryEntry::Replace);
    }

    fn set(&self, route: Route, entry: HistoryEntry) {
        let null = wasm_bindgen::JsValue::NULL;
        if let Ok(history) = window().history() {
            let url = root::href(&route.url());
            let _ = match entry {
                HistoryEntry::Push => history.push_state_with_url(&null, "", Some(&url)),
                HistoryEntry::Replace => history.replace_state_with_url(&null, "", Some(&url)),
            };
        }
        self.route.set(route);
    }

    /// Takes a plain click on a link of the page; all other clicks are the browser's.
    fn follow(&self, event: &web_sys::MouseEvent) {
        let plain = event.button() == 0
            && !(event.default_prevented()
                || event.ctrl_key()
                || event.meta_key()
                || event.shift_key()
                || event.alt_key());
        let target = event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
        let link = target.and_then(|t| t.closest("a[href^='/']").ok().flatten());
        let Some(link) = link.filter(|_| plain) else { return };
        if link.has_attribute("download") || link.has_attribute("target") {
            return;
        }
        let href = root::within(&link.get_attribute("href").unwrap_or_default());
        let (path, query) = href.split_once('?').unwrap_or((&href, ""));
        let route = Route::read(path, query);
        if route.page != Page::Missing {
            event.prevent_default();
            self.open(route, HistoryEntry::Push);
        }
    }
}

impl Default for Nav {
    fn default() -> Self {
        Nav::new()
    }
}

/// The address bar of this page.
pub fn use_nav() -> Nav {
    expect_context::<Nav>()
}
