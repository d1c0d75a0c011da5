//! The pages. In reading order:

pub mod app;
mod waiting;
mod ended;
mod shortcuts;
mod preferences;
mod tabs;
pub mod connection;
/// How busy the machine is, and the queue.
mod machine;
/// Who trains.
mod workers;
/// The queue.
mod queue;
/// The question before a run is cancelled.
mod cancelling;
/// What was cancelled, and the way back.
mod undo;
pub mod experiments;
pub mod new_experiment;
pub mod experiment;
/// What an experiment takes on the disk.
mod storage;
mod filing;
pub mod failures;
/// Colours of the reader's choice.
mod colours;
pub mod toolbar;
/// Which runs are shown.
mod filters;
/// A row of chips.
mod chip_row;
mod run_list;
pub mod runs;
pub mod run_row;
/// All runs as files.
mod data_files;
pub mod report;
mod run;
mod try_it;
pub mod compare;
