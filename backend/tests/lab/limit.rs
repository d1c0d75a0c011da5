//! The training examples that a limit leaves are those that `parity/peer_sst2.py` trains on.

use crate::program;
use tunemask::{data, model};
use tunemask_shared::task::Task;

/// Printed by `peer_sst2.py --indices`: the first rows, the last ones, and the sum of all 4,000.
const FIRST: [u32; 8] = [16, 21, 42, 43, 66, 105, 109, 133];
const LAST: [u32; 3] = [67266, 67304, 67318];
const SUM: u64 = 132_553_106;

#[test]
fn both_sides_train_on_the_same_rows() {
    let Some(glue) = program::shared("data/glue") else { return };
    let tokenizer = model::open("builtin:tiny").unwrap().tokenizer;
    let data = data::load(&Task::sst2(), Some(&glue), &tokenizer, 16, Some(4000), Some(1)).unwrap();
    let rows: Vec<u32> = data.train.iter().map(|e| e.index).collect();
    assert_eq!((&rows[..8], &rows[3997..]), (&FIRST[..], &LAST[..]));
    assert_eq!(rows.iter().map(|&r| u64::from(r)).sum::<u64>(), SUM);
}
