//! Runs whose workers were gone, and how often: one that ends its worker each time would do so for ever.

use std::collections::HashMap;
use tunemask_shared::run::RunId;

/// How often a run may lose its worker without a step in between.
const MOST: u32 = 2;

/// Runs whose workers were gone.
#[derive(Debug, Default)]
pub(super) struct Gone(HashMap<RunId, Lost>);

/// How a run lost its workers.
#[derive(Clone, Copy, Debug)]
struct Lost {
    step: u64,
    times: u32,
}

impl Gone {
    /// Takes note that the worker of a run is gone, which had come to `step`; says whether another may go on.
    pub(super) fn may_go_on(&mut self, run: &RunId, step: u64) -> bool {
        let lost = self.0.entry(run.clone()).or_insert(Lost { step, times: 0 });
        if step > lost.step {
            *lost = Lost { step, times: 0 };
        }
        lost.times += 1;
        lost.times <= MOST
    }
}

/// Why a run fails that comes no further.
pub(super) fn reason(why: &str) -> String {
    format!(
        "its worker ended {} times before it came a step further, the last time so: {why}; if the machine has too little \
         memory, ask for smaller batches or fewer workers",
        MOST + 1
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_no_further_ends_and_who_does_goes_on() {
        let (mut gone, run) = (Gone::default(), RunId("a".into()));
        assert_eq!([5, 5, 5].map(|step| gone.may_go_on(&run, step)), [true, true, false]);
        assert_eq!([6, 7, 7, 7].map(|step| gone.may_go_on(&run, step)), [true, true, true, false]);
    }
}
