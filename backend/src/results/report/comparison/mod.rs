//! Runs or experiments beside each other: the settings that differ, the scores, and the tests between them, which are those
//! of verdicts and of `table --pairs`. In reading order:

/// What is compared.
mod contender;
/// Their settings.
mod settings;
/// Which of their cells belong beside each other, and their scores.
mod scores;
/// What can be tested of them, and what cannot.
mod tests_between;

use crate::results::stored;
use contender::{Contender, contenders};
use scores::{matches, scores};
use std::path::Path;
use tests_between::tests_between;
use tunemask_shared::comparison::Comparison;
use tunemask_shared::experiment::FieldError;
use tunemask_shared::report::{Block, Report};
use tunemask_shared::state::LabState;

/// A report on runs or experiments beside each other.
///
/// # Errors
/// Too few or too many are chosen, or one of them is not there.
pub fn compare(state: &LabState, home: &Path, comparison: &Comparison) -> Result<Report, FieldError> {
    let all = contenders(state, comparison)?;
    let studies: Vec<_> = all.iter().map(|contender| stored::study(home, &contender.table)).collect();
    let matched = matches(&all);
    let mut blocks = vec![Block::Heading("Settings".into())];
    blocks.extend(settings::settings(&all));
    blocks.push(Block::Heading("Scores".into()));
    blocks.extend(scores(&all, &matched));
    blocks.push(Block::Heading("Tests".into()));
    blocks.extend(tests_between(&all, &studies, &matched));
    Ok(Report { blocks })
}

/// All that a comparison is made of, as text: it is another when that is.
pub fn compared(state: &LabState, comparison: &Comparison) -> Option<String> {
    let all = contenders(state, comparison).ok()?;
    let of = |c: &Contender| format!("{} {:?} {:?}\n", c.name, c.experiment, c.table);
    Some(all.iter().map(of).collect())
}
