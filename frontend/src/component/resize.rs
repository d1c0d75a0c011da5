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

/// The width of an element in pixels; 0 until it is laid out.
pub fn width_of(node: NodeRef<Div>) -> RwSignal<f64> {
    let width = RwSignal::new(0.0);
    on_resize(
        node,
        |element| vec![element.clone()],
        move |element| {
            let now = f64::from(element.client_width());
            if now > 0.0 && width.try_with_untracked(|before| *before != now) == Some(true) {
                width.set(now);
            }
        },
    );
    width
}
