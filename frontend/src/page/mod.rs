//! The pages. In reading order:

pub mod app;
mod waiting;
mod ended;
mod shortcuts;
mod preferences;
pub mod connection;
pub mod experiments;
pub mod new_experiment;
pub mod experiment;
mod filing;
pub mod failures;
pub mod toolbar;
mod run_list;
pub mod runs;
pub mod run_row;
pub mod report;
mod run;
