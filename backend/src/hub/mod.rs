//! The Hugging Face hub and its cache: `hf:OWNER/NAME[@REVISION]` becomes a folder on this machine.
//!
//! The cache is the one of Python's `huggingface_hub`, at the same place and in the same layout: what one has written the
//! other reads. `snapshot` looks into it and never makes a request; all who open a model or data go through it.
//! `fetch` brings what is missing, and is called by commands and the page alone, before anything is queued. What is there is used
//! without a request, even if a branch has moved on the hub since: only `Freshness::Newest` asks.
//!
//! Nothing unfinished is ever seen: a file gets its name when its checksum has been found right, and a branch its commit when
//! all files are there. In reading order:

/// What the environment says of hub and cache.
mod environment;
/// What goes wrong, in one sentence each.
mod error;
/// What the names of files of data say.
mod data_names;
/// What a folder holds.
mod folder;
/// The cache's folders and files.
mod cache;
/// What of a repository is needed.
mod wanted;
/// What a snapshot already holds.
mod complete;
/// Whom a request is about.
mod asked;
/// Addresses: whose they are, and where a redirect leads.
mod address;
/// What the hub's refusals mean.
mod refusal;
/// Requests, and who gets the token.
mod client;
/// What a repository holds, as the hub lists it.
mod listing;
/// Checksums by which the hub names files.
mod checksum;
/// One file at a time, among all programs.
mod lock;
/// One file, from the hub into the cache.
mod download;
/// All that is missing.
mod fetch;
/// What is in the cache.
mod scan;
#[cfg(test)]
mod tests;

pub(crate) use cache::data_set_of;
pub(crate) use data_names::DEFAULT as WHOLE_FOLDER;
pub use environment::{Environment, Requests, Token, forbid_requests};
pub use error::{HubError, size};
pub use fetch::{Fetched, Freshness, Request, Update, fetch};
pub use scan::{Cached, cached};
pub use wanted::Wanted;

use cache::Cache;
use complete::Holding;
use std::path::{Path, PathBuf};
use tunemask_shared::hub::{HubName, RepositoryKind};

/// A state of a repository in the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Its files.
    pub folder: PathBuf,
    /// The name with its commit: what a record keeps.
    pub name: HubName,
}

/// What a name means by the cache alone, `None` if it is not one of the hub. No request is made.
///
/// # Errors
/// A name that cannot be one of the hub's; one of which nothing is in the cache.
pub fn snapshot(text: &str, kind: RepositoryKind) -> Result<Option<Snapshot>, HubError> {
    if !HubName::is_meant(text) {
        return Ok(None);
    }
    let name: HubName = text.parse()?;
    let cache = Cache::new(&Environment::of_process()?);
    match cache.snapshot(&name, kind)? {
        Some(found) => Ok(Some(found)),
        None => Err(HubError::Absent { name, kind, cache: cache.root().to_owned() }),
    }
}

/// Why a name of the hub cannot be used before it is downloaded; `None` if it can, or is another name. No request is made.
pub fn absent(text: &str, kind: RepositoryKind) -> Option<HubError> {
    let name: HubName = HubName::is_meant(text).then(|| text.parse().ok())??;
    let cache = Cache::new(&Environment::of_process().ok()?);
    let is_here = match (cache.snapshot(&name, kind).ok()?, kind) {
        (Some(here), RepositoryKind::Dataset) => folder::has_data(&here.folder),
        (Some(here), RepositoryKind::Model) => {
            let commit = here.name.commit()?;
            complete::holding(&cache.repository(&name, kind), commit, &Wanted::Model) != Holding::Partial
        }
        (None, _) => false,
    };
    (!is_here).then(|| HubError::Absent { name, kind, cache: cache.root().to_owned() })
}

/// A data folder as it is named, or the snapshot that a name of the hub means.
///
/// # Errors
/// As [`snapshot`].
pub fn data_folder(named: &Path) -> Result<PathBuf, HubError> {
    let Some(text) = named.to_str() else { return Ok(named.to_owned()) };
    Ok(snapshot(text, RepositoryKind::Dataset)?.map_or_else(|| named.to_owned(), |found| found.folder))
}
