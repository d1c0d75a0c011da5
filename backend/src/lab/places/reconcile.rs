//! What is unfinished and in no queue is submitted again.
//!
//! What is unfinished is known from the segments, and the queue says who still works on it. No answer means that nothing
//! is known, and an empty one is believed the second time, when the segments have been quiet for a while.

use super::folding::Folding;
use crate::cluster::{JobState, QueuedTask, SlurmSettings, Submission, cancel, queued};
use crate::lab::gone::{Gone, WorkerFate};
use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::time::Instant;
use tunemask_shared::event::EventKind;
use tunemask_shared::run::RunId;

/// Good answers in a row without a task, before it is believed to be in no queue.
const ANSWERS_WITHOUT_TASK: u32 = 2;

/// How often a task may end before it takes a step, or at the same step.
const MAX_LOSSES: u32 = 3;

/// Reasons for which a task waits that no waiting mends.
const HOPELESS: [&str; 5] =
    ["PartitionTimeLimit", "PartitionNodeLimit", "BadConstraints", "InvalidAccount", "InvalidQOS"];

/// Submits tasks, and submits them again.
#[derive(Debug)]
pub(super) struct Reconcile {
    settings: SlurmSettings,
    submission: Submission,
    /// The runs of each task.
    tasks: Vec<Vec<RunId>>,
    logs: PathBuf,
    next: Option<Instant>,
    since: Instant,
    /// Good answers in a row without the task.
    missing: HashMap<usize, u32>,
    /// Tasks that were submitted again.
    gone: Gone<usize>,
    /// Tasks that Slurm has refused so far.
    refused: HashSet<usize>,
    /// Whether this program made the plan, so that nobody has submitted anything of it.
    new: bool,
    said: HashSet<String>,
}

/// Whether anything of a plan may be in a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lab) enum Known {
    /// It was just made.
    New,
    /// A program before this one had it.
    Older,
}

impl Reconcile {
    /// What is to be reconciled of a plan.
    pub(super) fn new(
        settings: SlurmSettings,
        submission: Submission,
        tasks: Vec<Vec<RunId>>,
        logs: PathBuf,
        known: Known,
    ) -> Self {
        Self {
            settings,
            submission,
            tasks,
            logs,
            next: None,
            since: Instant::now(),
            missing: HashMap::new(),
            gone: Gone::new(MAX_LOSSES),
            refused: HashSet::new(),
            new: known == Known::New,
            said: HashSet::new(),
        }
    }

    /// Looks at the queue when it is time; gives the last lines of runs that come no further.
    pub(super) fn tick(&mut self, folding: &mut Folding) -> Vec<EventKind> {
        if self.next.is_some_and(|next| Instant::now() < next) {
            return Vec::new();
        }
        self.next = Some(Instant::now() + self.settings.check_every());
        let open = |runs: &Vec<RunId>| runs.iter().any(|run| !folding.fold().is_over(run));
        let open: Vec<usize> = (0..self.tasks.len()).filter(|task| open(&self.tasks[*task])).collect();
        if open.is_empty() {
            return Vec::new();
        }
        let queue = match queued(&self.submission.names()) {
            Ok(queue) => queue,
            // It may come back: workers go on meanwhile.
            Err(error) => {
                self.say(format!("{error}; it is asked again"));
                return Vec::new();
            }
        };
        let active = self.active(&queue);
        for task in &open {
            let missing = self.missing.entry(*task).or_default();
            *missing = if active.contains(task) { 0 } else { *missing + 1 };
        }
        if std::mem::take(&mut self.new) {
            let due: Vec<usize> = open.into_iter().filter(|task| !active.contains(task)).collect();
            self.submit(&due);
            return Vec::new();
        }
        let (mut due, mut failures) = (Vec::new(), Vec::new());
        for task in open.into_iter().filter(|task| self.is_missing(*task, folding)).collect::<Vec<_>>() {
            // What was refused has not ended.
            let verdict =
                if self.refused.contains(&task) { WorkerFate::GoesOn } else { self.gone(task, folding) };
            match verdict {
                WorkerFate::GoesOn => due.push(task),
                verdict => failures.extend(self.failures(task, verdict, &queue, folding)),
            }
        }
        self.submit(&due);
        failures
    }

    /// The tasks that wait or run; those that Slurm cannot start are taken out of its queue.
    fn active(&mut self, queue: &[QueuedTask]) -> HashSet<usize> {
        let stuck: Vec<&QueuedTask> = queue.iter().filter(|task| task.state == JobState::Stuck).collect();
        for task in &stuck {
            self.say(format!("Slurm holds {} ({}): it is submitted again", task.id, task.reason));
        }
        cancel(&stuck.iter().map(|task| task.id.clone()).collect::<Vec<_>>());
        let active: Vec<&QueuedTask> = queue.iter().filter(|task| task.state == JobState::Active).collect();
        for task in &active {
            if HOPELESS.contains(&task.reason.as_str()) {
                self.say(format!(
                    "Slurm says that {} will not start: {}; see slurm.toml",
                    task.id, task.reason
                ));
            }
        }
        active.iter().filter_map(|task| self.submission.task(&task.name, task.index)).collect()
    }

    fn is_missing(&self, task: usize, folding: &Folding) -> bool {
        let quiet_since = folding.news_of(task).map_or(self.since, |news| news.max(self.since));
        self.missing.get(&task).is_some_and(|times| *times >= ANSWERS_WITHOUT_TASK)
            && quiet_since.elapsed() >= self.settings.quiet()
    }

    /// Takes note that nobody works at a task any more.
    fn gone(&mut self, task: usize, folding: &mut Folding) -> WorkerFate {
        let steps = self.tasks[task].iter().filter_map(|run| folding.came_to(run));
        // Over all of its gangs, one after the other: a task that comes further in any is not where it was.
        let came_to = steps.reduce(|all, steps| all + steps);
        folding.forget_steps(&self.tasks[task]);
        self.gone.take(task, came_to)
    }

    /// Submits tasks. What Slurm refuses, as where a user may have no more of them in its queue, is no try of theirs.
    fn submit(&mut self, tasks: &[usize]) {
        self.refused.extend(tasks);
        for array in self.submission.arrays(tasks) {
            match self.submission.submit(&array) {
                Ok(id) => {
                    tracing::info!("submitted {} tasks to Slurm as {id}", array.len());
                    for task in array {
                        self.missing.remove(&task);
                        self.refused.remove(&task);
                    }
                    self.since = Instant::now();
                }
                // Should it have taken them all the same, its queue shows it.
                Err(error) => return self.say(format!("{error}; it is tried again")),
            }
        }
    }

    fn failures(
        &mut self,
        task: usize,
        verdict: WorkerFate,
        queue: &[QueuedTask],
        folding: &Folding,
    ) -> Vec<EventKind> {
        let of_task = |queued: &&QueuedTask| self.submission.task(&queued.name, queued.index) == Some(task);
        let last = queue.iter().filter(of_task).map(|queued| queued.reason.clone()).next_back();
        let said = last.unwrap_or_else(|| "unknown".into());
        let log =
            self.last_words(task).map(|words| format!("; its log ends with: {words}")).unwrap_or_default();
        let reason = format!(
            "Slurm's task {task} ended {verdict}; last reported reason: {said}{log}; see {}",
            self.logs.display()
        );
        let open = self.tasks[task].iter().filter(|run| !folding.fold().is_over(run));
        open.map(|run| EventKind::failed(run.clone(), &reason)).collect()
    }

    /// The last line of the newest log of a task.
    fn last_words(&self, task: usize) -> Option<String> {
        let logs = fs::read_dir(&self.logs).ok()?.flatten();
        let is_own = |name: &str| self.submission.is_log_of(task, name);
        let own = logs.filter(|log| is_own(&log.file_name().to_string_lossy()));
        let newest = own.max_by_key(|log| log.metadata().and_then(|about| about.modified()).ok())?;
        let mut log = File::open(newest.path()).ok()?;
        log.seek(SeekFrom::Start(log.metadata().ok()?.len().saturating_sub(1000))).ok()?;
        let mut bytes = Vec::new();
        log.take(1000).read_to_end(&mut bytes).ok()?;
        let text = String::from_utf8_lossy(&bytes);
        text.lines().rev().find(|line| !line.trim().is_empty()).map(str::to_owned)
    }

    /// Takes what is left of the plan out of the queue.
    pub(super) fn cancel_all(&self) {
        let Ok(queue) = queued(&self.submission.names()) else { return };
        let left = queue.into_iter().filter(|task| task.state != JobState::Over).map(|task| task.id);
        cancel(&left.collect::<Vec<_>>());
    }

    /// Says once what the user should know.
    fn say(&mut self, what: String) {
        if self.said.insert(what.clone()) {
            tracing::warn!("{what}");
        }
    }
}
