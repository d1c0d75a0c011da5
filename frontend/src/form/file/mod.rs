//! The form's experiment as a file and as a command: two views of what stands in the form, of which the file can be edited.
//! In reading order:

/// What a text fills the form with.
mod filling;
/// Names of files, and commands.
mod command;
/// What stands in the text, and how form and text follow each other.
mod state;
/// The panel.
mod panel;

pub use command::save_as_file;
pub use panel::FilePanel;
