//! The folder of a plan: who writes what in it stands at the top of this module's `mod.rs`.

/// How it ends.
mod ending;

pub(crate) use ending::Remains;

use super::ClusterError;
use super::plan::WorkPlan;
use super::segment::SegmentName;
use super::told::Told;
use crate::files::{self, FileError};
use crate::store::make_private;
use crate::tensors::{replace, sync};
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use tunemask_shared::run::{RunId, hexadecimal};

/// More than any plan has: 20,000 runs are some 30 MB.
const MAX_BYTES: u64 = 1 << 30;

const PLAN: &str = "plan.json";
const SEGMENTS: &str = "segments";
const RUNS: &str = "runs";
const ASKS: &str = "asks";
const LOGS: &str = "logs";
const TOLD: &str = "told.json";
const PAUSE: &str = "pause";
const CANCEL: &str = "cancel.";

/// The folder of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PlanFolder(PathBuf);

/// What the coordinator asks of the workers of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ask {
    /// That they wait between two steps.
    pub(crate) pause: bool,
    /// That these runs end.
    pub(crate) cancelled: HashSet<RunId>,
}

impl PlanFolder {
    /// Makes the folder, and writes the plan when all else is there. One that is there with the same plan stays.
    ///
    /// # Errors
    /// It cannot be made.
    pub(crate) fn create(path: PathBuf, plan: &WorkPlan) -> Result<Self, ClusterError> {
        let io = |path: &Path| {
            let path = path.to_owned();
            move |cause| ClusterError::Io { path, cause }
        };
        for folder in [SEGMENTS, RUNS, ASKS, LOGS] {
            let folder = path.join(folder);
            make_private(&folder).map_err(io(&folder))?;
        }
        let file = path.join(PLAN);
        let text = serde_json::to_vec(plan)
            .map_err(|e| ClusterError::Damaged { path: file.clone(), why: e.to_string() })?;
        replace(&file, &text).map_err(io(&file))?;
        sync(path.parent().unwrap_or(&path)).map_err(io(&path))?;
        Ok(Self(path))
    }

    /// Makes a folder that no plan had before: by the plan's name, with a number where that is taken. What others wrote of the
    /// same plan is not taken for what its own worker writes.
    ///
    /// # Errors
    /// It cannot be made.
    pub(crate) fn create_apart(above: &Path, plan: &WorkPlan) -> Result<Self, ClusterError> {
        let name = Self::name_of(plan);
        let numbered = (2u32..).map(|number| format!("{name}-{number}"));
        let mut paths = std::iter::once(name.clone()).chain(numbered).map(|name| above.join(name));
        // Where nothing can be asked, nothing can be made, and that says why.
        let free = paths.find(|path| path.symlink_metadata().is_err());
        Self::create(free.unwrap_or_else(|| above.join(&name)), plan)
    }

    /// A folder that is there, and its plan.
    ///
    /// # Errors
    /// There is none, or it cannot be read or understood.
    pub(crate) fn open(path: &Path) -> Result<(Self, WorkPlan), ClusterError> {
        let file = path.join(PLAN);
        // That the system does not say so now is no sign that there is none.
        if let Err(error) = fs::metadata(&file)
            && matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
        {
            return Err(ClusterError::NoPlan(path.to_owned()));
        }
        let text = files::bytes(&file, MAX_BYTES)?;
        let plan = WorkPlan::parse(&file, &text)?;
        Ok((Self(path.to_owned()), plan))
    }

    /// What a plan is called: by all that it says.
    pub(crate) fn name_of(plan: &WorkPlan) -> String {
        let text = serde_json::to_vec(plan).unwrap_or_default();
        format!("tm-{}", &hexadecimal(&Sha256::digest(&text))[..12])
    }

    /// What it is called where it stands.
    pub(crate) fn name(&self) -> String {
        self.0.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Takes note of who is about to be told to train it.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn note_told(&self, told: &Told) -> Result<(), ClusterError> {
        let path = self.0.join(TOLD);
        let written = serde_json::to_vec(told).map_err(Into::into).and_then(|text| replace(&path, &text));
        written.map_err(|cause| ClusterError::Io { path, cause })
    }

    /// Who was told to train it; `None` if nobody was.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) fn told(&self) -> Result<Option<Told>, ClusterError> {
        let path = self.0.join(TOLD);
        let text = match files::bytes(&path, MAX_BYTES) {
            Err(FileError::Missing(_)) => return Ok(None),
            text => text?,
        };
        let told = serde_json::from_slice(&text);
        told.map(Some).map_err(|error| ClusterError::Damaged { path, why: error.to_string() })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Where its segments are.
    pub(crate) fn segments_folder(&self) -> PathBuf {
        self.0.join(SEGMENTS)
    }

    /// Where its runs leave their files.
    pub(crate) fn runs_folder(&self) -> PathBuf {
        self.0.join(RUNS)
    }

    /// Where a job system writes.
    pub(crate) fn logs_folder(&self) -> PathBuf {
        self.0.join(LOGS)
    }

    /// The segments that there are, in the order of their names.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub(crate) fn segments(&self) -> Result<Vec<SegmentName>, ClusterError> {
        let folder = self.segments_folder();
        let io = |cause| ClusterError::Io { path: folder.clone(), cause };
        let mut names = Vec::new();
        for entry in fs::read_dir(&folder).map_err(io)? {
            let name = entry.map_err(io)?.file_name();
            names.extend(name.to_str().and_then(SegmentName::parse));
        }
        names.sort();
        Ok(names)
    }

    /// What is asked of its workers. A folder that cannot be looked into asks for nothing new.
    pub(crate) fn asks(&self) -> Option<Ask> {
        let mut ask = Ask::default();
        for entry in fs::read_dir(self.0.join(ASKS)).ok()? {
            let name = entry.ok()?.file_name();
            let Some(name) = name.to_str() else { continue };
            ask.pause |= name == PAUSE;
            ask.cancelled.extend(name.strip_prefix(CANCEL).map(|run| RunId(run.to_owned())));
        }
        Some(ask)
    }

    /// Asks workers for what was not asked `before`.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub(crate) fn ask(&self, before: &Ask, now: &Ask) -> Result<(), ClusterError> {
        if before.pause != now.pause {
            self.ask_to_pause(now)?;
        }
        now.cancelled.difference(&before.cancelled).try_for_each(|run| self.ask_to_cancel(run))
    }

    fn ask_to_pause(&self, ask: &Ask) -> Result<(), ClusterError> {
        let path = self.0.join(ASKS).join(PAUSE);
        let done = if ask.pause {
            File::create(&path).map(drop)
        } else {
            match fs::remove_file(&path) {
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
                done => done,
            }
        };
        done.map_err(|cause| ClusterError::Io { path, cause })
    }

    fn ask_to_cancel(&self, run: &RunId) -> Result<(), ClusterError> {
        let path = self.0.join(ASKS).join(format!("{CANCEL}{run}"));
        File::create(&path).map(drop).map_err(|cause| ClusterError::Io { path, cause })
    }
}
