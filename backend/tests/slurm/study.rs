//! A study as its user starts it: a program that submits, and what it must come to.

use crate::support::{self, Listener};
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tunemask::artifacts::Artifacts;
use tunemask::store::Reader;
use tunemask_shared::event::{EventKind, Outcome};
use tunemask_shared::experiment_file::ExperimentFile;
use tunemask_shared::run::RunId;
use tunemask_shared::state::LabState;

/// How long a study may take.
const PATIENCE: Duration = Duration::from_secs(420);

/// Gangs of vectors, and whole matrices that go alone: four tasks of some seconds.
pub const EXPERIMENT: &str = r#"
name = "spread"
tasks = ["sentiment", "entailment"]
masks = ["layernorms", "frozen", "mha"]
learning_rates = [1e-3]
seeds = [1]
epochs = 60
batch_size = 8
dropout = 0.1
train_limit = 64
eval_limit = 16
"#;

/// A program that ends with its test.
pub struct Program(std::process::Child);

impl Program {
    /// Ends it as a power cut would.
    pub fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // One that has ended is as good.
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

/// A study with a home of its own.
pub struct Study {
    folder: tempfile::TempDir,
    environment: Vec<(String, String)>,
    text: String,
}

impl Study {
    /// With these lines in its `slurm.toml`, for a program that finds these variables.
    pub fn new(text: &str, settings: &str, environment: Vec<(String, String)>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("experiment.toml"), text).unwrap();
        let quick = "check_secs = 1\nquiet_secs = 3\nwarn_secs = 30\ntask_minutes = 0.001\n";
        fs::write(folder.path().join("slurm.toml"), format!("{quick}{settings}\n")).unwrap();
        Self { folder, environment, text: text.to_owned() }
    }

    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    pub fn command(&self, more: &[&str]) -> Command {
        let file = |name: &str| self.folder.path().join(name).display().to_string();
        let mut command = Command::new(env!("CARGO_BIN_EXE_tunemask"));
        command.args([
            "run",
            &file("experiment.toml"),
            "--home",
            &file("home"),
            "--slurm",
            &file("slurm.toml"),
        ]);
        command.args(["--threads", "1"]).args(more).envs(self.environment.iter().cloned());
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command
    }

    /// Starts the program.
    pub fn start(&self) -> Program {
        Program(self.command(&[]).spawn().unwrap())
    }

    /// Waits until the program has ended well.
    pub fn wait(&self, mut program: Program) {
        let begin = Instant::now();
        loop {
            if let Some(status) = program.0.try_wait().unwrap() {
                assert!(status.success(), "{status}");
                return;
            }
            if begin.elapsed() > PATIENCE {
                panic!("it takes too long: {:?}", self.segments());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// The folders of plans that were submitted.
    pub fn plans(&self) -> Vec<PathBuf> {
        list(&self.home().join("slurm"))
    }

    /// What workers wrote, by the segments' names.
    pub fn segments(&self) -> HashMap<String, String> {
        let files = self.plans().into_iter().flat_map(|plan| list(&plan.join("segments")));
        let named = files.filter_map(|path| {
            Some((path.file_name()?.to_str()?.to_owned(), fs::read_to_string(&path).ok()?))
        });
        named.collect()
    }

    /// Waits until what workers wrote is as wanted.
    pub fn until(&self, what: &str, done: impl Fn(&HashMap<String, String>) -> bool) {
        let begin = Instant::now();
        while !done(&self.segments()) {
            assert!(begin.elapsed() < PATIENCE, "{what}: {:?}", self.segments().keys());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    pub fn state(&self) -> LabState {
        Reader::open(&self.home()).unwrap().state().unwrap()
    }

    /// Every run has finished once, has the bits of a run in one process and left its file; nothing is left of the plan.
    pub fn is_whole(&self) {
        let want = self.in_one_process();
        let state = self.state();
        let experiment = state.experiments.values().next_back().unwrap();
        assert_eq!(experiment.runs.len(), want.len());
        let events = Reader::open(&self.home()).unwrap().events(0).unwrap();
        for run in &experiment.runs {
            let known = &state.runs[run];
            let outcome = known.outcome.as_ref().unwrap_or_else(|| panic!("{run}: {known:?}"));
            assert_eq!(outcome.trained_sha256, want[run].trained_sha256, "{run}");
            assert_eq!(outcome.metrics, want[run].metrics, "{run}");
            let ends = events
                .iter()
                .filter(|event| matches!(&event.kind, EventKind::Finished { run: own, .. } if own == run));
            assert_eq!(ends.count(), 1, "{run}");
            let points = support::points(&events, run);
            assert!(points.step.iter().copied().eq(1..=known.steps), "{run}: {:?}", points.step);
            assert!(Artifacts::new(&self.home()).finished(&run.0).unwrap().is_some());
        }
        assert_eq!(self.plans(), Vec::<PathBuf>::new());
    }

    fn in_one_process(&self) -> HashMap<RunId, Outcome> {
        let home = tempfile::tempdir().unwrap();
        let lab = support::open(home.path());
        let experiment = ExperimentFile::read(&self.text).unwrap().experiment;
        let mut listener = Listener::new(&lab);
        let id = lab.submit(&experiment).unwrap();
        listener.until_over(id);
        let runs = listener.state.experiments[&id].runs.iter();
        runs.map(|run| (run.clone(), listener.state.runs[run].outcome.clone().unwrap())).collect()
    }
}

fn list(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}
