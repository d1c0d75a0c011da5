//! Buffers that are reused: grown where a batch wants more, never given back.

use super::kernels::attention::Scratch;
use std::cell::RefCell;

thread_local! {
    static ROW: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
    static HEAD: RefCell<Scratch> = RefCell::default();
}

/// Grows a buffer to `n` scalars and gives these.
pub(super) fn room(buffer: &mut Vec<f32>, n: usize) -> &mut [f32] {
    if buffer.len() < n {
        buffer.resize(n, 0.0);
    }
    &mut buffer[..n]
}

/// Lends the thread's row of `n` scalars.
pub(super) fn with_row<R>(n: usize, work: impl FnOnce(&mut [f32]) -> R) -> R {
    ROW.with_borrow_mut(|row| work(room(row, n)))
}

/// Lends the thread's room for one attention head.
pub(super) fn with_head<R>(work: impl FnOnce(&mut Scratch) -> R) -> R {
    HEAD.with_borrow_mut(work)
}
