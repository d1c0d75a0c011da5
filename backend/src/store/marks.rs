//! How far the segments of workers are folded into the log, see [`crate::cluster`].

use rusqlite::{Transaction, params};

/// What is written down of the segments of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// So many bytes of a segment are folded.
    Folded {
        /// The plan's name.
        plan: String,
        /// The segment's name.
        segment: String,
        /// Its bytes.
        bytes: u64,
    },
    /// The plan is gone.
    Forget {
        /// Its name.
        plan: String,
    },
}

impl Mark {
    pub(super) fn write(&self, transaction: &Transaction<'_>) -> rusqlite::Result<()> {
        match self {
            Self::Folded { plan, segment, bytes } => transaction
                .prepare_cached("INSERT OR REPLACE INTO segments (plan, segment, bytes) VALUES (?1, ?2, ?3)")?
                .execute(params![plan, segment, bytes])?,
            Self::Forget { plan } => {
                transaction.prepare_cached("DELETE FROM segments WHERE plan = ?1")?.execute(params![plan])?
            }
        };
        Ok(())
    }
}
