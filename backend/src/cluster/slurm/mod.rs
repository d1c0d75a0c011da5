//! Slurm, as an engine: it starts workers, and says which still wait or run. What they trained is known from their segments
//! alone. In reading order:

/// What it is asked for.
mod settings;
/// What it starts.
mod script;
/// Its programs, with a limit on the time they may take.
mod program;
/// What it says of its queue.
mod queue;
/// Arrays of tasks.
mod submission;

pub use program::SlurmError;
pub(crate) use queue::{JobState, QueuedTask, cancel, queued};
pub(super) use script::quoted;
pub use settings::{SettingsError, SlurmSettings};
pub(crate) use submission::Submission;
