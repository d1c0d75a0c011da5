//! Actions that wait until their inputs have been quiet for a while.

use leptos::prelude::*;
use std::time::Duration;

/// What is done once it is quiet.
pub type Action = Box<dyn FnOnce()>;

/// Tracks the signals that `read` reads; when none of them has changed for `quiet`, runs the action that it returned last.
pub fn debounce(quiet: Duration, read: impl Fn() -> Option<Action> + 'static) {
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    let clear = move || {
        if let Some(Some(waiting)) = waiting.try_get_value() {
            waiting.clear();
        }
    };
    Effect::new(move |_| {
        let action = read();
        clear();
        waiting.set_value(action.and_then(|action| set_timeout_with_handle(action, quiet).ok()));
    });
    on_cleanup(clear);
}
