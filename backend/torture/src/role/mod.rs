//! Programs that are killed and started again.
//!
//! A role is a way to lead a study to its end on a home folder. Whatever was killed before, in this role or another, it goes
//! on where that was. A new kind of program needs a file here, and its name in `all`. In reading order:

/// `tunemask run`.
mod run;
/// `tunemask run` with worker processes.
mod fleet;
/// `tunemask serve`, with a page that asks for what is missing.
mod serve;

use crate::ledger::Shown;
use crate::program::{Binary, Ending};
use crate::study::Study;
use anyhow::Result;
use std::path::Path;
use std::time::Duration;

/// What a role works on.
#[derive(Clone, Copy, Debug)]
pub struct Stage<'a> {
    /// The program.
    pub binary: &'a Binary,
    /// The home folder, which may hold what others left.
    pub home: &'a Path,
    /// What is to be trained.
    pub study: &'a Study,
    /// Whence the role takes what it leaves to chance.
    pub seed: u64,
}

/// Whether there is something left to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// There is.
    Works,
    /// Every run is over.
    Over,
}

/// A kind of program.
pub trait Role: Sync {
    /// What it is called.
    fn name(&self) -> &'static str;
    /// Starts it.
    ///
    /// # Errors
    /// It cannot be started.
    fn start(&self, stage: Stage<'_>) -> Result<Box<dyn Working>>;
}

/// A program that works.
pub trait Working {
    /// Lets it work, at most so long, and takes note of what it shows.
    ///
    /// # Errors
    /// It ends before its time, or does what it must not.
    fn work(&mut self, within: Duration) -> Result<Progress>;
    /// Ends it.
    ///
    /// # Errors
    /// It does not end; it has panicked.
    fn end(self: Box<Self>, how: Ending) -> Result<Ended>;
}

/// What a program was until its end.
#[derive(Debug)]
pub struct Ended {
    /// What it has shown.
    pub shown: Vec<Shown>,
    /// The kind of what was ended: of a program that starts others, one of these or itself.
    pub kind: &'static str,
}

/// All that there are.
pub fn all() -> Vec<&'static dyn Role> {
    vec![&run::Run, &serve::Serve, &fleet::Fleet::Coordinator, &fleet::Fleet::Worker]
}
