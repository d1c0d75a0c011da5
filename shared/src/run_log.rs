//! What happened to a run, its steps aside: what of the log is about it.

use crate::event::Event;
use serde::{Deserialize, Serialize};

/// Most lines that a page is told.
pub const MAX_LINES: u32 = 200;

/// The last lines of the log about a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunLog {
    /// Lines about it before these.
    pub earlier: u32,
    /// In their order, without points.
    pub lines: Vec<Event>,
}
