//! What the browser remembers for this page. A browser that keeps nothing is asked in vain, and that is all.

use leptos::prelude::window;

/// What stands under a key.
pub fn stored(key: &str) -> Option<String> {
    let storage = window().local_storage().ok().flatten()?;
    storage.get_item(key).ok().flatten()
}

/// Remembers a text under a key.
pub fn store(key: &str, text: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        // One that is full keeps what it has.
        let _ = storage.set_item(key, text);
    }
}
