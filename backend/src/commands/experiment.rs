//! An experiment of a home folder, as it is named on the command line.

use anyhow::{Result, bail};
use tunemask_shared::event::ExperimentId;
use tunemask_shared::state::LabState;

/// The experiment of a number, else the latest of a name.
///
/// # Errors
/// There is none; the latest that there are are named.
pub fn find(state: &LabState, asked: &str) -> Result<ExperimentId> {
    let number = asked.parse().ok().map(ExperimentId).filter(|id| state.experiments.contains_key(id));
    let named = || state.experiments.iter().rev().find(|(_, e)| e.experiment.name == asked.trim());
    if let Some(id) = number.or_else(|| named().map(|(&id, _)| id)) {
        return Ok(id);
    }
    if state.experiments.is_empty() {
        bail!("there is no experiment yet; start one with `tunemask run` or on the page");
    }
    let known = state.experiments.iter().rev().take(10);
    let list: Vec<String> = known.map(|(id, e)| format!("{id} ({})", e.experiment.name)).collect();
    bail!("no experiment has the number or name `{asked}`; the latest are {}", list.join(", "))
}
