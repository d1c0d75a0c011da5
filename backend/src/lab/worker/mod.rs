//! A worker: trains the gangs of a plan folder's tasks, and writes what becomes of them to a segment of its own.
//!
//! It never opens the log. What it trains is trained as in a lab: its lines go through a journal whose sink is the
//! segment. At its start it reads what workers before it wrote of the task, so that it goes on where they were, and
//! trains nothing that is over. Between two steps it obeys what is asked in the folder. In reading order:

/// What is asked in the folder, while it trains.
mod obeys;
/// What workers before it wrote.
mod before;
/// A task, from its first gang to its last.
mod task;

use super::LabError;
use super::control::Control;
use super::resources::Resources;
use crate::cluster::{ClusterError, Left, PlanFolder, node};
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use tunemask_engine::Device;
use tunemask_shared::event::Node;
use tunemask_shared::run::RunId;

/// Why a worker does not train.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// The plan cannot be used.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// Its segment cannot be written, or a thread not be started.
    #[error(transparent)]
    Lab(#[from] LabError),
}

/// Who works.
#[derive(Clone, Debug)]
pub struct WorkerOptions {
    /// What trains.
    pub device: Device,
    /// What it is called among the workers of its machine, where there are several.
    pub name: Option<String>,
    /// What a job system calls it.
    pub job: Option<String>,
}

/// How a task was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskEnd {
    /// Each of its runs is over.
    Done,
    /// It was asked to end; what it trained is saved.
    Stopped,
    /// Its device fails; what it trained is saved as far as the device gave it.
    Lost,
}

/// The runs of a plan that are over, as its workers wrote it.
///
/// # Errors
/// The plan cannot be used, or its segments not be listed.
pub fn runs_over(plan: &Path) -> Result<HashSet<RunId>, WorkerError> {
    let (folder, plan) = PlanFolder::open(plan)?;
    let mut over = HashSet::new();
    for task in 0..plan.tasks.len() {
        let mut runs = plan.gangs_of(task).flat_map(|gang| &gang.runs).peekable();
        if runs.peek().is_none() {
            continue;
        }
        let before = before::Before::read(&folder, &plan, task)?;
        over.extend(runs.filter(|run| before.fold.is_over(run)).cloned());
    }
    Ok(over)
}

/// A worker: keeps model and data from task to task.
#[derive(Clone, Debug)]
pub struct Worker {
    options: WorkerOptions,
    control: Arc<Control>,
    resources: Arc<Resources>,
    /// What asked it to end.
    asked: Arc<std::sync::OnceLock<String>>,
}

impl Worker {
    /// One that trains nothing yet.
    pub fn new(options: WorkerOptions) -> Self {
        Self { options, control: Arc::default(), resources: Arc::default(), asked: Arc::default() }
    }

    /// Saves what trains between two steps, and ends; `by` says what asked for it.
    pub fn stop(&self, by: &str) {
        // What came first is the reason.
        _ = self.asked.set(by.to_owned());
        self.control.stop();
    }

    /// Trains what is not over of a task; `attempt` says how often it was begun before.
    ///
    /// # Errors
    /// The plan cannot be used, or the segment not be written.
    pub fn train(&self, plan: &Path, task: usize, attempt: u32) -> Result<TaskEnd, WorkerError> {
        let (folder, plan) = PlanFolder::open(plan)?;
        if task >= plan.tasks.len() {
            let (path, tasks) = (folder.path().to_owned(), plan.tasks.len());
            return Err(ClusterError::NoTask { path, task, tasks }.into());
        }
        let left =
            task::Task { worker: self, folder: &folder, plan: &plan, number: task, attempt }.train()?;
        Ok(match left {
            Left::Done | Left::Failed { .. } => TaskEnd::Done,
            Left::Stopped { .. } => TaskEnd::Stopped,
            Left::Lost { .. } => TaskEnd::Lost,
        })
    }

    /// Where it trains, and whose bits it computes.
    fn node(&self) -> Node {
        node(&self.options.device, self.options.name.clone())
    }

    /// What asked it to end.
    fn asked_by(&self) -> String {
        self.asked.get().cloned().unwrap_or_else(|| "its coordinator".into())
    }
}

#[cfg(test)]
mod tests;
