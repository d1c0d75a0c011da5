//! The interface does what its description says: every path, status and media type that the description has is asked for,
//! and every answer is held against its schema.

/// Answers held against the description.
mod described;
/// What comes in rows.
mod rows;
/// What is asked, well and badly.
mod asked;
/// Who is let in.
mod access;
/// A server to ask.
mod rig;
/// JSON Schema, as far as the description uses it.
mod schema;
