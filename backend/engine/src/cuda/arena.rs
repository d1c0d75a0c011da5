//! Tables that go to the device in one piece.

use super::machine::{Address, Buffer, Plain, as_bytes};
use crate::EngineError;

/// A place in an arena.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Spot(usize);

/// Tables, gathered on the host.
#[derive(Default)]
pub(super) struct Arena {
    bytes: Vec<u8>,
    base: Address,
}

impl Arena {
    /// Starts over.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
    }

    /// Adds a table.
    pub(super) fn put<T: Plain>(&mut self, values: &[T]) -> Spot {
        // What the widest load of a kernel wants.
        let start = self.bytes.len().next_multiple_of(16);
        self.bytes.resize(start, 0);
        self.bytes.extend_from_slice(as_bytes(values));
        Spot(start)
    }

    /// Copies all tables to the device.
    ///
    /// # Errors
    /// There is no memory, or the device fails.
    pub(super) fn send(&mut self, to: &mut Buffer) -> Result<(), EngineError> {
        self.base = to.room(self.bytes.len().max(16))?;
        to.fill(&self.bytes)
    }

    /// Where a table is, once sent.
    pub(super) fn at(&self, spot: Spot) -> Address {
        self.base + spot.0 as u64
    }
}
