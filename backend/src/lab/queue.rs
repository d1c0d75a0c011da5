//! Runs that wait, in their order, and by what may train together: the next gang is found without a look at all of them.

use super::gangs::{Candidate, Fit, first_gang};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;

/// How many runs that fit are looked at for a gang. Of more, those behind wait for the next.
const LOOK: usize = 4096;

/// Runs that wait. `T` is what they are known by.
#[derive(Debug)]
pub(super) struct Queue<T> {
    waiting: BTreeMap<u64, Waiting<T>>,
    places: HashMap<T, u64>,
    /// The places of those that may train together.
    fits: HashMap<Fit, BTreeSet<u64>>,
    /// The place behind the last one.
    next: u64,
}

#[derive(Debug)]
struct Waiting<T> {
    item: T,
    /// `None` if it goes alone.
    fit: Option<Fit>,
    seed: u64,
    trainable: u64,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self { waiting: BTreeMap::new(), places: HashMap::new(), fits: HashMap::new(), next: 0 }
    }
}

impl<T: Clone + Eq + Hash> Queue<T> {
    /// Puts a run behind the others, unless it waits already.
    pub(super) fn push(&mut self, item: T, run: Candidate<'_>) {
        if self.places.contains_key(&item) {
            return;
        }
        let place = self.next;
        self.next += 1;
        let fit = run.fit();
        if let Some(fit) = &fit {
            self.fits.entry(fit.clone()).or_default().insert(place);
        }
        self.places.insert(item.clone(), place);
        self.waiting.insert(place, Waiting { item, fit, seed: run.spec.seed, trainable: run.trainable });
    }

    pub(super) fn contains(&self, item: &T) -> bool {
        self.places.contains_key(item)
    }

    /// Takes a run out.
    pub(super) fn remove(&mut self, item: &T) {
        if let Some(&place) = self.places.get(item) {
            self.take(place);
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Takes the gang of the first run out; nothing if none waits. `memory_bytes` bounds what its trained scalars may take.
    pub(super) fn take_gang(&mut self, memory_bytes: u64) -> Vec<T> {
        let Some((&place, first)) = self.waiting.first_key_value() else { return Vec::new() };
        let fitting = first.fit.as_ref().and_then(|fit| self.fits.get(fit));
        let places: Vec<u64> = match fitting {
            Some(places) => places.iter().copied().take(LOOK).collect(),
            None => vec![place],
        };
        let known = |place| self.waiting.get(place).map(|w| (w.seed, w.trainable));
        let waiting: Vec<(u64, u64)> = places.iter().filter_map(known).collect();
        let gang = first_gang(&waiting, memory_bytes);
        gang.into_iter().filter_map(|i| self.take(places[i])).collect()
    }

    fn take(&mut self, place: u64) -> Option<T> {
        let Waiting { item, fit, .. } = self.waiting.remove(&place)?;
        self.places.remove(&item);
        if let Some(fit) = fit
            && let Some(places) = self.fits.get_mut(&fit)
        {
            places.remove(&place);
            if places.is_empty() {
                self.fits.remove(&fit);
            }
        }
        Some(item)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::sample::spec;
    use tunemask_shared::task::Task;

    #[test]
    fn what_was_taken_out_is_in_no_gang_and_what_came_again_is_behind() {
        let specs = [spec(Task::Rte, 1), spec(Task::Mrpc, 1), spec(Task::Rte, 2)];
        let candidate = |i: usize| Candidate { spec: &specs[i], trainable: 1, alone: false };
        let mut queue = Queue::default();
        (0..3).for_each(|i| queue.push(i, candidate(i)));
        queue.push(1, candidate(1));
        queue.remove(&0);
        assert!(!queue.contains(&0) && queue.contains(&1));
        queue.push(0, candidate(0));
        assert_eq!(queue.take_gang(1 << 20), [1]);
        assert_eq!(queue.take_gang(1 << 20), [2, 0]);
        assert!(queue.take_gang(1 << 20).is_empty() && queue.fits.is_empty());
    }

    /// As many runs as an experiment may have: each gang costs a look at those that it may hold.
    #[test]
    fn the_gangs_of_twenty_thousand_seeds_hold_every_run_once() {
        let specs: Vec<_> = (0..20_000).map(|seed| spec(Task::Rte, seed)).collect();
        let mut queue = Queue::default();
        for (i, spec) in specs.iter().enumerate() {
            queue.push(i, Candidate { spec, trainable: 1, alone: false });
        }
        let gangs: Vec<Vec<usize>> =
            std::iter::from_fn(|| Some(queue.take_gang(1 << 20)).filter(|g| !g.is_empty())).collect();
        assert_eq!(gangs.len(), 20_000usize.div_ceil(64));
        assert!(gangs.concat().into_iter().eq(0..20_000));
    }
}
