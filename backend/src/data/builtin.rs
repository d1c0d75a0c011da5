//! The built-in language's tasks as records.

use super::record::{Input, Record, RecordSet, TaskRecords};
use crate::language::{self, Labelled};
use tunemask_shared::task::BuiltInTask;

/// A task's records.
pub(super) fn read(task: BuiltInTask) -> TaskRecords {
    let drawn = language::sets(task);
    let sets = drawn.sets.into_iter().map(|set| RecordSet {
        name: set.name,
        records: (0..).zip(set.examples).map(|(index, example)| record(index, example)).collect(),
        skipped: Vec::new(),
    });
    TaskRecords { sets: sets.collect(), fingerprint: drawn.fingerprint, notes: Vec::new() }
}

fn record(index: u32, example: Labelled) -> Record {
    let input = match example.input {
        language::Input::Text(text) => Input::Text(text),
        language::Input::Pair(first, second) => Input::Pair(first, second),
        language::Input::Words(words) => Input::Words(words),
    };
    Record { input, targets: example.targets, index }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_numbered_in_the_order_in_which_they_were_drawn() {
        for task in [BuiltInTask::Sentiment, BuiltInTask::Inference, BuiltInTask::Tags] {
            let (records, drawn) = (read(task), language::sets(task));
            assert_eq!(records.fingerprint, drawn.fingerprint);
            assert_eq!(records.sets.len(), drawn.sets.len());
            for (set, own) in records.sets.iter().zip(&drawn.sets) {
                assert_eq!((&set.name, set.records.len()), (&own.name, own.examples.len()));
                assert!(set.records.iter().zip(0..).all(|(r, i)| r.index == i));
                let same = |(r, e): (&Record, &Labelled)| r.targets == e.targets;
                assert!(set.records.iter().zip(&own.examples).all(same));
            }
        }
    }
}
