//! The end of a folding: of a plan that is over, or of which something is still awaited.

use super::Folding;
use crate::lab::LabError;
use crate::store::Mark;
use std::collections::HashSet;
use tunemask_shared::run::RunId;

/// What becomes of a plan's folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lab::places) enum FolderEnd {
    /// Nothing in it is of use any more.
    Removed,
    /// Its logs say what went wrong.
    Kept,
}

/// How a folding ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lab::places) enum FoldingEnd {
    /// All of the plan is in the log, which has forgotten it.
    Over,
    /// The folder stays as it is, and the next program folds it again.
    Awaited,
}

impl Folding {
    /// Ends the folding of a plan that others still follow, or whose workers go on: all stays as it is.
    pub(in crate::lab::places) fn leave(self) {}

    /// Ends the folding: brings checkpoints of what is not finished home, and forgets the plan. Where something of it may not be
    /// in the log, its folder stays, whatever was to become of it, and so does how far it is read.
    ///
    /// # Errors
    /// The log cannot be written.
    pub(in crate::lab::places) fn close(
        self,
        runs: &HashSet<RunId>,
        end: FolderEnd,
    ) -> Result<FoldingEnd, LabError> {
        let open = runs.iter().filter(|run| !self.fold.has_finished(run));
        let brought: Vec<_> = open.map(|run| (run, self.homing.bring_checkpoint(run))).collect();
        let lost = brought.into_iter().find_map(|(run, brought)| Some((run, brought.err()?)));
        let stays = self.awaited().map(|awaited| awaited.to_string());
        let stays = stays.or_else(|| {
            lost.map(|(run, error)| format!("the checkpoint of run {run} cannot be kept: {error}"))
        });
        let stays = stays.or_else(|| match end {
            FolderEnd::Removed => self.folder.end().err().map(|error| error.to_string()),
            FolderEnd::Kept => None,
        });
        if let Some(why) = stays {
            tracing::warn!(
                "{} is kept, and what is new in it comes into the log when tunemask starts again: {why}",
                self.folder.path().display()
            );
            return Ok(FoldingEnd::Awaited);
        }
        // Before the folder goes: a mark without its segment would be taken for that of another of the same name.
        self.journal.append_folded(Vec::new(), vec![Mark::Forget { plan: self.name }])?;
        if end == FolderEnd::Removed {
            self.folder.remove();
        }
        Ok(FoldingEnd::Over)
    }
}
