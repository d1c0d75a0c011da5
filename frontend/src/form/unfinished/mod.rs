//! What was typed into the form and not started: kept by the browser, for each tab and each address of the form its own, so that
//! neither another tab nor a template or a study overwrites it. What a tab leaves behind is offered to the others. In reading order:

/// The drafts, pure.
mod drafts;
/// Where they are kept, and when.
mod kept;
/// What the form says of them.
mod notice;

pub use kept::{Unfinished, use_unfinished};
pub use notice::Notice;
