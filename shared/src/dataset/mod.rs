//! Data of one's own: what a `dataset.toml` says, and what is known of a folder before anything trains on it.
//!
//! In reading order:

/// What a `dataset.toml` says.
mod settings;
/// One text, or a list of them.
mod one_or_many;
/// What is known of a folder of data.
mod facts;
/// What a page asks about data of one's own.
mod question;
/// Files that a page sends to the server.
mod upload;

pub use facts::{ColumnFacts, DatasetFacts, FileFacts, LabelFacts, Lengths, Role, SetFacts};
pub use question::{DataQuestion, DataSettings, OwnData, SavedSettings};
pub use settings::{DatasetKind, DatasetSettings, SETTINGS_FILE};
pub use upload::{MAX_UPLOAD_BYTES, MAX_UPLOAD_FILES, UPLOAD_PATH, Uploaded};
