//! Whether a part of the page is in sight, or nearly: what is not need not be drawn.

use super::print::printed;
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, IntersectionObserver, IntersectionObserverEntry, IntersectionObserverInit};

/// How far beyond the window a part is taken to be in sight, so that nobody who scrolls sees it come.
const MARGIN: &str = "400px";

/// Whether a part of the page is in sight. On paper everything is, and where the browser cannot tell.
pub fn in_sight(node: NodeRef<Div>) -> Memo<bool> {
    let (near, printed) = (RwSignal::new(false), printed());
    Effect::new(move |_| {
        let Some(element) = node.get() else { return };
        let element: Element = element.into();
        let call = Closure::<dyn FnMut(js_sys::Array)>::new(move |entries: js_sys::Array| {
            // The last one is how it is now.
            let latest = entries.pop().dyn_into::<IntersectionObserverEntry>();
            if let Ok(now) = latest.map(|entry| entry.is_intersecting())
                && near.try_get_untracked().is_some_and(|before| before != now)
            {
                near.set(now);
            }
        });
        let options = IntersectionObserverInit::new();
        options.set_root_margin(MARGIN);
        let Ok(observer) = IntersectionObserver::new_with_options(call.as_ref().unchecked_ref(), &options)
        else {
            near.set(true);
            return;
        };
        observer.observe(&element);
        let kept = StoredValue::new_local((observer, call));
        on_cleanup(move || {
            kept.try_with_value(|(observer, _)| observer.disconnect());
        });
    });
    Memo::new(move |_| near.get() || printed.get())
}
