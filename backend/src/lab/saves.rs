//! When a gang's checkpoints are written: by the clock, so that what a stop costs is seconds on a slow processor and on a
//! fast GPU, and what the files cost is a fiftieth of the time.

use std::time::{Duration, Instant};

/// Training between two saves at least.
const MIN_SAVE_INTERVAL: Duration = Duration::from_secs(10);

/// The time of a save is this part of that of the training before the next one, at most.
const MIN_TRAINING_PER_SAVE: u32 = 50;

/// The clock of a gang's checkpoints.
#[derive(Debug)]
pub(super) struct Saves {
    since: Instant,
    /// What the files of the last round took.
    spent: Duration,
}

impl Saves {
    /// As if all had been saved now.
    pub(super) fn new() -> Self {
        Self { since: Instant::now(), spent: Duration::ZERO }
    }

    /// Whether it is time; if so, a new round begins.
    pub(super) fn are_due(&mut self) -> bool {
        let due = self.since.elapsed() >= between(self.spent);
        if due {
            *self = Self::new();
        }
        due
    }

    /// Takes note of what a file of this round took.
    pub(super) fn took(&mut self, time: Duration) {
        self.spent += time;
    }
}

/// Time from a round that took so long to the next.
fn between(spent: Duration) -> Duration {
    MIN_SAVE_INTERVAL.max(MIN_TRAINING_PER_SAVE * spent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quick_saves_come_every_ten_seconds_and_slow_ones_take_two_per_cent_of_the_time() {
        let millis = Duration::from_millis;
        assert_eq!(between(millis(0)), between(millis(200)));
        assert_eq!(between(millis(200)), Duration::from_secs(10));
        assert_eq!(between(Duration::from_secs(2)), Duration::from_secs(100));
        let mut saves = Saves::new();
        assert!(!saves.are_due());
        saves.since -= MIN_SAVE_INTERVAL;
        assert!(saves.are_due() && !saves.are_due());
        saves.since -= MIN_SAVE_INTERVAL;
        saves.took(millis(201));
        assert!(!saves.are_due());
    }
}
