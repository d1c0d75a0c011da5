//! Whatever keeps lines of workers from being read when they are looked for, they come into the log, and no folder goes before.

/// What an earlier program left.
mod older;
/// Workers that may still write.
mod writers;
/// Files that runs leave.
mod files;
/// Workers that a coordinator has started.
mod processes;

use super::awaited::Awaited;
use super::*;
use crate::artifacts::Artifacts;
use crate::cluster::{Follows, Job, Line, Logged, SegmentWriter, WorkPlan, host};
use crate::lab::places::PLANS;
use crate::lab::places::homing::TakesFiles;
use crate::lab::places::older::fold_until;
use crate::store::{Reader, Store};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use tunemask_shared::event::Node;
use tunemask_shared::experiment::ReportedEpoch;
use tunemask_shared::fixtures::{evaluated, finished, pointed, run_spec, started};
use tunemask_shared::run::{Arithmetic, RunStatus};
use tunemask_shared::state::RunState;

/// No system has a process of this number.
const GONE: u32 = i32::MAX as u32;

/// How long workers are waited for.
const GRACE: Duration = Duration::from_millis(100);

/// A home folder whose log has one run, which waits.
struct Home {
    folder: TempDir,
    run: RunId,
}

impl Home {
    fn new() -> Self {
        let (folder, spec) = (tempfile::tempdir().unwrap(), run_spec());
        let run = spec.id().unwrap();
        let queued = EventKind::Queued { run: run.clone(), spec: Box::new(spec), trainable: 1, alone: false };
        Store::open(folder.path()).unwrap().append(vec![queued]).unwrap();
        Artifacts::new(folder.path()).make_folder().unwrap();
        Self { folder, run }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn job(&self) -> Job {
        Job {
            run: self.run.clone(),
            spec: run_spec(),
            trainable: 1,
            model: String::new(),
            delta: None,
            data: None,
            alone: false,
            reported: ReportedEpoch::Best,
            expected_secs: 0.0,
            bracket: None,
            notes: Vec::new(),
            logged: Logged::default(),
        }
    }

    /// A plan of its run, as a coordinator leaves it that is killed.
    fn plan(&self) -> PlanFolder {
        let plan = WorkPlan::new(Vec::new(), vec![(vec![self.job()], 0.0)], vec![vec![0]]);
        PlanFolder::create_apart(&self.path().join(PLANS), &plan).unwrap()
    }

    /// What a worker of a node wrote: as a segment that follows others.
    fn segment(&self, plan: &PlanFolder, writer: Writer<'_>) -> Segment {
        let Writer { node, pid, follows } = writer;
        let name = SegmentName::new(0, 0, node, pid);
        let header = Header {
            task: 0,
            attempt: 0,
            node: Node { name: node.into(), arithmetic: Arithmetic("v4".into()), worker: None },
            pid,
            job: None,
            device: "cpu".into(),
            program: "tunemask".into(),
            follows,
        };
        let path = plan.segments_folder().join(name.as_str());
        Segment { writer: SegmentWriter::create(&plan.segments_folder(), &name, header).unwrap(), path }
    }

    /// Lets a program work with the log.
    fn with<T>(&self, work: impl FnOnce(&FoldsInto, &Reader) -> T) -> T {
        let store = Store::open(self.path()).unwrap();
        let (state, reader) = (store.state().unwrap(), store.reader().unwrap());
        let (journal, _, thread) = Journal::start(store, state).unwrap();
        let with = FoldsInto { journal, control: Arc::default() };
        let done = work(&with, &reader);
        drop(with);
        thread.join().unwrap();
        done
    }

    /// The next program begins, and ends.
    fn begin(&self) {
        self.with(|with, reader| fold_until(Instant::now() + GRACE, self.path(), with, reader).unwrap());
    }

    /// The run, as the log has it.
    fn known(&self) -> RunState {
        Reader::open(self.path()).unwrap().state().unwrap().runs[&self.run].clone()
    }

    /// How often the log has a kind of line.
    fn count(&self, name: &str) -> usize {
        let events = Reader::open(self.path()).unwrap().events(0).unwrap();
        events.iter().filter(|event| event.kind.name() == name).count()
    }

    /// A folding of a plan as its own coordinator has it.
    fn folding(&self, plan: &PlanFolder, with: &FoldsInto) -> Folding {
        let runs = HashSet::from([self.run.clone()]);
        Folding::of_new(plan.clone(), &runs, with.clone(), self.homing(plan)).unwrap()
    }

    fn homing(&self, plan: &PlanFolder) -> Homing {
        Homing {
            home: Artifacts::new(self.path()),
            plan: Artifacts::inside(&plan.runs_folder()),
            takes: TakesFiles::Own,
        }
    }
}

/// Who writes a segment.
struct Writer<'a> {
    node: &'a str,
    pid: u32,
    follows: Vec<Follows>,
}

impl<'a> Writer<'a> {
    fn of(node: &'a str, pid: u32) -> Self {
        Self { node, pid, follows: Vec::new() }
    }
}

/// A segment that is being written.
struct Segment {
    writer: SegmentWriter,
    path: PathBuf,
}

impl Segment {
    fn says(&mut self, kinds: impl IntoIterator<Item = EventKind>) {
        let lines: Vec<Line> = kinds.into_iter().map(|kind| Line::Event(Box::new(kind))).collect();
        self.writer.append(&lines).unwrap();
    }

    fn leaves(&mut self) {
        self.writer.append(&[Line::Left(Left::Done)]).unwrap();
    }
}

/// A file or folder that cannot be opened for a while: a link to itself stands in its place, which the system does not follow,
/// whoever asks.
struct Hidden {
    path: PathBuf,
    aside: PathBuf,
}

impl Hidden {
    fn new(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let aside = path.with_extension("aside");
        fs::rename(&path, &aside).unwrap();
        std::os::unix::fs::symlink(path.file_name().unwrap(), &path).unwrap();
        Self { path, aside }
    }

    fn back(self) {
        fs::remove_file(&self.path).unwrap();
        fs::rename(self.aside, self.path).unwrap();
    }
}
