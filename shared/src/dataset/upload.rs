//! Files that a page sends to the server, which keeps them as a data folder.

use serde::{Deserialize, Serialize};

/// Where the page posts them, as `multipart/form-data`.
pub const UPLOAD_PATH: &str = "/uploads";

/// Bytes of all files of an upload, at most.
pub const MAX_UPLOAD_BYTES: u64 = 1 << 30;

/// Files of an upload, at most.
pub const MAX_UPLOAD_FILES: usize = 64;

/// What the server answers when all files are on its disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uploaded {
    /// The folder that holds them, which an experiment names as its data.
    pub folder: String,
    /// The names under which they are kept, in the order in which they came.
    pub files: Vec<String>,
}
