//! How many rows trunks have saved.

use crate::plan::layout::Layout;

/// Rows that members would have computed alone, and those that were computed.
#[derive(Default)]
pub(super) struct RowCount {
    alone: usize,
    computed: usize,
}

impl RowCount {
    /// Adds those of a wave.
    pub(super) fn add(&mut self, layout: &Layout) {
        let (alone, computed) = layout.rows();
        self.alone += alone;
        self.computed += computed;
    }

    /// Share of the rows that were not computed.
    pub(super) fn shared_share(&self) -> f64 {
        1.0 - self.computed as f64 / self.alone.max(1) as f64
    }
}
