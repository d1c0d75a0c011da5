//! Where members' tensors are on the device.

use super::copies::Copies;
use super::scalars::Scalars;
use crate::cuda::machine::{self, Address, Buffer, Precision};
use crate::cuda::model::Model;
use crate::parameters::{Parameters, Storage};
use crate::plan::slots::Slot;

/// Where members' tensors are.
pub(super) struct Addresses<'a> {
    /// The members.
    pub members: &'a [&'a Parameters],
    /// The model.
    pub model: &'a Model,
    /// Their trained scalars.
    pub scalars: &'a Scalars,
    /// Their private copies.
    pub copies: Option<&'a Copies>,
    /// bf16 copy of the trained scalars, if products read it.
    pub rounded: Option<&'a Buffer>,
    /// What products read.
    pub precision: Precision,
}

impl Addresses<'_> {
    fn copy(&self, member: usize, slot: Slot, of: fn(&Copies) -> &Buffer, size: usize) -> Address {
        self.copies.map_or(0, |copies| of(copies).at() + size as u64 * copies.start(member, slot))
    }

    /// A member's tensor in f32, without its differences.
    pub(super) fn value(&self, member: usize, slot: Slot) -> Address {
        match self.members[member].storage(slot) {
            Storage::Model(range) | Storage::Sparse { model: range, .. } => {
                self.model.values() + 4 * range.start as u64
            }
            Storage::Compact(own) => self.scalars.at(&self.scalars.values, member, own.start),
            Storage::Copy { .. } => self.copy(member, slot, |c| &c.values, 4),
        }
    }

    /// Where the gradient of a member's tensor goes, if it trains other than by a few elements.
    pub(super) fn gradient(&self, member: usize, slot: Slot) -> Option<Address> {
        match self.members[member].storage(slot) {
            Storage::Model(_) | Storage::Sparse { .. } => None,
            Storage::Compact(own) => Some(self.scalars.at(&self.scalars.gradient, member, own.start)),
            Storage::Copy { .. } => Some(self.copy(member, slot, |c| &c.gradient, 4)),
        }
    }

    /// A tensor as products read it. They read the first member's: who has a matrix of its own is alone.
    pub(super) fn product(&self, slot: Slot) -> Address {
        let size = machine::bytes(self.precision);
        match (self.members[0].storage(slot), self.rounded) {
            (Storage::Model(range) | Storage::Sparse { model: range, .. }, _) => {
                self.model.matrix(range.start)
            }
            (Storage::Compact(own), Some(rounded)) => rounded.at() + (size * own.start) as u64,
            (Storage::Copy { .. }, Some(_)) => {
                self.copy(0, slot, |c| c.rounded.as_ref().unwrap_or(&c.values), size)
            }
            (Storage::Compact(_) | Storage::Copy { .. }, None) => self.value(0, slot),
        }
    }
}
