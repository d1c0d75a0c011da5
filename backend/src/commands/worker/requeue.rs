//! Slurm's own queue, as a worker within it sees it.

use std::env::var;
use std::process::{Command, Stdio};

/// What Slurm calls this task, if it is one.
///
/// The last task of an array has the array's own number: to queue that again would be to queue all of them.
pub(super) fn task() -> Option<String> {
    let of_array = var("SLURM_ARRAY_JOB_ID").ok().zip(var("SLURM_ARRAY_TASK_ID").ok());
    of_array.map(|(array, task)| format!("{array}_{task}")).or_else(|| var("SLURM_JOB_ID").ok())
}

/// How often Slurm has started it before.
pub(super) fn restarts() -> u32 {
    var("SLURM_RESTART_COUNT").ok().and_then(|count| count.parse().ok()).unwrap_or(0)
}

/// Puts this task into Slurm's queue again. Slurm may have done so itself, or not be there within a container: then the
/// coordinator submits again what is left.
pub(super) fn requeue() {
    let Some(task) = task() else { return };
    let asked = Command::new("scontrol").args(["requeue", &task]).stdin(Stdio::null()).output();
    match asked {
        Ok(output) if output.status.success() => {}
        Ok(output) => {
            let why = String::from_utf8_lossy(&output.stderr);
            tracing::info!("Slurm did not queue {task} again: {}", why.trim());
        }
        Err(error) => tracing::info!("Slurm did not queue {task} again: {error}"),
    }
}
