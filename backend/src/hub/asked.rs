//! Whom a request is about.

use tunemask_shared::hub::{HubName, RepositoryKind};

/// Whom a request is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub name: &'a HubName,
    pub kind: RepositoryKind,
}
