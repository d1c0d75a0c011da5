//! A mutable slice that parallel tasks cut into disjoint parts.

use std::marker::PhantomData;
use std::ops::Range;

/// A mutable slice that parallel tasks cut into disjoint parts.
#[derive(Clone, Copy)]
pub struct DisjointSlice<'a, T> {
    pointer: *mut T,
    len: usize,
    life: PhantomData<&'a mut [T]>,
}

// SAFETY: it hands out parts only through `get_mut`, whose caller promises that no two overlap.
unsafe impl<T: Send> Send for DisjointSlice<'_, T> {}
// SAFETY: parts of one slice never overlap, so that threads that share it share no scalar.
unsafe impl<T: Send> Sync for DisjointSlice<'_, T> {}

impl<'a, T> DisjointSlice<'a, T> {
    /// Borrows the slice for as long as parts are in use.
    pub fn new(slice: &'a mut [T]) -> Self {
        Self { pointer: slice.as_mut_ptr(), len: slice.len(), life: PhantomData }
    }
    /// One part.
    ///
    /// # Safety
    /// No other part in use at the same time may overlap it.
    #[inline(always)]
    pub unsafe fn get_mut(&self, range: Range<usize>) -> &'a mut [T] {
        assert!(range.start <= range.end && range.end <= self.len, "rows outside the buffer");
        // SAFETY: within the slice by the assertion; disjoint by the caller's promise.
        unsafe { std::slice::from_raw_parts_mut(self.pointer.add(range.start), range.end - range.start) }
    }
}
