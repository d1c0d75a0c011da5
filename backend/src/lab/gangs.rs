//! Which runs train together.
//!
//! Runs of one model, task and way to cut it into batches can; of those, runs of one seed see the same batches and
//! the same dropout, and share trunks. So a gang takes whole seeds as long as they fit. Runs that train whole matrices
//! go alone.

use super::queue::Queue;
use std::collections::HashMap;
use tunemask_engine::Device;
use tunemask_shared::run::RunSpec;

/// Most runs of a gang: their curves still move, and a trunk is shared by nearly all that could.
pub(super) const MOST_RUNS: usize = 64;

/// Bytes that a trained scalar needs: value, gradient, two moments, the copy of the best epoch.
const BYTES_PER_SCALAR: u64 = 20;

/// A run that could join a gang.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate<'a> {
    pub(super) spec: &'a RunSpec,
    pub(super) trainable: u64,
    pub(super) alone: bool,
}

/// What two runs agree in that can read the same batches; `None` for one that goes alone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Fit(String);

impl Candidate<'_> {
    pub(super) fn fit(&self) -> Option<Fit> {
        let s = self.spec;
        let same = (
            (s.engine, &s.model, s.task, &s.data, s.clip_predictions),
            (s.batch_size, s.max_length, s.dropout, s.train_limit, s.eval_limit, s.numbers),
        );
        (!self.alone).then(|| Fit(format!("{same:?}")))
    }
}

/// The gang of the first of these runs, which fit: places in the list, ascending, its own first. Each is a seed and the
/// number of scalars that train.
///
/// `memory_bytes` bounds what the trained scalars may take.
pub(super) fn first_gang(waiting: &[(u64, u64)], memory_bytes: u64) -> Vec<usize> {
    let Some(&(first, trainable)) = waiting.first() else { return Vec::new() };
    let mut gang = vec![0];
    let mut bytes = trainable * BYTES_PER_SCALAR;
    let mut seeds = vec![first];
    let mut of_seed: HashMap<u64, Vec<usize>> = HashMap::from([(first, Vec::new())]);
    for (i, &(seed, _)) in waiting.iter().enumerate().skip(1) {
        let own = of_seed.entry(seed).or_insert_with(|| {
            seeds.push(seed);
            Vec::new()
        });
        own.push(i);
    }
    for seed in seeds {
        let own = of_seed.remove(&seed).unwrap_or_default();
        let own: Vec<(usize, u64)> = own.into_iter().map(|i| (i, waiting[i].1 * BYTES_PER_SCALAR)).collect();
        let all: u64 = own.iter().map(|(_, bytes)| bytes).sum();
        let whole = gang.len() + own.len() <= MOST_RUNS && bytes + all <= memory_bytes;
        if !whole && seed != first {
            break;
        }
        for (i, more) in own {
            if gang.len() < MOST_RUNS && bytes + more <= memory_bytes {
                gang.push(i);
                bytes += more;
            }
        }
    }
    gang.sort_unstable();
    gang
}

/// Cuts all candidates into gangs, in the order in which they train.
pub(super) fn gangs(candidates: &[Candidate<'_>], memory_bytes: u64) -> Vec<Vec<usize>> {
    let mut queue = Queue::default();
    candidates.iter().enumerate().for_each(|(i, candidate)| queue.push(i, *candidate));
    std::iter::from_fn(|| Some(queue.take_gang(memory_bytes)).filter(|gang| !gang.is_empty())).collect()
}

/// Bytes that the trained scalars of a gang may take: half of what the machine can give now, as Linux says it, and half
/// of what a GPU has left, where one trains.
pub(super) fn memory_for_scalars(device: &Device) -> u64 {
    let kib = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
        line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()
    });
    // Elsewhere: enough for any gang of vectors.
    let host = kib.map_or(1 << 32, |kib| kib * 1024 / 2);
    device.free_bytes().map_or(host, |free| host.min(free / 2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::sample::spec;
    use tunemask_shared::task::Task;

    #[test]
    fn gangs_take_whole_seeds_of_one_task_and_leave_matrices_alone() {
        let (a, b) = (spec(Task::Rte, 1), spec(Task::Rte, 2));
        let other = spec(Task::Mrpc, 1);
        let smaller = RunSpec { batch_size: 2, ..a.clone() };
        let candidate = |spec, alone| Candidate { spec, trainable: 10, alone };
        let list = [
            candidate(&a, false),
            candidate(&a, true),
            candidate(&b, false),
            candidate(&other, false),
            candidate(&a, false),
            candidate(&smaller, false),
        ];
        assert_eq!(gangs(&list, 1 << 20), [vec![0, 2, 4], vec![1], vec![3], vec![5]]);
        // Room for two: the first seed's runs stay together.
        assert_eq!(gangs(&list, 400), [vec![0, 4], vec![1], vec![2], vec![3], vec![5]]);
        // A run that is too large goes all the same.
        assert_eq!(gangs(&list, 0).len(), list.len());
        assert!(memory_for_scalars(&Device::cpu()) > 1 << 20);
    }

    #[test]
    fn a_seed_that_does_not_fit_whole_waits_for_the_next_gang() {
        let specs: Vec<RunSpec> = (0..100).map(|i| spec(Task::Rte, i / 40)).collect();
        let list: Vec<Candidate<'_>> =
            specs.iter().map(|spec| Candidate { spec, trainable: 1, alone: false }).collect();
        let sizes: Vec<usize> = gangs(&list, 1 << 20).iter().map(Vec::len).collect();
        assert_eq!(sizes, [40, 60]);
        let one: Vec<Candidate<'_>> = (0..100).map(|_| list[0]).collect();
        assert_eq!(gangs(&one, 1 << 20).iter().map(Vec::len).collect::<Vec<_>>(), [64, 36]);
    }
}
