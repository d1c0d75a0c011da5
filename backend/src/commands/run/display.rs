//! How what happens is shown.

use anyhow::Result;
use tunemask_shared::event::Event;
use tunemask_shared::state::LabState;

/// How what happens is shown.
pub(in crate::commands) trait Display {
    /// Shows an event that is already folded into the state.
    fn show(&mut self, state: &LabState, event: &Event) -> Result<()>;
    /// Takes back what must not stay on the screen.
    fn end(&mut self) {}
}
