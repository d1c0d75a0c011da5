//! Disjoint mutable rows for parallel loops over chunks.

use rayon::prelude::*;
use std::marker::PhantomData;
use std::ops::Range;

/// Rows of one member or trunk, and where they stand.
///
/// Chunks never cross a member, and their borders count from its first row: a member's sums are added up
/// in the same order alone and in a gang.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// The member whose vectors and dropout are read.
    pub member: usize,
    /// Whether the rows are that member's alone: then the way back needs what is kept of them.
    pub branched: bool,
    /// First row among those of the level.
    pub start: usize,
    /// First row among those of the member or trunk.
    pub offset: usize,
    /// First row in the batch.
    pub row: usize,
    /// Rows.
    pub rows: usize,
}

/// Rows of a chunk. Enough to hide a task's start, few enough to spread a small batch over the threads.
pub const CHUNK_ROWS: usize = 32;

/// A mutable slice that parallel tasks cut into disjoint parts.
#[derive(Clone, Copy)]
pub struct Shared<'a, T> {
    pointer: *mut T,
    len: usize,
    life: PhantomData<&'a mut [T]>,
}

// SAFETY: it hands out parts only through `part`, whose caller promises that no two overlap.
unsafe impl<T: Send> Send for Shared<'_, T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Shared<'_, T> {}

impl<'a, T> Shared<'a, T> {
    /// Borrows the slice for as long as parts are in use.
    pub fn new(slice: &'a mut [T]) -> Self {
        Self { pointer: slice.as_mut_ptr(), len: slice.len(), life: PhantomData }
    }
    /// One part.
    ///
    /// # Safety
    /// No other part in use at the same time may overlap it.
    #[inline(always)]
    pub unsafe fn part(&self, range: Range<usize>) -> &'a mut [T] {
        assert!(range.start <= range.end && range.end <= self.len, "rows outside the buffer");
        // SAFETY: within the slice by the assertion; disjoint by the caller's promise.
        unsafe { std::slice::from_raw_parts_mut(self.pointer.add(range.start), range.end - range.start) }
    }
}

/// Runs `work` on every chunk in parallel, with the chunk's place in the list.
pub fn for_each(chunks: &[Chunk], work: impl Fn(usize, Chunk) + Sync) {
    chunks.par_iter().enumerate().with_min_len(1).for_each(|(i, &chunk)| work(i, chunk));
}
