//! The first development examples of a task, as they stand in its files.

use super::limit;
use super::record::Record;
use super::{DataError, read};
use std::path::Path;
use tunemask_shared::task::Task;

/// Some development examples, untokenised and uncut.
#[derive(Clone, Debug, PartialEq)]
pub struct FirstRecords {
    /// In the file's order.
    pub records: Vec<Record>,
    /// What [`super::fingerprint`] gives of all of the task's data.
    pub fingerprint: String,
}

/// The first of those examples of a task's first development set that a limit leaves.
///
/// # Errors
/// As [`super::load`], but for texts that cannot be tokenised.
pub fn first_development_records(
    task: &Task,
    data: Option<&Path>,
    limit: Option<u32>,
    most: usize,
) -> Result<FirstRecords, DataError> {
    let read = read(task, data)?;
    let records = read.sets.get(1).map_or(&[][..], |set| &set.records);
    let kept = limit::kept(task.name(), 1, records.len(), limit);
    let records = kept.iter().take(most).map(|&place| records[place].clone()).collect();
    Ok(FirstRecords { records, fingerprint: read.fingerprint.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::load;
    use crate::model;

    #[test]
    fn they_are_those_that_runs_are_scored_on() {
        let model = model::open("builtin:tiny").unwrap();
        let task = Task::known(&"sentiment".parse().unwrap()).unwrap();
        let scored = load(&task, None, &model.tokenizer, 64, Some(1), Some(7)).unwrap();
        let first = first_development_records(&task, None, Some(7), 3).unwrap();
        assert_eq!(first.fingerprint, scored.fingerprint);
        let numbers = |count: usize| scored.development[0].iter().take(count).map(|e| e.index);
        assert_eq!(first.records.iter().map(|r| r.index).collect::<Vec<_>>(), numbers(3).collect::<Vec<_>>());
        assert_eq!(first_development_records(&task, None, Some(2), 9).unwrap().records.len(), 2);
    }
}
