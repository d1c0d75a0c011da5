//! A study on many devices and machines: what is to train, and what was trained, as files that all of them see.
//!
//! A *plan folder* holds gangs as a coordinator planned them. *Workers* train them, wherever they run, and each appends to
//! a *segment* of its own what became of its runs: the lines of the log. The coordinator folds the segments into its log,
//! each line once. No file has two writers, and nobody waits for anybody's lock; two workers at one run waste time and
//! harm nothing, because a run is a function of its identity.
//!
//! ```text
//! PLAN/plan.json                             what is to train: written once
//!      segments/TASK.ATTEMPT.NODE.PID.jsonl  what became of it: a worker's each
//!      runs/RUN.checkpoint, RUN.safetensors  what it left: whole at every moment, whoever wrote it
//!      asks/pause, cancel.RUN                what the coordinator asks of those that train
//!      logs/                                 what a job system writes
//!      told.json                             which process was told to train it, where one was
//!      left-out.txt                          what of the segments is not in the log, where anything is not
//! ```
//!
//! Here are the files and the ways to start a worker; what trains and what folds is the lab's. In reading order:

/// What can go wrong, and what to do.
mod error;
/// The learning rates that a run is held against.
mod bracket;
/// A run on its way to a device.
mod job;
/// What is to train.
mod plan;
/// Who was told to train it.
mod told;
/// The folder of it.
mod folder;
/// What a worker says of its runs.
mod segment;
/// From the lines of all workers to those of the log.
mod fold;
/// Which machine this is.
mod here;
/// On which devices workers train.
mod devices;
/// Files of settings that users write.
mod settings_file;
/// Which GPUs a program sees.
mod visible;
/// A worker on this machine.
mod child;
/// Slurm.
mod slurm;
/// Machines that are reached over ssh.
mod machines;

pub(crate) use bracket::Bracket;
pub use child::{Child, Variable};
pub(crate) use child::{Order, RunningChild};
pub use devices::{Devices, DevicesError, Processors, WorkerDevice, worker_names};
pub use error::ClusterError;
pub(crate) use fold::{Fold, Taken};
pub(crate) use folder::{Ask, PlanFolder, Remains};
pub(crate) use here::{cores, host, is_worker_alive, node, slurm_cores};
pub(crate) use job::{Job, Logged};
pub use machines::{Machine, Machines, MachinesError};
pub(crate) use plan::WorkPlan;
pub(crate) use segment::{
    Follows, Header, Left, Line, SegmentName, SegmentWriter, last_line_before, read_whole_lines,
};
pub use settings_file::SettingsFileError;
pub(crate) use slurm::{JobState, QueuedTask, Submission, cancel, queued};
pub use slurm::{SettingsError, SlurmError, SlurmSettings};
pub(crate) use told::{Side, Told};
pub(crate) use visible::CUDA_VISIBLE_DEVICES;
pub use visible::VisibleGpus;
