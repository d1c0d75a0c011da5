//! The lines of workers, on their way to the log: of each segment what is new, once, with how far it is read.
//!
//! What cannot be read or brought now is tried again. What is left out for good is noted in the plan's folder before anything
//! behind it is read, and then the folder stays. In reading order:

/// A segment on its way.
mod tail;
/// Lines, one after the other.
mod lines;
/// What is there or may come, and is not in the log.
mod awaited;
/// The end of it.
mod ending;
#[cfg(test)]
#[cfg(unix)]
mod tests;

pub(super) use ending::{FolderEnd, FoldingEnd};

use super::homing::Homing;
use crate::cluster::{Fold, Header, Left, PlanFolder, SegmentName, read_whole_lines};
use crate::lab::LabError;
use crate::lab::control::Control;
use crate::lab::journal::Journal;
use crate::store::Mark;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tail::Tail;
use tunemask_shared::event::EventKind;
use tunemask_shared::run::RunId;

/// How long a file is waited for that a line speaks of: network file systems show files late.
const FILES_COME: Duration = Duration::from_secs(120);

/// Folds the segments of a plan into the log.
#[derive(Debug)]
pub(super) struct Folding {
    name: String,
    folder: PlanFolder,
    journal: Journal,
    control: Arc<Control>,
    homing: Homing,
    fold: Fold,
    segments: HashMap<SegmentName, Tail>,
    /// Why the segments could not be listed, when they last could not.
    unlisted: Option<String>,
    /// When something of a task was read last.
    news: HashMap<usize, Instant>,
    /// The last step of each run that a worker took, whether the log had it already or not.
    came_to: HashMap<RunId, u64>,
    /// Since when segments are waited for that others follow and that are not to be seen.
    unseen: HashMap<SegmentName, Instant>,
    /// What was said already of what should not be.
    said: HashSet<String>,
}

/// Where lines go, and what is signalled meanwhile.
#[derive(Clone, Debug)]
pub(in crate::lab) struct FoldsInto {
    pub(in crate::lab) journal: Journal,
    pub(in crate::lab) control: Arc<Control>,
}

impl Folding {
    /// Of a folder that was just made. What the log knows of one of its name is of another, which is gone.
    ///
    /// # Errors
    /// The log cannot be written.
    pub(super) fn of_new(
        folder: PlanFolder,
        runs: &HashSet<RunId>,
        with: FoldsInto,
        homing: Homing,
    ) -> Result<Self, LabError> {
        let name = folder.name();
        with.journal.append_folded(Vec::new(), vec![Mark::Forget { plan: name.clone() }])?;
        Ok(Self::new(name, folder, runs, HashMap::new(), with, homing))
    }

    /// Of a plan's folder; `folded` says how far the log has its segments.
    pub(super) fn new(
        name: String,
        folder: PlanFolder,
        runs: &HashSet<RunId>,
        folded: HashMap<String, u64>,
        with: FoldsInto,
        homing: Homing,
    ) -> Self {
        let FoldsInto { journal, control } = with;
        let mut fold = Fold::default();
        journal.feed().read(|state| {
            for run in runs {
                match state.runs.get(run) {
                    Some(known) => fold.add_known(run, known),
                    None => fold.add_forgotten(run),
                }
            }
        });
        let segments = folded.into_iter().filter_map(|(segment, bytes)| {
            let segment = SegmentName::parse(&segment)?;
            let tail = Tail::read_before(&folder.segments_folder().join(segment.as_str()), bytes);
            Some((segment, tail))
        });
        let segments = segments.collect();
        Self {
            name,
            folder,
            journal,
            control,
            homing,
            fold,
            segments,
            unlisted: None,
            news: HashMap::new(),
            came_to: HashMap::new(),
            unseen: HashMap::new(),
            said: HashSet::new(),
        }
    }

    /// Brings what is new into the log, and says whether there was anything.
    ///
    /// # Errors
    /// The log cannot be written. What cannot be read is tried again the next time.
    pub(super) fn poll(&mut self) -> Result<bool, LabError> {
        let names = match self.folder.segments() {
            Ok(names) => names,
            Err(error) => {
                self.unlisted = Some(error.to_string());
                self.say(error.to_string());
                return Ok(false);
            }
        };
        self.unlisted = None;
        let mut any = false;
        // Behind what it follows, which may stand behind it by name.
        let mut news = true;
        while std::mem::take(&mut news) {
            for name in &names {
                news |= self.read(name)?;
            }
            any |= news;
        }
        Ok(any)
    }

    /// Reads a piece of a segment; says whether there was any.
    fn read(&mut self, name: &SegmentName) -> Result<bool, LabError> {
        let path = self.folder.segments_folder().join(name.as_str());
        let mut tail = self.segments.remove(name).unwrap_or_default();
        if tail.left.is_some() {
            // Nothing follows.
            self.segments.insert(name.clone(), tail);
            return Ok(false);
        }
        tail.know_header(&path);
        let read = if tail.bytes > 0 && tail.header.is_none() {
            // Without it nobody knows whose lines these are.
            Err("who writes it cannot be read".to_owned())
        } else {
            read_whole_lines(&path, tail.bytes).map_err(|error| error.to_string())
        };
        let taken = match read {
            Ok(bytes) => {
                tail.unread = None;
                self.take(name, &mut tail, &bytes)
            }
            Err(error) => {
                let why = format!("{}: {error}", path.display());
                tail.unread = Some(why.clone());
                self.say(why);
                Ok(false)
            }
        };
        self.segments.insert(name.clone(), tail);
        taken
    }

    /// Says once what should not be.
    fn say(&mut self, what: String) {
        if self.said.insert(what.clone()) {
            tracing::warn!("{what}");
        }
    }

    /// Ends a run that nobody trains, by a line that is no worker's.
    ///
    /// # Errors
    /// The log cannot be written.
    pub(super) fn end(&mut self, line: EventKind) -> Result<(), LabError> {
        if let Some(run) = line.run() {
            self.fold.end(run);
        }
        self.journal.append(vec![line])
    }

    /// The fold of all that was read.
    pub(super) fn fold(&self) -> &Fold {
        &self.fold
    }

    /// When something of a task was read last, by this program.
    pub(super) fn news_of(&self, task: usize) -> Option<Instant> {
        self.news.get(&task).copied()
    }

    /// The last step that a worker took of a run since this folding began, or since steps were forgotten: new or again.
    pub(super) fn came_to(&self, run: &RunId) -> Option<u64> {
        self.came_to.get(run).copied()
    }

    /// Forgets which steps workers took of runs: others begin.
    pub(super) fn forget_steps<'a>(&mut self, runs: impl IntoIterator<Item = &'a RunId>) {
        runs.into_iter().for_each(|run| _ = self.came_to.remove(run));
    }

    /// Why a worker has left its segment, if it said so: of those of this attempt and later ones.
    pub(super) fn left_by(&self, attempt: u32) -> Option<&Left> {
        let own = |header: &Arc<Header>| header.attempt >= attempt;
        let mut tails = self.segments.values().filter(|tail| tail.header.as_ref().is_some_and(own));
        tails.find_map(|tail| tail.left.as_ref())
    }
}
