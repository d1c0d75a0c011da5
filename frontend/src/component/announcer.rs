//! Speech for screen readers: one live region for the whole page.

use leptos::prelude::*;

/// What the live region says; the last text wins. Copies are the same.
#[derive(Clone, Copy)]
pub struct Announcer(RwSignal<String>);

impl Announcer {
    /// One that has not said anything yet, for all that is below.
    pub fn provide() {
        provide_context(Announcer(RwSignal::new(String::new())));
    }

    /// Says a text.
    pub fn say(&self, text: String) {
        self.0.set(text);
    }
}

/// The announcer of this page.
pub fn use_announcer() -> Announcer {
    expect_context::<Announcer>()
}

/// The live region.
#[component]
pub fn LiveRegion() -> impl IntoView {
    let announcer = use_announcer();
    view! { <div class="visually-hidden" role="status" aria-live="polite">{move || announcer.0.get()}</div> }
}
