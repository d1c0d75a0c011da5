//! Bounds on what is read for one row: a quote without its partner, or a file that is none of rows, would otherwise be
//! read to its end as one cell.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

/// Most bytes of a row.
pub(super) const ROW: u64 = 8 << 20;

/// Counts bytes, and refuses to read on where a row does not end.
pub(super) struct Bounded<R> {
    inner: R,
    meter: Meter,
}

/// What a reader has read.
#[derive(Clone, Default)]
pub(super) struct Meter {
    read: Rc<Cell<u64>>,
    /// What had been read when the last row ended.
    row: Rc<Cell<u64>>,
    last: Rc<Cell<u8>>,
}

impl<R> Bounded<R> {
    pub(super) fn new(inner: R) -> (Self, Meter) {
        let meter = Meter::default();
        (Self { inner, meter: meter.clone() }, meter)
    }
}

impl Meter {
    /// Bytes so far.
    pub(super) fn read(&self) -> u64 {
        self.read.get()
    }

    /// The last byte so far.
    pub(super) fn last(&self) -> u8 {
        self.last.get()
    }

    /// A row has ended.
    pub(super) fn row(&self) {
        self.row.set(self.read.get());
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.meter.read.get() - self.meter.row.get() > ROW {
            let why = format!("a row of more than {} MiB; is a quote without its partner above?", ROW >> 20);
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        }
        let read = self.inner.read(buffer)?;
        self.meter.read.set(self.meter.read.get() + read as u64);
        if let Some(&last) = buffer[..read].last() {
            self.meter.last.set(last);
        }
        Ok(read)
    }
}
