//! What a worker says of its runs: a file of its own, to which it alone appends.
//!
//! A line is a JSON object. The first says who writes, the last why nothing follows; those between are lines of the log.
//! A line counts when its end of line is there: what a killed worker left half written is never read. In reading order:

/// What a segment is called.
mod name;
/// Its lines.
mod line;
/// Writing them.
mod write;
/// Reading them.
mod read;

pub(crate) use line::{Follows, Header, Left, Line};
pub(crate) use name::SegmentName;
pub(crate) use read::{last_line_before, read_whole_lines};
pub(crate) use write::SegmentWriter;
