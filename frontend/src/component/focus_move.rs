//! Where the focus goes when it leaves an element, and where it comes from when it comes into one.

use wasm_bindgen::JsCast;
use web_sys::{FocusEvent, Node};

/// What lies at the other end of a move of the focus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FocusMove {
    /// Something else within the element: as a whole it keeps the focus.
    Within,
    /// Something elsewhere in the page.
    Elsewhere,
    /// Nothing, as when what had the focus goes, or the reader comes from another window.
    Nowhere,
}

impl FocusMove {
    /// That of an event that is listened to at the element.
    pub fn of(event: &FocusEvent) -> FocusMove {
        let node =
            |target: Option<web_sys::EventTarget>| target.and_then(|target| target.dyn_into::<Node>().ok());
        let (element, other) = (node(event.current_target()), node(event.related_target()));
        match other {
            None => FocusMove::Nowhere,
            Some(other) if element.is_some_and(|element| element.contains(Some(&other))) => FocusMove::Within,
            Some(_) => FocusMove::Elsewhere,
        }
    }
}
