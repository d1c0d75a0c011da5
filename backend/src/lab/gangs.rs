//! Which runs train together.
//!
//! Runs of one model, task and way to cut it into batches can; of those, runs of one seed see the same batches and
//! the same dropout, and share trunks. So a gang takes whole seeds as long as they fit. Runs that train whole matrices
//! go alone, and so do those of the reference engine.

use std::collections::HashMap;
use tunemask_engine::{MemberRoom, Parts};
use tunemask_shared::head::HeadLayout;
use tunemask_shared::run::RunSpec;
use tunemask_shared::shape::ModelShape;

/// Most runs of a gang: their curves still move, and a trunk is shared by nearly all that could.
const MAX_RUNS: usize = 64;

/// What of a run decides whether it joins a gang of compatible ones.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    /// Its seed.
    pub(super) seed: u64,
    /// Scalars that train, head not counted.
    pub(super) trainable: u64,
}

/// What bounds a gang.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// What the trained scalars may take.
    pub(super) memory_bytes: u64,
    /// Its runs, where several gangs are to train at once.
    pub(super) runs: usize,
}

/// What a run keeps beside what its mask selects: the same for all that may train together. The head of a model that cannot be
/// looked at counts nothing: its runs fail.
pub(super) fn member_room(shape: Option<&ModelShape>, spec: &RunSpec) -> MemberRoom {
    MemberRoom {
        head: shape.map_or(0, |shape| HeadLayout::of(shape, spec.task.kind()).scalars()),
        parts: if spec.gradient_accumulation > 1 { Parts::Several } else { Parts::One },
    }
}

/// The gang of the first of these compatible runs, each of which keeps `room` beside what its mask selects: places in the list,
/// ascending, its own first.
pub(super) fn first_gang(waiting: &[Size], bounds: Bounds, room: MemberRoom) -> Vec<usize> {
    let Bounds { memory_bytes, runs: most } = bounds;
    let most = most.clamp(1, MAX_RUNS);
    let Some(&Size { seed: first, trainable }) = waiting.first() else { return Vec::new() };
    let mut gang = vec![0];
    let bytes_of = |trainable: u64| room.bytes(trainable as usize) as u64;
    let mut bytes = bytes_of(trainable);
    let mut seeds = vec![first];
    let mut of_seed: HashMap<u64, Vec<usize>> = HashMap::from([(first, Vec::new())]);
    for (i, run) in waiting.iter().enumerate().skip(1) {
        let own = of_seed.entry(run.seed).or_insert_with(|| {
            seeds.push(run.seed);
            Vec::new()
        });
        own.push(i);
    }
    for seed in seeds {
        let own = of_seed.remove(&seed).unwrap_or_default();
        let own: Vec<(usize, u64)> = own.into_iter().map(|i| (i, bytes_of(waiting[i].trainable))).collect();
        let all: u64 = own.iter().map(|(_, bytes)| bytes).sum();
        let whole = gang.len() + own.len() <= most && bytes + all <= memory_bytes;
        if !whole && seed != first {
            break;
        }
        for (i, more) in own {
            if gang.len() < most && bytes + more <= memory_bytes {
                gang.push(i);
                bytes += more;
            }
        }
    }
    gang.sort_unstable();
    gang
}
