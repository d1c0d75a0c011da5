//! The form of a new experiment. In reading order:

/// Its text fields.
pub mod field;
/// Lists of numbers as people write them; pure.
pub mod list;
/// What stands in the form, and the experiment that it means; pure.
pub mod draft;
