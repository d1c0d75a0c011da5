//! Copies between the host and the GPU, through pinned memory: the only kind that a copy beside other work can read and
//! write.

use super::context::Context;
use super::fault::{failed, no_pinned};
use crate::EngineError;
use crate::cuda::machine::Address;
use cudarc::driver::result as cuda;
use cudarc::driver::sys;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bytes that go through one piece of pinned memory at a time.
pub const MOST_STAGED_BYTES: usize = 16 << 20;
/// As many pieces are made before one that is on its way is waited for.
const PIECES: usize = 4;
/// Pieces of one read that are on their way at once.
const AT_ONCE: usize = 2;

/// All pinned memory.
#[derive(Default)]
pub struct Pool(Mutex<Pieces>);

#[derive(Default)]
struct Pieces {
    /// Those that nobody holds, the one that was given back longest ago first.
    free: VecDeque<Pinned>,
    /// How many there are.
    count: usize,
}

/// Pinned memory, and what to wait for before it is touched.
struct Pinned {
    memory: *mut u8,
    bytes: usize,
    event: sys::CUevent,
}

// SAFETY: pinned memory is plain memory.
unsafe impl Send for Pinned {}

impl Pool {
    fn lock(&self) -> MutexGuard<'_, Pieces> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Frees all pieces. The context must be current, and none of them on its way.
    pub fn clear(&self) {
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

    /// A piece with room for so many bytes, at most [`MOST_STAGED_BYTES`], that nothing reads or writes any more. The
    /// context must be current.
    fn take(&self, bytes: usize) -> Result<Pinned, EngineError> {
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
    fn wait(&self) -> Result<(), EngineError> {
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

/// Copies to the GPU; `from` may change as soon as this returns.
///
/// # Errors
/// The GPU fails, or the host has no memory for it.
pub fn upload(context: &Context, to: Address, from: &[u8]) -> Result<(), EngineError> {
    context.bind()?;
    for (i, part) in from.chunks(MOST_STAGED_BYTES).enumerate() {
        let to = to + (i * MOST_STAGED_BYTES) as u64;
        let piece = context.pinned.take(part.len())?;
        // SAFETY: the piece is as large as the part, and is touched again only behind its event.
        let done = unsafe {
            std::ptr::copy_nonoverlapping(part.as_ptr(), piece.memory, part.len());
            let pinned = std::slice::from_raw_parts(piece.memory, part.len());
            cuda::memcpy_htod_async(to, pinned, context.stream)
                .and_then(|()| cuda::event::record(piece.event, context.stream))
        };
        context.pinned.lock().free.push_back(piece);
        done.map_err(|e| failed("a copy to it", e))?;
    }
    context.check("a copy to it")
}

/// Copies from the GPU, and waits: a few pieces at a time, so that what is pinned does not grow with what is read.
///
/// # Errors
/// The GPU fails, or the host has no memory for it.
pub fn read(context: &Arc<Context>, from: Address, to: &mut [u8]) -> Result<(), EngineError> {
    let mut on_their_way = VecDeque::with_capacity(AT_ONCE);
    for (i, part) in to.chunks_mut(MOST_STAGED_BYTES).enumerate() {
        if on_their_way.len() == AT_ONCE
            && let Some((fetched, part)) = on_their_way.pop_front()
        {
            Fetched::wait(fetched, part)?;
        }
        let from = from + (i * MOST_STAGED_BYTES) as u64;
        on_their_way.push_back((Fetched::start(context, from, part.len())?, part));
    }
    on_their_way.into_iter().try_for_each(|(fetched, part)| fetched.wait(part))
}

/// Bytes on their way to pinned memory of the host, at most [`MOST_STAGED_BYTES`].
pub struct Fetched {
    context: Arc<Context>,
    piece: Option<Pinned>,
}

impl Fetched {
    /// Asks for them.
    ///
    /// # Errors
    /// The GPU fails, or the host has no memory for them.
    pub fn start(context: &Arc<Context>, from: Address, bytes: usize) -> Result<Self, EngineError> {
        context.bind()?;
        if bytes == 0 {
            return Ok(Self { context: context.clone(), piece: None });
        }
        let piece = context.pinned.take(bytes)?;
        // SAFETY: the piece is as large as what is copied, and is touched again only behind its event.
        let done = unsafe {
            let pinned = std::slice::from_raw_parts_mut(piece.memory, bytes);
            cuda::memcpy_dtoh_async(pinned, from, context.stream)
                .and_then(|()| cuda::event::record(piece.event, context.stream))
        };
        let made = Self { context: context.clone(), piece: Some(piece) };
        done.map_err(|e| failed("a copy from it", e))?;
        Ok(made)
    }

    /// Waits for them, as many as were asked for.
    ///
    /// # Errors
    /// The GPU fails.
    pub fn wait(self, to: &mut [u8]) -> Result<(), EngineError> {
        self.context.bind()?;
        let Some(piece) = &self.piece else { return Ok(()) };
        piece.wait()?;
        // SAFETY: behind the copy's event the memory is at rest, and as large.
        to.copy_from_slice(unsafe { std::slice::from_raw_parts(piece.memory, to.len()) });
        Ok(())
    }
}

impl Drop for Fetched {
    fn drop(&mut self) {
        if let Some(piece) = self.piece.take() {
            self.context.pinned.lock().free.push_back(piece);
        }
    }
}
