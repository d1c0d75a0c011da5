//! How a plan's folder ends: it goes when each of its lines is in the log, and at whatever moment the program that removes it
//! is killed, the next one can tell.
//!
//! First `plan.json` gets another name, which says that nothing of it is wanted any more; then the log forgets how far the
//! segments are read; then all goes, that name last. A folder with neither name and with segments is nobody's to remove.

use super::{PLAN, PlanFolder, SEGMENTS};
use crate::tensors::sync;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

/// The name of `plan.json` when all of the plan is in the log.
const OVER: &str = "over.json";

/// Says what of the segments is not in the log and will not be.
const LEFT_OUT: &str = "left-out.txt";

/// A folder without a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Remains {
    /// Of a plan that is over.
    Over,
    /// Of one that was never written: nobody was told of it.
    Unwritten,
    /// Somebody wrote segments.
    Segments,
}

impl PlanFolder {
    /// Says that all of it is in the log.
    ///
    /// # Errors
    /// It cannot be said: the folder is as it was.
    pub(crate) fn end(&self) -> io::Result<()> {
        fs::rename(self.0.join(PLAN), self.0.join(OVER))?;
        sync(&self.0)
    }

    /// Takes note for people of what is not in the log and will not be.
    ///
    /// # Errors
    /// It cannot be noted.
    pub(crate) fn note_left_out(&self, what: &str) -> io::Result<()> {
        let mut file = OpenOptions::new().create(true).append(true).open(self.0.join(LEFT_OUT))?;
        writeln!(file, "{what}")?;
        file.sync_data()
    }

    /// Removes a folder whose plan is over, unless it holds what is nowhere else.
    pub(crate) fn remove(&self) {
        // What cannot be asked may be there.
        if self.0.join(LEFT_OUT).try_exists().unwrap_or(true) {
            tracing::warn!(
                "{} is kept, because not all that workers wrote there is in the log: {LEFT_OUT} says what is not; delete the \
                 folder when you need none of it",
                self.0.display()
            );
            return;
        }
        if let Err(error) = self.remove_all() {
            tracing::warn!("{} takes room and is of no use any more: {error}", self.0.display());
        }
    }

    /// Removes what is left of a folder that has no plan and no segments.
    pub(crate) fn remove_unwritten(path: &Path) {
        if let Err(error) = fs::remove_dir_all(path) {
            tracing::warn!("{} takes room and is of no use: {error}", path.display());
        }
    }

    /// The name that says that the plan is over goes last.
    fn remove_all(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.0)? {
            let entry = entry?;
            if entry.file_name() == OVER {
                continue;
            }
            let path = entry.path();
            if entry.file_type()?.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) }?;
        }
        fs::remove_file(self.0.join(OVER))?;
        fs::remove_dir(&self.0)
    }

    /// What there is of a folder that has no `plan.json`.
    ///
    /// # Errors
    /// It cannot be looked at.
    pub(crate) fn remains(path: &Path) -> io::Result<Remains> {
        if path.join(OVER).try_exists()? {
            return Ok(Remains::Over);
        }
        match fs::read_dir(path.join(SEGMENTS)) {
            Ok(mut segments) => match segments.next() {
                None => Ok(Remains::Unwritten),
                Some(entry) => entry.map(|_| Remains::Segments),
            },
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Remains::Unwritten),
            Err(error) => Err(error),
        }
    }

    /// A folder that has no plan any more.
    pub(crate) fn without_plan(path: &Path) -> Self {
        Self(path.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::WorkPlan;
    use std::fs::File;

    fn folder(above: &Path) -> PlanFolder {
        PlanFolder::create_apart(above, &WorkPlan::new(Vec::new(), Vec::new(), Vec::new())).unwrap()
    }

    #[test]
    fn what_is_left_of_a_folder_says_whether_it_may_go() {
        let above = tempfile::tempdir().unwrap();
        let folder = folder(above.path());
        let path = folder.path().to_owned();
        let segment = folder.segments_folder().join("00000.0.node.1.jsonl");
        File::create(&segment).unwrap();
        folder.end().unwrap();
        assert_eq!(PlanFolder::remains(&path).unwrap(), Remains::Over);
        assert!(PlanFolder::open(&path).is_err());
        // As where the name had not gone last.
        fs::remove_file(path.join(OVER)).unwrap();
        assert_eq!(PlanFolder::remains(&path).unwrap(), Remains::Segments);
        fs::remove_file(segment).unwrap();
        assert_eq!(PlanFolder::remains(&path).unwrap(), Remains::Unwritten);
        fs::remove_dir(path.join(SEGMENTS)).unwrap();
        assert_eq!(PlanFolder::remains(&path).unwrap(), Remains::Unwritten);
    }

    #[test]
    fn a_folder_with_what_was_left_out_stays() {
        let above = tempfile::tempdir().unwrap();
        let [kept, gone] = [folder(above.path()), folder(above.path())];
        kept.note_left_out("a line").unwrap();
        for folder in [&kept, &gone] {
            folder.end().unwrap();
            folder.remove();
        }
        assert!(kept.path().is_dir() && !gone.path().exists());
        assert_eq!(fs::read_to_string(kept.path().join(LEFT_OUT)).unwrap(), "a line\n");
    }
}
