//! What goes wrong between the hub and this machine, in one sentence each: what, and what to do.

use crate::files::why_not_written;
use std::io;
use std::path::{Path, PathBuf};
use tunemask_shared::hub::{HubName, HubNameError, RepositoryKind};

/// Why a repository cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    /// Not the name of a repository.
    #[error(transparent)]
    Name(#[from] HubNameError),
    /// The system has no folder for a cache.
    #[error("this system names no folder for the hub's cache; set HF_HOME to one")]
    NoCache,
    /// It is not in the cache.
    #[error("{name} is not on this machine ({}); download it, with `tunemask fetch --{} {name}` or on the page", cache.display(), option(*kind))]
    Absent {
        /// The repository.
        name: HubName,
        /// A model or a data set.
        kind: RepositoryKind,
        /// Where it was looked for.
        cache: PathBuf,
    },
    /// Something of it is missing, and no request may be made.
    #[error(
        "{name} is not whole on this machine ({}), and {because} forbids requests; download it where there is a network, or name the \
         cache that has it with HF_HOME",
        cache.display()
    )]
    Offline {
        /// The repository.
        name: HubName,
        /// The variable or argument.
        because: &'static str,
        /// Where it was looked for.
        cache: PathBuf,
    },
    /// The hub cannot be reached.
    #[error(
        "cannot reach {endpoint} for {name}: {why}; see to the network, a proxy (HTTPS_PROXY) or a mirror (HF_ENDPOINT), or use what is here"
    )]
    Network {
        /// The repository that it was for.
        name: HubName,
        /// The address of the hub.
        endpoint: String,
        /// What the system said.
        why: String,
    },
    /// The hub has an answer that helps nobody.
    #[error("{endpoint} answered {name} with {status}; try again later")]
    Status {
        /// The repository that it was for.
        name: HubName,
        /// The address of the hub.
        endpoint: String,
        /// The status of its answer.
        status: u16,
    },
    /// What the hub said cannot be understood.
    #[error("{endpoint} does not answer {name} as a hub does: {why}; see that HF_ENDPOINT is right")]
    Answer {
        /// The repository that it was for.
        name: HubName,
        /// The address of the hub.
        endpoint: String,
        /// What was found.
        why: String,
    },
    /// There is none, or none for this user.
    #[error("{endpoint} has no {} {}, or it is private; see that it is spelled right{hint}", kind.title(), name.repository())]
    NoRepository {
        /// The repository.
        name: HubName,
        /// A model or a data set.
        kind: RepositoryKind,
        /// The address of the hub.
        endpoint: String,
        /// What to do about a private one.
        hint: String,
    },
    /// Its owner wants to be asked.
    #[error("{} asks for its owner's leave; ask for it at {page}{hint}", name.repository())]
    Gated {
        /// The repository.
        name: HubName,
        /// Its page.
        page: String,
        /// What to do then.
        hint: String,
    },
    /// The token is not accepted.
    #[error("{endpoint} does not accept the token from {source_name}; make a new one, or take it away")]
    Token {
        /// The address of the hub.
        endpoint: String,
        /// Where the token comes from.
        source_name: String,
    },
    /// No such branch, tag or commit.
    #[error("{} has no revision `{}`; leave it out for the newest, or name a branch, a tag or a commit", name.repository(), name.revision().unwrap_or("main"))]
    NoRevision {
        /// The repository.
        name: HubName,
    },
    /// A file that was listed is not there.
    #[error("{name} has no file {path} any more; try again")]
    NoFile {
        /// The repository.
        name: HubName,
        /// The file in it.
        path: String,
    },
    /// What it holds is not what is needed.
    #[error("{name} {why}")]
    Unusable {
        /// The repository.
        name: HubName,
        /// What was found, and what is needed.
        why: String,
    },
    /// A file that came with wrong bytes more than once.
    #[error(
        "{path} of {name} came with wrong bytes twice (its checksum is not {sum}); something between here and the hub changes it"
    )]
    Checksum {
        /// The repository.
        name: HubName,
        /// The file in it.
        path: String,
        /// What was expected.
        sum: String,
    },
    /// There is no room.
    #[error(
        "{name} needs {} more in {}, which has {}; make room, or name another folder with HF_HOME",
        size(*needed), cache.display(), size(*free)
    )]
    Room {
        /// The repository that it was for.
        name: HubName,
        /// Bytes that are still to come.
        needed: u64,
        /// Bytes that are free.
        free: u64,
        /// The folder of the cache.
        cache: PathBuf,
    },
    /// The cache cannot be written.
    #[error("{}: {}; name a folder that can be written to with HF_HOME", path.display(), why_not_written(cause))]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
}

impl HubError {
    pub(super) fn write(path: &Path, cause: io::Error) -> Self {
        Self::Write { path: path.to_owned(), cause }
    }
}

/// How `tunemask fetch` is told of it.
fn option(kind: RepositoryKind) -> &'static str {
    match kind {
        RepositoryKind::Model => "model",
        RepositoryKind::Dataset => "data",
    }
}

/// Bytes as people read them.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1000)),
        1_000_000..1_000_000_000 => format!("{:.0} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}
