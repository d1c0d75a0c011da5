//! By what runs fail, where that decides what becomes of them. What a reader is told is a sentence beside it.

use serde::{Deserialize, Serialize};

/// By what a run failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureCause {
    /// What may be gone at the next try: a file, a disk, a device. The lines of older programs say no more.
    #[default]
    Other,
    /// Its loss or its gradient was not finite. It would be again: a run is a function of what it is.
    Diverged,
    /// What trains it had no room for it alone. A larger one may have.
    OutOfMemory,
}

/// How the reason begins of a run that diverged.
pub const DIVERGED_AT: &str = "diverged at step ";

impl FailureCause {
    /// Its word in records, as on the wire; none where there is nothing to tell.
    pub fn word(self) -> Option<&'static str> {
        match self {
            Self::Other => None,
            Self::Diverged => Some("diverged"),
            Self::OutOfMemory => Some("out_of_memory"),
        }
    }

    /// What to do so that such a run trains, if that can be said.
    pub fn advice(self) -> Option<&'static str> {
        match self {
            Self::Other => None,
            Self::Diverged => Some(
                "Lower the learning rate, lengthen the warm-up or limit the gradient norm: tried again, it diverges again.",
            ),
            Self::OutOfMemory => Some(
                "Take smaller batches, with gradient accumulation if a step is to see as many examples as before, or shorter \
                 sequences.",
            ),
        }
    }

    /// The same where lines of older programs say it by their reason alone.
    pub(crate) fn told_by(self, reason: &str) -> Self {
        if self == Self::Other && reason.starts_with(DIVERGED_AT) { Self::Diverged } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_without_a_cause_say_by_their_reason_that_a_run_diverged() {
        let told = |cause: FailureCause, reason: &str| cause.told_by(reason);
        let old = "diverged at step 4: loss is not finite";
        assert_eq!(told(FailureCause::Other, old), FailureCause::Diverged);
        assert_eq!(told(FailureCause::Other, "a file diverged at step 4"), FailureCause::Other);
        assert_eq!(told(FailureCause::OutOfMemory, old), FailureCause::OutOfMemory);
    }

    #[test]
    fn what_can_be_done_is_said() {
        assert!(FailureCause::Diverged.advice().is_some_and(|advice| advice.contains("learning rate")));
        assert!(FailureCause::OutOfMemory.advice().is_some_and(|advice| advice.contains("smaller batches")));
        assert_eq!(FailureCause::Other.advice(), None);
    }
}
