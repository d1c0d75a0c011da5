//! `slurm.toml`: what Slurm is asked for. What is not said is Slurm's default.

use crate::cluster::settings_file::{self, SettingsFileError};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What Slurm is asked for.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SlurmSettings {
    /// `--partition`.
    pub partition: Option<String>,
    /// `--account`.
    pub account: Option<String>,
    /// `--qos`.
    pub qos: Option<String>,
    /// `--gres`, such as `gpu:1`.
    pub gres: Option<String>,
    /// `--gpus`.
    pub gpus: Option<String>,
    /// `--cpus-per-task`.
    pub cpus_per_task: Option<u32>,
    /// `--mem`, such as `16G`.
    pub mem: Option<String>,
    /// `--time`, such as `4:00:00`.
    pub time: Option<String>,
    /// `--constraint`.
    pub constraint: Option<String>,
    /// `--exclude`.
    pub exclude: Option<String>,
    /// How many tasks may run at once.
    pub at_once: Option<u32>,
    /// Lines of the script before the worker: modules, containers.
    pub setup: Vec<String>,
    /// Further options of `sbatch`.
    pub extra: Vec<String>,
    /// The program on the nodes.
    pub program: Option<PathBuf>,
    /// Where plan folders are made; all nodes must see it.
    pub folder: Option<PathBuf>,
    /// Minutes that a task is to take, about.
    pub task_minutes: f64,
    /// Seconds before the end of a task's time at which it saves and is queued again.
    pub warn_secs: u32,
    /// Seconds between two looks at the queue.
    pub check_secs: f64,
    /// Seconds without a new line after which a task that is in no queue is submitted again.
    pub quiet_secs: f64,
}

impl Default for SlurmSettings {
    fn default() -> Self {
        Self {
            partition: None,
            account: None,
            qos: None,
            gres: None,
            gpus: None,
            cpus_per_task: None,
            mem: None,
            time: None,
            constraint: None,
            exclude: None,
            at_once: None,
            setup: Vec::new(),
            extra: Vec::new(),
            program: None,
            folder: None,
            task_minutes: 30.0,
            warn_secs: 180,
            check_secs: 30.0,
            // Network file systems show what is new within a minute.
            quiet_secs: 90.0,
        }
    }
}

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// It cannot be read, or is no such file.
    #[error(transparent)]
    File(#[from] SettingsFileError),
    /// A field has a value that it cannot have.
    #[error("{}: {field}: {why}", path.display())]
    Value {
        /// The file.
        path: PathBuf,
        /// The field.
        field: &'static str,
        /// What it may be.
        why: &'static str,
    },
}

impl SlurmSettings {
    /// Whether its tasks are to have GPUs.
    pub fn asks_for_gpus(&self) -> bool {
        self.gres.is_some() || self.gpus.is_some()
    }

    /// Reads the file.
    ///
    /// # Errors
    /// It cannot be read, has a field that is not known, or a value that cannot be.
    pub fn read(path: &Path) -> Result<Self, SettingsError> {
        let settings: Self = settings_file::read(path)?;
        let wrong = |field, why| Err(SettingsError::Value { path: path.to_owned(), field, why });
        let is_time = |number: f64| (0.0..=1e6).contains(&number);
        if !is_time(settings.task_minutes) || settings.task_minutes == 0.0 {
            return wrong("task_minutes", "a number of minutes above 0");
        }
        if !is_time(settings.check_secs) || settings.check_secs < 0.1 {
            return wrong("check_secs", "a number of seconds, 0.1 at least");
        }
        if !is_time(settings.quiet_secs) {
            return wrong("quiet_secs", "a number of seconds");
        }
        if settings.at_once == Some(0) {
            return wrong("at_once", "a number above 0");
        }
        if settings.setup.iter().any(|line| line.contains('\n')) {
            return wrong("setup", "a list of lines");
        }
        Ok(settings)
    }

    /// Time between two looks at the queue.
    pub fn check_every(&self) -> Duration {
        Duration::from_secs_f64(self.check_secs)
    }

    /// Time without a new line after which a task that is in no queue is submitted again.
    pub fn quiet(&self) -> Duration {
        Duration::from_secs_f64(self.quiet_secs)
    }

    /// What `--mem` is in bytes, where it is said and can be understood.
    pub fn memory_bytes(&self) -> Option<u64> {
        let text = self.mem.as_deref()?.trim();
        let (number, unit) = match text.char_indices().last()? {
            (at, unit) if unit.is_ascii_alphabetic() => (&text[..at], unit.to_ascii_uppercase()),
            _ => (text, 'M'),
        };
        let power = "KMGT".find(unit)? as u32 + 1;
        number.parse::<u64>().ok()?.checked_mul(1 << (10 * power))
    }

    /// The options of `sbatch` that say what a task needs.
    pub(super) fn options(&self) -> Vec<String> {
        let texts = [
            ("partition", &self.partition),
            ("account", &self.account),
            ("qos", &self.qos),
            ("gres", &self.gres),
            ("gpus", &self.gpus),
            ("mem", &self.mem),
            ("time", &self.time),
            ("constraint", &self.constraint),
            ("exclude", &self.exclude),
        ];
        let said =
            texts.into_iter().filter_map(|(name, value)| Some(format!("--{name}={}", value.as_ref()?)));
        let cpus = self.cpus_per_task.map(|cpus| format!("--cpus-per-task={cpus}"));
        said.chain(cpus).chain(self.extra.iter().cloned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::settings_file::tests::{of_text, refuses};

    fn read(text: &str) -> Result<SlurmSettings, String> {
        of_text(SlurmSettings::read, text)
    }

    #[test]
    fn a_file_says_what_a_task_needs() {
        let settings = read(
            "partition = \"gpu\"\ngres = \"gpu:1\"\nmem = \"16G\"\ncpus_per_task = 4\nsetup = [\"module load cuda\"]\nextra = \
             [\"--mail-type=END\"]",
        )
        .unwrap();
        let want = ["--partition=gpu", "--gres=gpu:1", "--mem=16G", "--cpus-per-task=4", "--mail-type=END"];
        assert_eq!(settings.options(), want);
        assert_eq!(settings.memory_bytes(), Some(16 << 30));
        assert_eq!(read("mem = \"500\"").unwrap().memory_bytes(), Some(500 << 20));
        assert_eq!(read("mem = \"lots\"").unwrap().memory_bytes(), None);
        assert_eq!(read("").unwrap(), SlurmSettings::default());
    }

    #[test]
    fn what_cannot_be_is_refused_with_its_field() {
        let texts = [
            ("partitoin = \"x\"", "partitoin"),
            ("at_once = 0", "at_once"),
            ("task_minutes = 0", "task_minutes"),
            ("check_secs = nan", "check_secs"),
            ("setup = [\"a\\nb\"]", "setup"),
            ("mem = 5", "mem"),
            ("[[", "line 1"),
        ];
        refuses(SlurmSettings::read, &texts);
    }
}
