//! Which examples a limit leaves.

use sha2::{Digest, Sha256};
use tunemask_shared::philox::{Purpose, Stream};
use tunemask_shared::task::TaskName;

/// Ascending positions of the examples that remain: the first `limit` of a shuffled order that depends on the
/// task, the set's number (0 is training) and the number of examples, and on no seed.
pub(super) fn kept(task: &TaskName, set: u32, count: usize, limit: Option<u32>) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    let limit = limit.map_or(count, |l| l as usize);
    if limit < count {
        // Keyed by the name: a task's subset stays when other tasks come.
        let digest = Sha256::digest(task.as_str().as_bytes());
        let key = digest.iter().take(8).fold(0, |key, &byte| key << 8 | u64::from(byte));
        Stream::new(key, Purpose::Limit, set).shuffle(&mut order);
        order.truncate(limit);
        order.sort_unstable();
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use tunemask_shared::task::Task;

    #[test]
    fn a_smaller_limit_is_a_subset_of_a_larger_one() {
        let small = kept(Task::rte().name(), 0, 1000, Some(50));
        let large = kept(Task::rte().name(), 0, 1000, Some(200));
        assert_eq!((small.len(), large.len()), (50, 200));
        assert!(small.iter().all(|i| large.contains(i)));
        assert!(small.is_sorted() && *small.last().unwrap() > 500);
        assert_eq!(small, kept(Task::rte().name(), 0, 1000, Some(50)));
        assert_ne!(small, kept(Task::rte().name(), 1, 1000, Some(50)));
        assert_ne!(small, kept(Task::cola().name(), 0, 1000, Some(50)));
    }

    #[test]
    fn no_limit_and_a_large_one_keep_the_order() {
        let all: Vec<usize> = (0..10).collect();
        for limit in [None, Some(10), Some(11)] {
            assert_eq!(kept(Task::rte().name(), 0, 10, limit), all);
        }
    }
}
