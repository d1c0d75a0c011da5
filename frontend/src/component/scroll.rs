//! A frame around what may be wider or higher than its room.

use leptos::prelude::*;

/// A frame that scrolls where its content has no room, also by the keyboard. It keeps its place when its content is drawn anew.
#[component]
pub fn Scroll(
    /// What is in it.
    #[prop(into)]
    label: Signal<String>,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="scroll" role="region" tabindex="0" aria-label=label>
            {children()}
        </div>
    }
}
