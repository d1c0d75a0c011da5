//! Buffers that are reused: grown where a batch wants more, never given back.

use super::kernels::attention::Scratch;
pub(super) use super::kernels::buffer::room;
use std::cell::RefCell;

thread_local! {
    static ROW: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
    static HEAD: RefCell<Scratch> = RefCell::default();
}

/// Lends the thread's row of `n` scalars.
pub(super) fn with_row<R>(n: usize, work: impl FnOnce(&mut [f32]) -> R) -> R {
    ROW.with_borrow_mut(|row| work(room(row, n)))
}

/// Lends the thread's room for one attention head.
pub(super) fn with_head<R>(work: impl FnOnce(&mut Scratch) -> R) -> R {
    HEAD.with_borrow_mut(work)
}
