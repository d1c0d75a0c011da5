//! The form of a new experiment. In reading order:

pub mod field;
/// What stands in the text fields.
mod texts;
pub mod list;
pub mod draft;
pub mod state;
pub mod text_field;
pub mod later;
pub mod fold;
pub mod tasks;
/// The painter of masks.
mod painter;
pub mod masks;
pub mod rates;
pub mod protocol;
/// Where it trains.
mod places;
/// Whose weights stay on the disk.
mod keeping;
/// The learning rate over the steps.
mod schedule;
pub mod preview;
/// The way to a control that needs a change.
mod focus;
pub mod summary;
/// The form's experiment as a file and as a command.
pub mod file;
pub mod hub_download;
pub mod found;
pub mod studies;
pub mod suggestions;
pub mod own;
/// What was typed and not started.
pub mod unfinished;
pub mod experiment_form;
