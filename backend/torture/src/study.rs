//! What is trained, and what an undisturbed program makes of it.

use crate::log::{events, results};
use crate::program::{Binary, Means};
use anyhow::{Result, bail};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tunemask_shared::experiment::Experiment;
use tunemask_shared::experiment_file;
use tunemask_shared::run::RunId;

/// An experiment, and what comes of it when nobody disturbs it.
#[derive(Debug)]
pub struct Study {
    /// What is trained.
    pub experiment: Experiment,
    /// The same as a file, in a folder that this keeps.
    pub file: PathBuf,
    /// What each run becomes, times aside.
    pub reference: BTreeMap<RunId, String>,
    /// How long that took.
    pub took: Duration,
    _folder: tempfile::TempDir,
}

/// Seconds of training on the built-in model: gangs and runs that train alone, with dropout, which every resumed run meets.
pub fn small() -> Experiment {
    Experiment {
        name: "torture".into(),
        tasks: vec!["sentiment".into(), "tags".into()],
        masks: ["layernorms", "frozen", "ffn", "outliers:16"].map(String::from).into(),
        learning_rates: vec![1e-3],
        seeds: vec![1, 2],
        epochs: Some(3),
        dropout: Some(0.1),
        batch_size: 8,
        train_limit: Some(96),
        eval_limit: Some(32),
        ..Experiment::default()
    }
}

impl Study {
    /// Trains an experiment in a home of its own, to its end.
    ///
    /// # Errors
    /// It does not come to its end.
    pub fn new(binary: &Binary, experiment: Experiment) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let (file, home) = (folder.path().join("experiment.toml"), folder.path().join("home"));
        fs::write(&file, experiment_file::write(&experiment))?;
        let begin = Instant::now();
        let study =
            Self { experiment, file, reference: BTreeMap::new(), took: Duration::ZERO, _folder: folder };
        let output = binary.ran(&Means::default(), &study.arguments(), &home)?;
        if !output.status.success() {
            bail!("the reference did not come to its end: {}", String::from_utf8_lossy(&output.stderr));
        }
        let reference = results(&events(&home)?);
        Ok(Self { reference, took: begin.elapsed(), ..study })
    }

    /// One of which only the reference is known, for tests.
    #[cfg(test)]
    pub fn of_reference(reference: BTreeMap<RunId, String>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (experiment, file, took) = (small(), folder.path().to_owned(), Duration::ZERO);
        Self { experiment, file, reference, took, _folder: folder }
    }

    /// The arguments of `tunemask run` that train it and print every line.
    pub fn arguments(&self) -> Vec<&str> {
        let file = self.file.to_str().unwrap_or_default();
        vec!["run", file, "--device", "cpu", "--threads", "1", "--json"]
    }

    /// The same with two worker processes.
    pub fn on_two_workers(&self) -> Vec<&str> {
        let file = self.file.to_str().unwrap_or_default();
        vec!["run", file, "--devices", "cpu*2", "--threads", "2", "--json"]
    }
}
