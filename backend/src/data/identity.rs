//! Which data a task has been read from: SHA-256 over its records, whichever files held them.

use super::record::{Input, RecordSet};
use sha2::{Digest, Sha256};
use tunemask_shared::run::hexadecimal;

/// SHA-256 over records, in hexadecimal. `what` says what the targets' numbers stand for: a task's name, or a kind with
/// its labels.
pub(super) fn records_digest(what: &str, sets: &[RecordSet]) -> String {
    let mut hash = Sha256::new();
    // Lengths stand before texts, so that no two lists of texts are the same bytes.
    let sized = |hash: &mut Sha256, text: &str| {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    };
    sized(&mut hash, "records, first form");
    sized(&mut hash, what);
    for set in sets {
        sized(&mut hash, &set.name);
        hash.update((set.records.len() as u64).to_le_bytes());
        for record in &set.records {
            hash.update(record.index.to_le_bytes());
            let kind: u8 = match record.input {
                Input::Text(_) => 0,
                Input::Pair(..) => 1,
                Input::Words(_) => 2,
            };
            hash.update([kind]);
            hash.update((record.targets.len() as u64).to_le_bytes());
            record.input.texts().iter().for_each(|text| sized(&mut hash, text));
            record.targets.iter().for_each(|target| hash.update(target.to_le_bytes()));
        }
    }
    hexadecimal(&hash.finalize())
}
