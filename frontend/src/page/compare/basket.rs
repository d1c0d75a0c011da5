//! Runs that the reader has chosen to be compared, wherever they were found: they stay chosen from page to page.

use leptos::prelude::*;
use tunemask_shared::comparison::ComparedRun;

/// What is chosen. Copies are the same.
#[derive(Clone, Copy)]
pub struct Basket {
    /// The runs, the first chosen first.
    pub runs: RwSignal<Vec<ComparedRun>>,
}

impl Basket {
    /// Nothing is chosen yet, for all that is below.
    pub fn provide() {
        provide_context(Basket { runs: RwSignal::new(Vec::new()) });
    }

    /// Chooses a run, or does so no longer.
    pub fn toggle(&self, run: ComparedRun) {
        self.runs.update(|runs| match runs.iter().position(|other| *other == run) {
            Some(at) => drop(runs.remove(at)),
            None => runs.push(run),
        });
    }

    /// Whether a run is chosen.
    pub fn has(&self, run: &ComparedRun) -> bool {
        self.runs.with(|runs| runs.contains(run))
    }
}

/// What is chosen on this page.
pub fn use_basket() -> Basket {
    expect_context::<Basket>()
}
