//! What can go wrong with plan folders and workers, and what to do.

use crate::files::{FileError, why_not_written};
use std::io;
use std::path::PathBuf;

/// Why a plan folder or a worker cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// A file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// A file or folder cannot be made or written.
    #[error("{}: {}; see that the disk has room and the folder can be written to", path.display(), why_not_written(cause))]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// The folder holds no plan.
    #[error("{} is not a plan folder: it has no plan.json; name the folder that a coordinator made", .0.display())]
    NoPlan(PathBuf),
    /// The plan cannot be understood.
    #[error("{}: {why}; the plan must be made again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Another program made it.
    #[error(
        "{} has format {found}, and this tunemask reads format {known}; give all machines the same tunemask",
        path.display()
    )]
    Format {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The one that is read.
        known: u32,
    },
    /// Its results would be others.
    #[error(
        "{} was made by engine version {found}, and this tunemask has version {own}, whose results differ; give all \
         machines the same tunemask", path.display()
    )]
    Engine {
        /// The file.
        path: PathBuf,
        /// The plan's.
        found: u32,
        /// This program's.
        own: u32,
    },
    /// There is no such task.
    #[error("the plan {} has tasks 0 to {}, and no task {task}", path.display(), tasks.saturating_sub(1))]
    NoTask {
        /// The plan's folder.
        path: PathBuf,
        /// What was asked for.
        task: usize,
        /// How many there are.
        tasks: usize,
    },
    /// A worker cannot be started.
    #[error("cannot start a worker ({}): {cause}", program.display())]
    Start {
        /// What was to be started.
        program: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
}
