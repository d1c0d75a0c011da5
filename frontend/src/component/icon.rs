//! Icons: 16 by 16, drawn in the text's colour, and always beside a word.

use leptos::prelude::*;
use tunemask_shared::run::RunStatus;

/// An icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// A clock: waits.
    Clock,
    /// A triangle: goes on.
    Play,
    /// Two bars: stands still.
    Pause,
    /// A tick: done.
    Tick,
    /// A cross in a triangle: went wrong.
    Warning,
    /// A crossed circle: ended by the user.
    Ban,
    /// A broken line: interrupted.
    Break,
    /// A plus.
    Plus,
    /// An arrow in a circle: once more.
    Retry,
    /// An arrow down to a line.
    Download,
    /// Two sheets.
    Copy,
    /// A padlock: what is frozen did not move.
    Lock,
}

impl Icon {
    fn paths(self) -> &'static str {
        match self {
            Icon::Clock => "<circle cx='8' cy='8' r='6'/><path d='M8 4.5V8l2.5 1.5'/>",
            Icon::Play => "<path d='M5 3.5v9l7-4.5z' fill='currentColor'/>",
            Icon::Pause => "<path d='M5.5 3.5v9M10.5 3.5v9' stroke-width='2.4'/>",
            Icon::Tick => "<circle cx='8' cy='8' r='6'/><path d='M5.3 8.2l2 2 3.5-4'/>",
            Icon::Warning => "<path d='M8 2.5l6 11H2z'/><path d='M8 6.5v3.2M8 11.6v.1'/>",
            Icon::Ban => "<circle cx='8' cy='8' r='6'/><path d='M4 12L12 4'/>",
            Icon::Break => "<path d='M2 8h3.5l1-3M14 8h-3.5l-1 3'/>",
            Icon::Plus => "<path d='M8 3v10M3 8h10'/>",
            Icon::Retry => "<path d='M13 8a5 5 0 1 1-1.6-3.7M13 2.5v2.8h-2.8'/>",
            Icon::Download => "<path d='M8 2.5v7.5M5 7.2L8 10l3-2.8M3 13.3h10'/>",
            Icon::Lock => {
                "<rect x='3.5' y='7' width='9' height='6.5' rx='1.2'/><path d='M5.5 7V5a2.5 2.5 0 0 1 5 0v2'/>"
            }
            Icon::Copy => {
                "<rect x='5.5' y='5.5' width='8' height='8' rx='1.5'/><path d='M10.5 5.5v-3h-8v8h3'/>"
            }
        }
    }

    /// The icon of a status.
    pub fn of(status: RunStatus) -> Icon {
        match status {
            RunStatus::Queued => Icon::Clock,
            RunStatus::Running => Icon::Play,
            RunStatus::Finished => Icon::Tick,
            RunStatus::Failed => Icon::Warning,
            RunStatus::Cancelled => Icon::Ban,
            RunStatus::Interrupted => Icon::Break,
        }
    }

    /// The icon on the page; the word beside it says what it means.
    pub fn show(self) -> impl IntoView {
        view! { <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" inner_html=self.paths()></svg> }
    }
}
