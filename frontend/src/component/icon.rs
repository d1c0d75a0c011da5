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
    /// A cross: is not so.
    Cross,
    /// A question mark: is open.
    Question,
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
    /// An arrow back.
    Undo,
    /// An arrow down to a line.
    Download,
    /// An arrow up from a line.
    Upload,
    /// Two sheets.
    Copy,
    /// An eye: is shown.
    Eye,
    /// An eye crossed out: is hidden.
    EyeOff,
    /// A pencil.
    Pencil,
    /// A box with a lid.
    Box,
    /// A bin.
    Bin,
    /// A pin: stands first.
    Pin,
    /// Four corners: fills the screen.
    Expand,
    /// An arrow up to a line: before all.
    Top,
    /// An arrow up.
    Up,
    /// An arrow down.
    Down,
    /// A padlock: what is frozen did not move.
    Lock,
    /// Two sliders: what can be set.
    Sliders,
    /// An arrow head: unfolds.
    Chevron,
    /// Two bars beside each other: is compared.
    Compare,
}

impl Icon {
    fn path(self) -> &'static str {
        match self {
            Icon::Clock => "M2 8a6 6 0 1 0 12 0a6 6 0 1 0-12 0M8 4.5V8l2.5 1.5",
            Icon::Play => "M5 3.5v9l7-4.5z",
            Icon::Pause => "M5.5 3.5v9M10.5 3.5v9",
            Icon::Tick => "M2 8a6 6 0 1 0 12 0a6 6 0 1 0-12 0M5.3 8.2l2 2 3.5-4",
            Icon::Cross => "M2 8a6 6 0 1 0 12 0a6 6 0 1 0-12 0M5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4",
            Icon::Question => {
                "M2 8a6 6 0 1 0 12 0a6 6 0 1 0-12 0M6.2 6.4a1.8 1.8 0 1 1 2.6 1.6c-.5.3-.8.6-.8 1.2M8 11.1v.1"
            }
            Icon::Warning => "M8 2.5l6 11H2zM8 6.5v3.2M8 11.6v.1",
            Icon::Ban => "M2 8a6 6 0 1 0 12 0a6 6 0 1 0-12 0M4 12L12 4",
            Icon::Break => "M2 8h3.5l1-3M14 8h-3.5l-1 3",
            Icon::Plus => "M8 3v10M3 8h10",
            Icon::Retry => "M13 8a5 5 0 1 1-1.6-3.7M13 2.5v2.8h-2.8",
            Icon::Undo => "M5.5 3L2.5 6l3 3M3 6h6.5a3.75 3.75 0 0 1 0 7.5H6",
            Icon::Download => "M8 2.5v7.5M5 7.2L8 10l3-2.8M3 13.3h10",
            Icon::Upload => "M8 10V2.5M5 5.3L8 2.5l3 2.8M3 13.3h10",
            Icon::Sliders => {
                "M2.5 5h5M11.5 5h2M7.5 5a2 2 0 1 0 4 0a2 2 0 1 0-4 0M2.5 11h2M8.5 11h5M4.5 11a2 2 0 1 0 4 0a2 2 0 1 0-4 0"
            }
            Icon::Top => "M8 13.5V5.5M5 8.3l3-2.8 3 2.8M3 2.7h10",
            Icon::Up => "M8 13V3M4.5 6.3L8 3l3.5 3.3",
            Icon::Down => "M8 3v10M4.5 9.7L8 13l3.5-3.3",
            Icon::Lock => "M3.5 7h9v6.5h-9zM5.5 7V5a2.5 2.5 0 0 1 5 0v2",
            Icon::Eye => {
                "M1.5 8C3 5 5.3 3.5 8 3.5S13 5 14.5 8C13 11 10.7 12.5 8 12.5S3 11 1.5 8M6 8a2 2 0 1 0 4 0a2 2 0 1 0-4 0"
            }
            Icon::EyeOff => {
                "M1.5 8C3 5 5.3 3.5 8 3.5S13 5 14.5 8C13 11 10.7 12.5 8 12.5S3 11 1.5 8M3 13L13 3"
            }
            Icon::Pencil => "M3 13l.6-2.8L10.8 3l2.2 2.2-7.2 7.2zM9.3 4.5l2.2 2.2",
            Icon::Box => "M2.5 3.5h11v3h-11zM3.5 6.5v6.5h9V6.5M6.5 9h3",
            Icon::Bin => "M3 4.5h10M6 4.5V3h4v1.5M4.2 4.5l.6 8.5h6.4l.6-8.5M6.7 7v3.8M9.3 7v3.8",
            Icon::Pin => "M5.5 2.5h5M6.5 2.5v5L4 10h8L9.5 7.5v-5M8 10v4",
            Icon::Expand => "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",
            Icon::Chevron => "M6 3.5L10.5 8L6 12.5",
            Icon::Compare => "M3 13V6h3.5v7zM9.5 13V3H13v10z",
            Icon::Copy => "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
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
            RunStatus::Retired => Icon::Pause,
        }
    }

    /// The icon on the page; the word beside it says what it means.
    pub fn show(self) -> impl IntoView {
        let fill = (self == Icon::Play).then_some("currentColor");
        let width = (self == Icon::Pause).then_some("2.4");
        view! {
            <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
                <path d=self.path() fill=fill stroke-width=width />
            </svg>
        }
    }
}
