//! Pinned memory of the host: the only kind that a copy beside other work can read and write.

use super::fault::{failed, no_pinned};
use crate::EngineError;
use cudarc::driver::result as cuda;
use cudarc::driver::sys;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Bytes that go through one piece of pinned memory at a time.
pub(super) const MAX_STAGED_BYTES: usize = 16 << 20;
/// Pieces in flight before `take` waits for one.
const PIECES: usize = 4;

/// All pinned memory.
#[derive(Default)]
pub(super) struct Pool(Mutex<Pieces>);

#[derive(Default)]
struct Pieces {
    /// Those that nobody holds, the one that was given back longest ago first.
    free: VecDeque<Pinned>,
    /// How many there are.
    count: usize,
}

/// Pinned memory, and what to wait for before it is touched.
pub(super) struct Pinned {
    /// Where it is.
    pub memory: *mut u8,
    bytes: usize,
    /// Recorded behind the last copy that reads or writes it.
    pub event: sys::CUevent,
}

// SAFETY: pinned memory is plain memory.
unsafe impl Send for Pinned {}

impl Pool {
    fn lock(&self) -> MutexGuard<'_, Pieces> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a piece back, which a copy may still read or write.
    pub(super) fn give_back(&self, piece: Pinned) {
        self.lock().free.push_back(piece);
    }

    /// Frees all pieces. The context must be current, and none of them on its way.
    pub(super) fn clear(&self) {
        for piece in self.lock().free.drain(..) {
            // SAFETY: made by `take` and `grow`, and used no more; what fails cannot be helped.
            unsafe {
                if !piece.memory.is_null() {
                    let _ = cuda::free_host(piece.memory.cast());
                }
                let _ = cuda::event::destroy(piece.event);
            }
        }
    }

    /// A piece with room for so many bytes, at most [`MAX_STAGED_BYTES`], that nothing reads or writes any more. The
    /// context must be current.
    ///
    /// # Errors
    /// The GPU fails, or the host has no memory for it.
    pub(super) fn take(&self, bytes: usize) -> Result<Pinned, EngineError> {
        let mut piece = {
            let mut pieces = self.lock();
            // SAFETY: an event of one's own.
            let rests = |first: &Pinned| unsafe { cuda::event::query(first.event) }.is_ok();
            let enough = pieces.count >= PIECES;
            match pieces.free.front().is_some_and(|first| enough || rests(first)) {
                true => pieces.free.pop_front(),
                false => None,
            }
            .map_or_else(|| Pinned::new().inspect(|_| pieces.count += 1), Ok)?
        };
        match piece.grow(bytes) {
            Ok(()) => Ok(piece),
            Err(error) => {
                self.lock().free.push_back(piece);
                Err(error)
            }
        }
    }
}

impl Pinned {
    fn new() -> Result<Self, EngineError> {
        let event = cuda::event::create(sys::CUevent_flags::CU_EVENT_DISABLE_TIMING);
        Ok(Self { memory: std::ptr::null_mut(), bytes: 0, event: event.map_err(|e| failed("an event", e))? })
    }

    /// Waits until it is at rest.
    ///
    /// # Errors
    /// The GPU fails.
    pub(super) fn wait(&self) -> Result<(), EngineError> {
        // SAFETY: an event of one's own.
        unsafe { cuda::event::synchronize(self.event) }.map_err(|e| failed("a step", e))
    }

    fn grow(&mut self, bytes: usize) -> Result<(), EngineError> {
        self.wait()?;
        if self.bytes >= bytes {
            return Ok(());
        }
        let room = bytes.next_power_of_two().max(4096);
        let old = std::mem::replace(&mut self.memory, std::ptr::null_mut());
        self.bytes = 0;
        // SAFETY: memory of one's own, at rest.
        unsafe {
            if !old.is_null() {
                cuda::free_host(old.cast()).map_err(|e| failed("freeing memory of the host", e))?;
            }
            self.memory = cuda::malloc_host(room, 0).map_err(|e| no_pinned(room, e))?.cast();
        }
        self.bytes = room;
        Ok(())
    }
}
