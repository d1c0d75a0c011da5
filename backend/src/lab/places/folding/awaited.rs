//! What is there or may come, and is not in the log.
//!
//! A network file system may show a new file a minute late, and a worker on another machine may write when nobody here knows
//! of it. So that nothing comes is no sign that nothing will: each worker has to say that it left, to be a process that is
//! gone, or to have nothing to say that is not known.

use super::Folding;
use crate::cluster::{Side, Told, host, is_worker_alive};
use std::fmt;
use std::time::Duration;

/// How long who may write elsewhere is waited for when nothing comes: it saves first.
const WRITERS_LEAVE: Duration = Duration::from_secs(15);

/// What keeps a plan's folder from being done with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::lab::places) enum Awaited {
    /// What is there cannot be read or brought now.
    Unread(String),
    /// Somebody may write.
    Writer(String),
}

impl Awaited {
    /// How long it is waited for before others go on with the runs.
    pub(in crate::lab::places) fn patience(&self) -> Duration {
        match self {
            // By then a file that is missing is taken for lost.
            Self::Unread(_) => super::FILES_COME + WRITERS_LEAVE,
            Self::Writer(_) => WRITERS_LEAVE,
        }
    }
}

impl fmt::Display for Awaited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unread(why) | Self::Writer(why) => f.write_str(why),
        }
    }
}

/// Somebody who may write.
struct Writer {
    says: String,
    /// Whether a process of this machine shows that.
    is_seen: bool,
}

impl Folding {
    /// What is there or may come and is not in the log, as far as the last look at the segments says; `None` where that is nothing.
    pub(in crate::lab::places) fn awaited(&self) -> Option<Awaited> {
        if self.fold.is_all_over() {
            return None;
        }
        let unread = self.segments.values().find_map(|tail| tail.unread.as_ref());
        if let Some(why) = self.unlisted.as_ref().or(unread) {
            return Some(Awaited::Unread(why.clone()));
        }
        match self.writers() {
            Err(why) => Some(Awaited::Unread(why)),
            Ok(writers) => writers.into_iter().next().map(|writer| Awaited::Writer(writer.says)),
        }
    }

    /// Whether a process of this machine may write, or one that it has a connection to.
    pub(in crate::lab::places) fn is_written(&self) -> bool {
        !self.fold.is_all_over()
            && self.writers().is_ok_and(|writers| writers.iter().any(|writer| writer.is_seen))
    }

    fn writers(&self) -> Result<Vec<Writer>, String> {
        let told = self.folder.told().map_err(|error| error.to_string())?;
        let own = host();
        let is_connected = |told: &Told| told.by == own && is_worker_alive(told.pid);
        let is_seen = told.as_ref().is_some_and(is_connected);
        if self.segments.is_empty() {
            let silent = told.filter(|told| is_seen || told.by != own || told.trains == Side::Elsewhere);
            let says =
                "the worker that was told to train it has written nothing that is to be seen".to_owned();
            return Ok(silent.map(|_| Writer { says, is_seen }).into_iter().collect());
        }
        let open = self.segments.iter().filter(|(_, tail)| tail.left.is_none());
        let writers = open.filter_map(|(name, _)| {
            let (node, pid) = (name.node().unwrap_or_default(), name.pid().unwrap_or_default());
            if !name.is_of(&own) {
                let says = format!("a worker on {node} has not said that it left");
                return Some(Writer { says, is_seen });
            }
            let says = format!("worker {pid} has not ended");
            is_worker_alive(pid).then_some(Writer { says, is_seen: true })
        });
        Ok(writers.collect())
    }
}
