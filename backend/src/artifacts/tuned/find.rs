//! A run by the beginning of its id.

use super::TunedError;
use tunemask_shared::run::{RunId, RunStatus};
use tunemask_shared::state::LabState;

/// The run whose id begins so.
///
/// # Errors
/// There is none, or there are several.
pub(crate) fn find(state: &LabState, wanted: &str) -> Result<RunId, TunedError> {
    let wanted = wanted.trim();
    let begin: Vec<&RunId> = state.runs.keys().filter(|run| run.0.starts_with(wanted)).collect();
    let list = |runs: &mut dyn Iterator<Item = &&RunId>| {
        let runs: Vec<String> = runs.take(5).map(|run| run.to_string()).collect();
        runs.join(", ")
    };
    match begin[..] {
        _ if wanted.is_empty() => {
            Err(TunedError::Unknown { wanted: String::new(), known: "name one".into() })
        }
        [run] => Ok(run.clone()),
        [] => {
            let all: Vec<&RunId> = state.runs.keys().collect();
            let known = match all.len() {
                0 => "there is none yet".into(),
                n => format!(
                    "there are {n}, among them {}; the table's notes name them",
                    list(&mut all.iter())
                ),
            };
            Err(TunedError::Unknown { wanted: wanted.into(), known })
        }
        _ => Err(TunedError::Ambiguous { wanted: wanted.into(), runs: list(&mut begin.iter()) }),
    }
}

/// Where a run stands that has not been trained to its end, and what to do.
pub(super) fn standing(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Queued => "is queued; wait until it has finished",
        RunStatus::Running => "is being trained; wait until it has finished",
        RunStatus::Finished => "has finished",
        RunStatus::Failed => "has failed; run its experiment again",
        RunStatus::Cancelled => "was cancelled; run its experiment again",
        RunStatus::Retired => {
            "was cut short, because other learning rates were better; retry it to train it on"
        }
        RunStatus::Interrupted => "was interrupted; run its experiment again to continue it",
    }
}
