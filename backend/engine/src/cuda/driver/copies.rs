//! Copies between the host and the GPU, through pinned memory.

use super::context::Context;
use super::fault::failed;
use super::pinned::{MAX_STAGED_BYTES, Pinned};
use crate::EngineError;
use crate::cuda::machine::Address;
use cudarc::driver::result as cuda;
use std::collections::VecDeque;
use std::sync::Arc;

/// Pieces of one read that are on their way at once.
const MAX_IN_FLIGHT: usize = 2;

/// Copies to the GPU; `from` may change as soon as this returns.
///
/// # Errors
/// The GPU fails, or the host has no memory for it.
pub(super) fn upload(context: &Context, to: Address, from: &[u8]) -> Result<(), EngineError> {
    context.bind()?;
    for (i, part) in from.chunks(MAX_STAGED_BYTES).enumerate() {
        let to = to + (i * MAX_STAGED_BYTES) as u64;
        let piece = context.pinned.take(part.len())?;
        // SAFETY: the piece is as large as the part, and is touched again only behind its event.
        let done = unsafe {
            std::ptr::copy_nonoverlapping(part.as_ptr(), piece.memory, part.len());
            let pinned = std::slice::from_raw_parts(piece.memory, part.len());
            cuda::memcpy_htod_async(to, pinned, context.stream)
                .and_then(|()| cuda::event::record(piece.event, context.stream))
        };
        context.pinned.give_back(piece);
        done.map_err(|e| failed("a copy to it", e))?;
    }
    context.check("a copy to it")
}

/// Copies from the GPU, and waits: a few pieces at a time, so that what is pinned does not grow with what is read.
///
/// # Errors
/// The GPU fails, or the host has no memory for it.
pub(super) fn read(context: &Arc<Context>, from: Address, to: &mut [u8]) -> Result<(), EngineError> {
    let mut on_their_way = VecDeque::with_capacity(MAX_IN_FLIGHT);
    for (i, part) in to.chunks_mut(MAX_STAGED_BYTES).enumerate() {
        if on_their_way.len() == MAX_IN_FLIGHT
            && let Some((fetched, part)) = on_their_way.pop_front()
        {
            Fetched::wait(fetched, part)?;
        }
        let from = from + (i * MAX_STAGED_BYTES) as u64;
        on_their_way.push_back((Fetched::start(context, from, part.len())?, part));
    }
    on_their_way.into_iter().try_for_each(|(fetched, part)| fetched.wait(part))
}

/// Bytes on their way to pinned memory of the host, at most [`MAX_STAGED_BYTES`].
pub(super) struct Fetched {
    context: Arc<Context>,
    piece: Option<Pinned>,
}

impl Fetched {
    /// Asks for them.
    ///
    /// # Errors
    /// The GPU fails, or the host has no memory for them.
    pub(super) fn start(context: &Arc<Context>, from: Address, bytes: usize) -> Result<Self, EngineError> {
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
    pub(super) fn wait(self, to: &mut [u8]) -> Result<(), EngineError> {
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
            self.context.pinned.give_back(piece);
        }
    }
}
