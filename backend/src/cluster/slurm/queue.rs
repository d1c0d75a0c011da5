//! What Slurm says of its queue, in the plain form with fields of our choice: its JSON changes with every version.

use super::SlurmError;
use super::program::answer;

/// Where a task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JobState {
    /// It waits, runs, or is on its way to or from there.
    Active,
    /// It waits and never will run, because Slurm could not start it.
    Stuck,
    /// It is over, however it ended.
    Over,
}

/// A task in the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct QueuedTask {
    /// What Slurm calls it: `123_4`.
    pub(crate) id: String,
    /// The name of its array.
    pub(crate) name: String,
    /// Its number in the array.
    pub(crate) index: Option<usize>,
    pub(crate) state: JobState,
    /// Why it waits or how it ended, in Slurm's words.
    pub(crate) reason: String,
}

/// The tasks of these names.
///
/// # Errors
/// Slurm does not say: then nothing is known.
pub(crate) fn queued(names: &[String]) -> Result<Vec<QueuedTask>, SlurmError> {
    let options = ["-h", "-r", "-t", "all", "-o", "%i|%j|%t|%r", "-n"].map(str::to_owned);
    let text = answer("squeue", &[&options[..], &[names.join(",")]].concat())?;
    Ok(text.lines().filter_map(task).filter(|task| names.contains(&task.name)).collect())
}

fn task(line: &str) -> Option<QueuedTask> {
    let mut fields = line.trim().splitn(4, '|');
    let (id, name, code, reason) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
    let index = id.split_once('_').and_then(|(_, index)| index.parse().ok());
    // A user's own hold is the user's.
    let stuck = reason.contains("launch failed")
        || reason.contains("launch_failed")
        || reason.contains("requeued_in_held")
        || reason.contains("requeued in held")
        || reason == "JobHeldAdmin";
    let state = match code {
        "PD" if stuck => JobState::Stuck,
        "PD" | "CF" | "R" | "CG" | "S" | "ST" | "SI" | "SO" | "RQ" | "RS" | "RF" | "SE" | "RH" => {
            JobState::Active
        }
        _ => JobState::Over,
    };
    Some(QueuedTask { id: id.to_owned(), name: name.to_owned(), index, state, reason: reason.to_owned() })
}

/// Takes tasks out of the queue; those that are over already are no matter.
pub(crate) fn cancel(ids: &[String]) {
    if !ids.is_empty()
        && let Err(error) = answer("scancel", ids)
    {
        tracing::warn!("{error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_queue_are_read_and_odd_ones_left_out() {
        let read = |line: &str| task(line).map(|task| (task.index, task.state));
        assert_eq!(read("12_3|tm-a|R|None"), Some((Some(3), JobState::Active)));
        assert_eq!(read("12_3|tm-a|PD|Resources"), Some((Some(3), JobState::Active)));
        assert_eq!(read("12_3|tm-a|PD|JobHeldUser"), Some((Some(3), JobState::Active)));
        assert_eq!(read("12_3|tm-a|PD|launch failed requeued held"), Some((Some(3), JobState::Stuck)));
        assert_eq!(read("12_3|tm-a|F|NonZeroExitCode"), Some((Some(3), JobState::Over)));
        assert_eq!(read("12_3|tm-a|ZZ|a code of a later version"), Some((Some(3), JobState::Over)));
        assert_eq!(read("12|tm-a|R|None"), Some((None, JobState::Active)));
        for odd in ["", "slurm_load_jobs error: Unable to contact slurm controller", "1|2"] {
            assert_eq!(read(odd), None, "{odd}");
        }
    }
}
