//! The form of a new experiment. In reading order:

/// Its text fields.
pub mod field;
/// Lists of numbers as people write them; pure.
pub mod list;
/// What stands in the form, and the experiment that it means; pure.
pub mod draft;
/// The form's state, its errors and its facts, as signals.
pub mod state;
/// A text field with its label, hint and errors.
pub mod text_field;
/// The tasks.
pub mod tasks;
/// The masks.
pub mod masks;
/// The protocol.
pub mod protocol;
/// What the experiment would take.
pub mod preview;
/// The page.
pub mod page;
