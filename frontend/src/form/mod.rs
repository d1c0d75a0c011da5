//! The form of a new experiment. In reading order:

pub mod field;
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
pub mod preview;
pub mod hub_download;
pub mod suggestions;
pub mod own;
pub mod experiment_form;
