//! An experiment becomes runs, runs go to a device; emits events.
//!
//! A `Lab` is the handle: it may be cloned and used from any thread. Behind it three threads own one thing
//! each and are driven through bounded channels:
//!
//! ```text
//! Lab ── Command ──▶ foreman ── Vec<Job> ──▶ device ── StepReport ──▶ member
//!                       │    ◀── Idle ────────┘                        │
//!                       └──────────── lines ──▶ journal ◀──── lines ───┘
//!                                                  └──▶ store, then every Subscription
//! ```
//!
//! The training loop's only output is a line of the log. A line is on the disk before anyone sees it.
//! The same experiment, twice, in empty homes, on one kind of device, writes the same lines in the same order
//! but for their times (`at_ms`, `elapsed_secs`, `tokens_per_s`) and for when it saved what its runs had become: where a
//! line of points ends is decided by counted work, never by a clock, see `curve`.
//! In reading order:

/// Signals to the runs that train.
mod control;
/// A run's points until they make a line.
mod curve;
/// The device's owner.
mod device;
/// What cannot be done, and why.
mod error;
/// Scores on the development sets.
mod evaluation;
/// The queue's owner.
mod foreman;
/// A run that waits.
mod queued_run;
/// Which runs train together.
mod gangs;
/// Where a run may train.
mod destination;
/// Runs that wait.
mod queue;
/// Memory for what a gang trains.
mod memory;
/// The handle.
mod handle;
/// What is known about a model and a data folder.
mod inspection;
/// Models and data on this machine.
mod on_machine;
/// Data of the user's own, as a page asks about them.
mod own_data;
/// Runs on their way to a device.
mod job;
/// Where lines go.
mod sink;
/// The log's owner: what is written is shown.
mod journal;
/// What was written, for listeners.
mod feed;
/// The order in which a run sees its training examples.
mod order;
/// One run of a gang.
mod member;
/// On what runs are trained.
mod trainers;
/// An experiment becomes runs.
mod plan;
/// Models and tokenised data, kept from run to run.
mod resources;
/// A run for tests.
#[cfg(test)]
mod sample;
/// Whose weights stay on the disk.
mod keeping;
/// When checkpoints are written.
mod saves;
/// The training of a gang.
mod training;
/// A lab on a GPU, for tests.
#[cfg(all(test, feature = "cuda", target_os = "linux"))]
mod on_gpu;
/// What keeps the queue from going on.
mod trouble;
/// Where gangs train.
mod places;
/// Runs whose workers were gone.
mod gone;
/// A worker, which trains where it is started.
mod worker;

pub use error::LabError;
pub use feed::{Subscription, Update};
pub use handle::{DiskUse, Lab, LabOptions, OlderQueue, Preview, Workers, WrittenPlan};
pub use inspection::inspect;
pub use keeping::{AffectedExperiment, Assumed, Dropping, HomeAtRest};
pub use on_machine::on_machine;
pub use order::Order;
pub use own_data::{own_data, save_own_data};
pub use places::Launch;
pub use trouble::Trouble;
pub use worker::{TaskEnd, Worker, WorkerError, WorkerOptions, runs_over};
