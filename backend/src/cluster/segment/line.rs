//! The lines of a segment.

use super::SegmentName;
use serde::{Deserialize, Serialize};
use tunemask_shared::event::{EventKind, Node};

/// A line of a segment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Line {
    /// Who writes.
    Header(Header),
    /// What became of a run.
    Event(Box<EventKind>),
    /// Nothing follows, and why.
    Left(Left),
}

/// Who writes a segment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Header {
    /// The task.
    pub(crate) task: usize,
    /// How often it was begun before.
    pub(crate) attempt: u32,
    /// Where, and whose bits it computes.
    pub(crate) node: Node,
    /// The process.
    pub(crate) pid: u32,
    /// What a job system calls it.
    pub(crate) job: Option<String>,
    /// What trains.
    pub(crate) device: String,
    /// The program.
    pub(crate) program: String,
    /// What it had read of the segments before it: its own lines follow those.
    pub(crate) follows: Vec<Follows>,
}

/// What was read of a segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Follows {
    /// The segment that was read.
    pub(crate) segment: SegmentName,
    /// Its bytes up to there.
    pub(crate) bytes: u64,
}

/// Why nothing follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Left {
    /// Its task is over.
    Done,
    /// It was asked to end.
    Stopped {
        /// What asked it to.
        by: String,
    },
    /// Its device fails.
    Lost {
        /// What it reported.
        why: String,
    },
    /// It could not go on.
    Failed {
        /// What was in its way.
        why: String,
    },
}

impl Left {
    /// Whether a job system said that its time was nearly up.
    pub(crate) fn is_out_of_time(&self) -> bool {
        matches!(self, Self::Stopped { by } if by.starts_with("SIGUSR"))
    }
}

impl std::fmt::Display for Left {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Done => f.write_str("it was done"),
            Self::Stopped { by } => write!(f, "it was stopped by {by}"),
            Self::Lost { why } => write!(f, "its device was lost: {why}"),
            Self::Failed { why } => write!(f, "it could not go on: {why}"),
        }
    }
}
