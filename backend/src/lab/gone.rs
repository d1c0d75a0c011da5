//! Work whose workers were gone, and how often: what ends its worker each time would do so for ever.
//!
//! A worker that ends after it has trained says nothing against the work: it may have been killed before its first
//! checkpoint, and the next one begins where it began. What is held against the work is that its workers end before they
//! take a step, or that they end at the same step, again and again.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use tunemask_shared::run::RunId;

/// A run whose worker is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct GoneRun {
    pub(super) run: RunId,
    /// The last step that this worker took, new or again; none if it took none.
    pub(super) came_to: Option<u64>,
}

/// Work by its name, and how its workers ended.
#[derive(Debug)]
pub(super) struct Gone<K> {
    /// How often is too often.
    most: u32,
    losses: HashMap<K, Losses>,
}

/// How workers at the same work ended.
#[derive(Clone, Copy, Debug, Default)]
struct Losses {
    /// How many in a row before they took a step.
    without_step: u32,
    /// Where the last one ended that took one.
    at: u64,
    /// How many in a row ended there, those that took none not counted.
    at_same: u32,
}

/// Whether work may go on whose worker is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WorkerFate {
    /// Another worker may try.
    GoesOn,
    /// Too many workers ended before they took a step.
    NeverBegins {
        /// How many.
        times: u32,
    },
    /// Too many workers ended at the same step.
    EndsAt {
        /// Which: the last one that they had taken.
        step: u64,
        /// How many.
        times: u32,
    },
}

impl<K: Eq + Hash> Gone<K> {
    /// The losses of work at which so many workers may end; none yet.
    pub(super) fn new(most: u32) -> Self {
        Self { most, losses: HashMap::new() }
    }

    /// Takes note that a worker is gone: `came_to` is the last step that it took itself, new or again; none if it took none.
    pub(super) fn take(&mut self, work: K, came_to: Option<u64>) -> WorkerFate {
        let losses = self.losses.entry(work).or_default();
        let Some(step) = came_to else {
            losses.without_step += 1;
            return match losses.without_step {
                times if times >= self.most => WorkerFate::NeverBegins { times },
                _ => WorkerFate::GoesOn,
            };
        };
        losses.without_step = 0;
        if losses.at_same == 0 || losses.at != step {
            (losses.at, losses.at_same) = (step, 0);
        }
        losses.at_same += 1;
        match losses.at_same {
            times if times >= self.most => WorkerFate::EndsAt { step, times },
            _ => WorkerFate::GoesOn,
        }
    }

    /// Forgets what was held against work.
    pub(super) fn forget(&mut self, work: &K) {
        self.losses.remove(work);
    }
}

impl WorkerFate {
    /// Why a run fails that comes no further, given how its last worker ended; `None` if another may try.
    pub(super) fn reason(self, why: &str) -> Option<String> {
        (self != Self::GoesOn).then(|| {
            format!(
                "its worker ended {self}; most recently: {why}; if the machine has too little memory, ask for smaller \
                 batches or fewer workers"
            )
        })
    }
}

/// How often workers ended, and where.
impl fmt::Display for WorkerFate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GoesOn => f.write_str("before its time"),
            Self::NeverBegins { times } => write!(f, "{times} times before it took a step"),
            Self::EndsAt { step, times } => write!(f, "{times} times at the same place, after step {step}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goes_on(gone: &mut Gone<&'static str>, ends: &[Option<u64>]) -> Vec<bool> {
        ends.iter().map(|came_to| gone.take("a", *came_to) == WorkerFate::GoesOn).collect()
    }

    #[test]
    fn who_trains_each_time_goes_on_however_often_its_worker_is_killed() {
        let mut gone = Gone::new(3);
        // Each before its first checkpoint, so that none comes further than the first.
        let ends: Vec<_> = (0..40).map(|i| Some([90, 12, 55, 12, 12, 71][i % 6])).collect();
        assert!(goes_on(&mut gone, &ends).into_iter().all(|goes_on| goes_on));
    }

    #[test]
    fn who_never_begins_and_who_ends_at_the_same_step_ends() {
        let mut gone = Gone::new(3);
        assert_eq!(goes_on(&mut gone, &[None, None, Some(5), None, None]), [true; 5]);
        assert_eq!(gone.take("a", None), WorkerFate::NeverBegins { times: 3 });
        let mut gone = Gone::new(3);
        assert_eq!(goes_on(&mut gone, &[Some(4), Some(5), Some(5)]), [true; 3]);
        // That one did not begin is no sign that the step is good.
        assert_eq!(gone.take("a", None), WorkerFate::GoesOn);
        let verdict = gone.take("a", Some(5));
        assert_eq!(verdict, WorkerFate::EndsAt { step: 5, times: 3 });
        assert!(verdict.reason("signal: 9").unwrap().contains("3 times at the same place, after step 5"));
        gone.forget(&"a");
        assert_eq!(goes_on(&mut gone, &[Some(5), Some(5)]), [true; 2]);
        assert_eq!(gone.take("b", Some(5)).reason("x"), None);
    }
}
