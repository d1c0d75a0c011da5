//! Arrays of tasks: submitted, and found again by their names.

use super::SlurmSettings;
use super::program::{SlurmError, answer};
use super::script::{quoted, script};
use crate::cluster::{ClusterError, PlanFolder};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Tasks of an array at most, whatever Slurm allows.
const MAX_ARRAY_TASKS: usize = 500;

const SCRIPT: &str = "job.sh";

/// The tasks of a plan, as Slurm gets them.
#[derive(Clone, Debug)]
pub(crate) struct Submission {
    settings: SlurmSettings,
    /// The name of its arrays; further ones have a number behind it.
    name: String,
    script: PathBuf,
    logs: PathBuf,
    tasks: usize,
    /// Tasks of an array: Slurm bounds a task's number in it.
    per_array: usize,
}

impl Submission {
    /// Writes the script of a plan. `arguments` are the worker's.
    ///
    /// # Errors
    /// The script cannot be written.
    pub(crate) fn new(
        settings: &SlurmSettings,
        folder: &PlanFolder,
        name: &str,
        tasks: usize,
        arguments: &[String],
    ) -> Result<Self, ClusterError> {
        let path = folder.path().join(SCRIPT);
        let io = |cause| ClusterError::Io { path: path.clone(), cause };
        let plan = std::path::absolute(folder.path()).map_err(io)?;
        let own = || std::env::current_exe().map_err(io);
        let program = settings.program.clone().map_or_else(own, Ok)?;
        let text = script(settings, &program, &plan, arguments);
        crate::tensors::replace(&path, text.as_bytes()).map_err(io)?;
        let logs = plan.join("logs/%x_%A_%a.log");
        let per_array = MAX_ARRAY_TASKS.min(max_array_size().unwrap_or(MAX_ARRAY_TASKS)).max(1);
        let script = plan.join(SCRIPT);
        Ok(Self { settings: settings.clone(), name: name.to_owned(), script, logs, tasks, per_array })
    }

    /// The names of all of its arrays.
    pub(crate) fn names(&self) -> Vec<String> {
        (0..self.tasks.div_ceil(self.per_array).max(1)).map(|array| self.array_name(array)).collect()
    }

    fn array_name(&self, array: usize) -> String {
        if array == 0 { self.name.clone() } else { format!("{}.{array}", self.name) }
    }

    /// The task with this number in an array of this name.
    pub(crate) fn task(&self, name: &str, index: Option<usize>) -> Option<usize> {
        let array = self.names().iter().position(|own| own == name)?;
        Some(array * self.per_array + index?)
    }

    /// Whether a log of this name is of a task: its array's name, what Slurm called the array, and the task's number there.
    pub(crate) fn is_log_of(&self, task: usize, file: &str) -> bool {
        let (array, index) = (task / self.per_array, task % self.per_array);
        let id = file.strip_prefix(&format!("{}_", self.array_name(array)));
        let id = id.and_then(|rest| rest.strip_suffix(&format!("_{index}.log")));
        id.is_some_and(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()))
    }

    /// These tasks by the arrays that they are submitted in.
    pub(crate) fn arrays(&self, tasks: &[usize]) -> Vec<Vec<usize>> {
        let mut arrays: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        tasks.iter().for_each(|task| arrays.entry(task / self.per_array).or_default().push(*task));
        arrays.into_values().collect()
    }

    /// The command lines that submit these tasks.
    pub(crate) fn commands(&self, tasks: &[usize]) -> Vec<Vec<String>> {
        self.arrays(tasks).iter().map(|tasks| self.command(tasks)).collect()
    }

    /// The one that submits tasks of one array.
    fn command(&self, tasks: &[usize]) -> Vec<String> {
        let array = tasks.first().map_or(0, |task| task / self.per_array);
        let first = array * self.per_array;
        let indices: Vec<usize> = tasks.iter().map(|task| task - first).collect();
        let at_once = self.settings.at_once.map(|most| format!("%{most}")).unwrap_or_default();
        let mut words = vec![
            "sbatch".to_owned(),
            "--parsable".into(),
            "--requeue".into(),
            "--open-mode=append".into(),
            format!("--signal=B:USR1@{}", self.settings.warn_secs),
            format!("--job-name={}", self.array_name(array)),
            format!("--output={}", self.logs.display()),
            format!("--array={}{at_once}", ranges(&indices)),
        ];
        words.extend(self.settings.options());
        words.push(self.script.display().to_string());
        words.push(first.to_string());
        words
    }

    /// Submits tasks of one array; gives what Slurm calls it.
    ///
    /// # Errors
    /// Slurm refuses, or does not answer.
    pub(crate) fn submit(&self, tasks: &[usize]) -> Result<String, SlurmError> {
        let command = self.command(tasks);
        let id = answer(&command[0], &command[1..])?;
        Ok(id.trim().split(';').next().unwrap_or_default().to_owned())
    }

    /// A command line as a shell takes it.
    pub(crate) fn shell_line(command: &[String]) -> String {
        command.iter().map(|word| quoted(OsStr::new(word))).collect::<Vec<_>>().join(" ")
    }

    /// Where its script is.
    pub(crate) fn script(&self) -> &Path {
        &self.script
    }
}

/// `0-3,7`.
fn ranges(indices: &[usize]) -> String {
    let mut sorted = indices.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for index in sorted {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == index => *last = index,
            _ => ranges.push((index, index)),
        }
    }
    let text = |(first, last): &(usize, usize)| {
        if first == last { first.to_string() } else { format!("{first}-{last}") }
    };
    ranges.iter().map(text).collect::<Vec<_>>().join(",")
}

/// What a task's number in an array stays below, where Slurm says it.
fn max_array_size() -> Option<usize> {
    let text = answer("scontrol", &["show".into(), "config".into()]).ok()?;
    let line = text.lines().find_map(|line| line.trim_start().strip_prefix("MaxArraySize"))?;
    line.trim_start().strip_prefix('=')?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn submission(tasks: usize, per_array: usize) -> Submission {
        Submission {
            settings: SlurmSettings {
                at_once: Some(2),
                time: Some("1:00:00".into()),
                ..SlurmSettings::default()
            },
            name: "tm-a".into(),
            script: "/p/job.sh".into(),
            logs: "/p/logs/%x_%A_%a.log".into(),
            tasks,
            per_array,
        }
    }

    #[test]
    fn more_tasks_than_an_array_may_have_are_several_arrays() {
        let many = submission(10, 4);
        assert_eq!(many.names(), ["tm-a", "tm-a.1", "tm-a.2"]);
        let commands = many.commands(&[9, 0, 1, 2, 3, 6]);
        let has = |i: usize, words: [&str; 3]| {
            let line: &Vec<String> = &commands[i];
            words.iter().all(|word| line.iter().any(|own| own == word))
        };
        assert_eq!(commands.len(), 3);
        assert!(has(0, ["--job-name=tm-a", "--array=0-3%2", "0"]), "{commands:?}");
        assert!(has(1, ["--job-name=tm-a.1", "--array=2%2", "4"]), "{commands:?}");
        assert!(has(2, ["--job-name=tm-a.2", "--array=1%2", "8"]), "{commands:?}");
        assert!(has(2, ["--parsable", "--requeue", "--time=1:00:00"]));
        assert_eq!(many.task("tm-a.2", Some(1)), Some(9));
        assert_eq!(many.task("other", Some(1)), None);
        assert_eq!(many.arrays(&[9, 0, 6]), [vec![0], vec![6], vec![9]]);
    }

    #[test]
    fn a_log_is_of_one_task() {
        let many = submission(10, 4);
        let tasks = |file: &str| (0..10).filter(|task| many.is_log_of(*task, file)).collect::<Vec<_>>();
        assert_eq!(
            [tasks("tm-a_71_1.log"), tasks("tm-a.1_72_1.log"), tasks("tm-a.2_73_1.log")],
            [[1], [5], [9]]
        );
        assert_eq!(
            [tasks("71_1.log"), tasks("tm-b_71_1.log"), tasks("tm-a_71_11.log")],
            [const { Vec::<usize>::new() }; 3]
        );
    }

    #[test]
    fn numbers_are_said_as_ranges() {
        assert_eq!(ranges(&[3, 1, 2, 9, 7, 8, 5, 5]), "1-3,5,7-9");
        assert_eq!(ranges(&[4]), "4");
    }
}
