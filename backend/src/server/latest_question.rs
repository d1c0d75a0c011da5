//! The question about a text that a page asked last: one that nobody waits for any more is not read to its end.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// What stands for no question: pages count their requests from 1.
const NONE: u32 = 0;

/// The question about a text that a page asked last. Clones are the same.
#[derive(Clone, Debug, Default)]
pub(super) struct LatestQuestion(Arc<AtomicU32>);

impl LatestQuestion {
    /// This one is asked now; one before it is not waited for any longer.
    pub(super) fn ask(&self, request: u32) {
        self.0.store(request, Ordering::Relaxed);
    }

    /// None is waited for.
    pub(super) fn forget(&self) {
        self.ask(NONE);
    }

    /// Whether this one is still waited for.
    pub(super) fn is(&self, request: u32) -> bool {
        self.0.load(Ordering::Relaxed) == request
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_question_and_a_page_that_goes_end_one() {
        let page = LatestQuestion::default();
        let worker = page.clone();
        page.ask(3);
        assert!(worker.is(3));
        page.ask(5);
        assert!(!worker.is(3) && worker.is(5));
        page.forget();
        assert!(!worker.is(5));
    }
}
