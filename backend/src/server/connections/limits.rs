//! How many, and how long.

use std::time::Duration;
use tunemask_shared::dataset::MAX_UPLOAD_BYTES;

/// Descriptors that the log, checkpoints, models and data are never without.
const OUR_OWN: u64 = 256;
/// More than this many are of no use here, and some systems offer a billion.
const MAX_DESCRIPTORS: u64 = 1 << 16;

/// How many may be connected, and how long anyone may keep the server waiting.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections that are not (yet) a page's socket.
    pub connections: usize,
    /// Most of these connections from one peer.
    pub connections_of_one: usize,
    /// Pages' sockets.
    pub sockets: usize,
    /// Most of these pages from one peer; a reverse proxy is one.
    pub sockets_of_one: usize,
    /// How long a request's head may take to come, and how long a connection may stay without one.
    pub head: Duration,
    /// How long a client may take nothing of what is sent to it.
    pub unread: Duration,
    /// How long one message to a page may take in all.
    pub message: Duration,
    /// How soon a page says hello.
    pub hello: Duration,
    /// How long nothing at all may come from a page, which browsers' answers to pings are for.
    pub silence: Duration,
    /// Bytes of all files of an upload.
    pub upload_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 512,
            connections_of_one: 192,
            sockets: 256,
            sockets_of_one: 64,
            head: Duration::from_secs(10),
            unread: Duration::from_secs(30),
            message: Duration::from_secs(300),
            hello: Duration::from_secs(10),
            silence: Duration::from_secs(45),
            upload_bytes: MAX_UPLOAD_BYTES,
        }
    }
}

impl Limits {
    /// No more connections and sockets than so many descriptors have room for beside the program's own files.
    pub fn within(self, descriptors: u64) -> Self {
        let room = usize::try_from(descriptors.saturating_sub(OUR_OWN)).unwrap_or(usize::MAX);
        // A few always: without them there is nobody to be told what is wrong.
        let connections = self.connections.min(room / 3 * 2).max(8);
        let sockets = self.sockets.min(room / 3).max(4);
        Self {
            connections,
            connections_of_one: self.connections_of_one.min(connections),
            sockets,
            sockets_of_one: self.sockets_of_one.min(sockets),
            ..self
        }
    }
}

/// Raises the number of descriptors that this process may have as far as it may itself, and gives that number.
#[cfg(unix)]
pub fn raise_descriptors() -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    // `None` is infinity.
    let wanted = maximum.map_or(MAX_DESCRIPTORS, |most| most.min(MAX_DESCRIPTORS));
    let Some(current) = current.filter(|&current| current < wanted) else {
        return current.unwrap_or(MAX_DESCRIPTORS);
    };
    match setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum }) {
        Ok(()) => wanted,
        Err(error) => {
            tracing::warn!("the limit of open files stays at {current}: {error}");
            current
        }
    }
}

/// Elsewhere there is no such limit.
#[cfg(not(unix))]
pub fn raise_descriptors() -> u64 {
    MAX_DESCRIPTORS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_descriptors_for_the_log() {
        let limits = Limits::default();
        for descriptors in [512, 1024, 20_000] {
            let Limits { connections, sockets, .. } = limits.within(descriptors);
            assert!((connections + sockets) as u64 + OUR_OWN <= descriptors, "{descriptors}");
        }
        let few = limits.within(64);
        assert!(few.connections > 0 && few.sockets > 0 && few.connections_of_one <= few.connections);
        assert_eq!(limits.within(1 << 20).connections, limits.connections);
    }

    #[cfg(unix)]
    #[test]
    fn descriptors_are_raised_to_what_the_process_may_have() {
        let raised = raise_descriptors();
        let now = rustix::process::getrlimit(rustix::process::Resource::Nofile);
        assert_eq!(now.current, Some(raised));
        assert!(now.maximum.is_none_or(|most| raised == most.min(MAX_DESCRIPTORS).max(raised)));
    }
}
