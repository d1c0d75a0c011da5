//! Who was told to train a plan: noted before it is told, because it may write when its coordinator is gone.

use serde::{Deserialize, Serialize};

/// Who was told to train a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Told {
    /// The machine on which it was told.
    pub(crate) by: String,
    /// The process there: the worker, or the ssh that reaches it.
    pub(crate) pid: u32,
    /// Where it trains.
    pub(crate) trains: Side,
}

/// On which side of a connection something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Side {
    /// On this machine.
    Here,
    /// On another.
    Elsewhere,
}
