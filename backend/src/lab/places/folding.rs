//! The lines of workers, on their way to the log: of each segment what is new, once, with how far it is read.

use super::homing::{Homing, TakesFiles};
use crate::cluster::{Fold, Follows, Header, Left, Line, PlanFolder, SegmentName, Taken, read_whole_lines};
use crate::lab::LabError;
use crate::lab::control::Control;
use crate::lab::journal::Journal;
use crate::store::Mark;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
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

/// What becomes of a plan's folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FolderEnd {
    /// Nothing in it is of use any more.
    Removed,
    /// Its logs say what went wrong.
    Kept,
}

/// How far a segment is read.
#[derive(Debug, Default)]
struct Tail {
    bytes: u64,
    header: Option<Arc<Header>>,
    left: Option<Left>,
    /// Since when a file is waited for.
    waits: Option<Instant>,
}

impl Folding {
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
            let known = runs.iter().filter_map(|run| Some((run, state.runs.get(run)?)));
            known.for_each(|(run, state)| fold.add_known(run, state));
        });
        let mut segments = HashMap::new();
        for (segment, bytes) in folded {
            let Some(segment) = SegmentName::parse(&segment) else { continue };
            // Its header was read by another program.
            let header = first_line(&folder, &segment).map(Arc::new);
            segments.insert(segment, Tail { bytes, header, ..Tail::default() });
        }
        Self {
            name,
            folder,
            journal,
            control,
            homing,
            fold,
            segments,
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
                self.say(error.to_string());
                return Ok(false);
            }
        };
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
        if tail.bytes > 0 && tail.header.is_none() {
            // It could not be read when this program began; without it nobody knows whose lines these are.
            tail.header = first_line(&self.folder, name).map(Arc::new);
            if tail.header.is_none() {
                self.segments.insert(name.clone(), tail);
                self.say(format!("{}: who writes it cannot be read", path.display()));
                return Ok(false);
            }
        }
        let read = match read_whole_lines(&path, tail.bytes) {
            Ok(bytes) => self.take(name, &mut tail, &bytes),
            Err(error) => {
                self.say(format!("{}: {error}", path.display()));
                Ok(false)
            }
        };
        self.segments.insert(name.clone(), tail);
        read
    }

    fn take(&mut self, name: &SegmentName, tail: &mut Tail, bytes: &[u8]) -> Result<bool, LabError> {
        let (mut lines, before) = (Vec::new(), tail.bytes);
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let taken = match serde_json::from_slice(line) {
                Ok(Line::Header(header)) => {
                    let ready = self.may_follow(&header);
                    tail.header = Some(Arc::new(header));
                    // Its lines wait until those before them are here.
                    if !ready {
                        break;
                    }
                    true
                }
                Ok(Line::Event(kind)) => match &tail.header {
                    Some(header) if self.may_follow(header) => {
                        let header = header.clone();
                        self.event(name, tail, &header, *kind, &mut lines)
                    }
                    Some(_) => false,
                    None => {
                        self.say(format!("{name} does not begin with who writes it; it is left out"));
                        true
                    }
                },
                Ok(Line::Left(left)) => {
                    tail.left = Some(left);
                    true
                }
                Err(error) => {
                    self.say(format!("{name}: a line cannot be read and is left out: {error}"));
                    true
                }
            };
            if !taken {
                break;
            }
            tail.bytes += line.len() as u64;
        }
        if tail.bytes == before {
            return Ok(false);
        }
        self.news.extend(name.task().map(|task| (task, Instant::now())));
        let finished: Vec<RunId> = lines
            .iter()
            .filter(|line| matches!(line, EventKind::Finished { .. }))
            .filter_map(|line| line.run().cloned())
            .collect();
        let mark = Mark::Folded { plan: self.name.clone(), segment: name.to_string(), bytes: tail.bytes };
        self.journal.append_folded(lines, vec![mark])?;
        // What is written down as finished needs its checkpoint no more.
        finished.iter().for_each(|run| self.homing.forget_checkpoint(run));
        Ok(true)
    }

    /// Takes a line about runs; says whether it is done with.
    fn event(
        &mut self,
        name: &SegmentName,
        tail: &mut Tail,
        header: &Header,
        kind: EventKind,
        lines: &mut Vec<EventKind>,
    ) -> bool {
        let kind = match &kind {
            EventKind::Finished { run, .. } if !self.fold.is_over(run) => match self
                .homing
                .bring_finished(run)
            {
                Ok(()) => kind,
                // It may yet come.
                Err(_) if tail.waits.get_or_insert_with(Instant::now).elapsed() < FILES_COME => return false,
                // Whoever owns them may have taken them away.
                Err(_) if self.homing.takes == TakesFiles::Others => kind,
                Err(error) => {
                    let reason = format!("trained to the end, but the result is not here: {error}; retry it");
                    EventKind::failed(run.clone(), reason)
                }
            },
            _ => kind,
        };
        tail.waits = None;
        if let EventKind::Points { run, points } = &kind {
            self.came_to.extend(points.step.last().map(|step| (run.clone(), *step)));
        }
        match self.fold.take(name, header, kind) {
            // Its worker goes, and another goes on with it.
            Taken::Line(EventKind::Interrupted { run }) if !self.control.is_stopped() => {
                lines.push(EventKind::Continued { run });
            }
            Taken::Line(line) => lines.push(line),
            Taken::Known => {}
            Taken::Odd(why) => self.say(why),
        }
        true
    }

    /// Whether the lines of a segment may come now: all is in the log that it follows. What is not to be seen may yet come, and
    /// is not waited for for ever.
    fn may_follow(&mut self, header: &Header) -> bool {
        let folder = self.folder.segments_folder();
        header.follows.iter().all(|Follows { segment, bytes }| {
            if self.segments.get(segment).is_some_and(|tail| tail.bytes >= *bytes) {
                return true;
            }
            let is_there = folder.join(segment.as_str()).exists();
            !is_there
                && self.unseen.entry(segment.clone()).or_insert_with(Instant::now).elapsed() >= FILES_COME
        })
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

    /// Processes of this machine that have not said that they left.
    pub(super) fn writers_on(&self, node: &str) -> Vec<u32> {
        let open = self.segments.values().filter(|tail| tail.left.is_none());
        let headers = open.filter_map(|tail| tail.header.as_ref());
        headers.filter(|header| header.node.name == node).map(|header| header.pid).collect()
    }

    /// Ends the folding of a plan that others still follow, or whose workers go on: all stays as it is.
    pub(super) fn leave(self) {}

    /// Ends the folding: brings checkpoints of what is not finished home, and forgets the plan.
    ///
    /// # Errors
    /// The log cannot be written.
    pub(super) fn close(self, runs: &HashSet<RunId>, folder: FolderEnd) -> Result<(), LabError> {
        for run in runs.iter().filter(|run| !self.fold.has_finished(run)) {
            self.homing.bring_checkpoint(run);
        }
        if folder == FolderEnd::Removed {
            self.folder.remove();
        }
        self.journal.append_folded(Vec::new(), vec![Mark::Forget { plan: self.name }])
    }
}

fn first_line(folder: &PlanFolder, segment: &SegmentName) -> Option<Header> {
    let bytes = read_whole_lines(&folder.segments_folder().join(segment.as_str()), 0).ok()?;
    match serde_json::from_slice(bytes.split(|byte| *byte == b'\n').next()?) {
        Ok(Line::Header(header)) => Some(header),
        _ => None,
    }
}
