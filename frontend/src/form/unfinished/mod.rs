//! What was typed into the form and not started: kept by the browser for this tab, for each address of the form its own, so
//! that neither a template nor a study overwrites it. In reading order:

/// The drafts, pure.
mod drafts;
/// Where they are kept, and when.
mod kept;
/// What the form says of them.
mod notice;

pub use kept::{Unfinished, use_unfinished};
pub use notice::Notice;
