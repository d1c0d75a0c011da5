//! Following the size of what the browser has laid out.

use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, ResizeObserver};

/// Calls `measure` with a part of the page whenever one of those that `observed` names of it has another size, from its
/// first on. A browser that cannot tell calls it never.
pub fn on_resize(
    node: NodeRef<Div>,
    observed: fn(&Element) -> Vec<Element>,
    measure: impl Fn(&Element) + Copy + 'static,
) {
    Effect::new(move |_| {
        let Some(element) = node.get() else { return };
        let element: Element = element.into();
        let measured = element.clone();
        let call = Closure::<dyn FnMut()>::new(move || measure(&measured));
        let Ok(observer) = ResizeObserver::new(call.as_ref().unchecked_ref()) else { return };
        observed(&element).iter().for_each(|one| observer.observe(one));
        let kept = StoredValue::new_local((observer, call));
        on_cleanup(move || {
            kept.try_with_value(|(observer, _)| observer.disconnect());
        });
    });
}
