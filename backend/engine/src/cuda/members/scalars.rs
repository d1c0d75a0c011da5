//! The trained scalars of all members end to end, with their moments and gradient.

use crate::EngineError;
use crate::cuda::launch::{PART, Part};
use crate::cuda::machine::{Address, Buffer, Machine, as_bytes};
use crate::error::DeviceError;
use crate::parameters::Parameters;
use std::ops::Range;
use std::sync::Arc;

/// Values, moments and gradient `[scalars]` of all members.
pub(super) struct Scalars {
    /// First scalar of each member, and the number of all.
    pub starts: Vec<usize>,
    /// The trained scalars.
    pub values: Buffer,
    /// Adam's first moments.
    pub first: Buffer,
    /// Adam's second moments.
    pub second: Buffer,
    /// The gradient.
    pub gradient: Buffer,
}

impl Scalars {
    /// The scalars of members, with the values that they have on the host and without moments.
    ///
    /// # Errors
    /// There is no memory, or the device fails; more scalars than a device numbers.
    pub(super) fn new(machine: &Arc<dyn Machine>, members: &[&Parameters]) -> Result<Self, EngineError> {
        let mut starts = vec![0];
        members.iter().for_each(|m| starts.push(starts[starts.len() - 1] + m.compact().len()));
        let total = starts[members.len()];
        if total >= u32::MAX as usize {
            return Err(DeviceError::TooManyScalars(total).into());
        }
        let room = || Buffer::new(machine, (4 * total).max(4));
        let made = Self { starts, values: room()?, first: room()?, second: room()?, gradient: room()? };
        for (number, member) in members.iter().enumerate() {
            machine.upload(made.at(&made.values, number, 0), as_bytes(member.compact()))?;
        }
        // A gradient, too: that of what no loss reaches is never written, such as a pooler's that no head reads.
        for zeros in [&made.first, &made.second, &made.gradient] {
            machine.clear(zeros.at(), zeros.len())?;
        }
        Ok(made)
    }

    /// How many members there are.
    pub(super) fn members(&self) -> usize {
        self.starts.len() - 1
    }

    /// Scalars of all members.
    pub(super) fn total(&self) -> usize {
        self.starts[self.members()]
    }

    /// Where a scalar of a member is in one of the buffers.
    pub(super) fn at(&self, of: &Buffer, member: usize, place: usize) -> Address {
        of.at() + 4 * (self.starts[member] + place) as u64
    }

    /// What a member has in one of the buffers.
    ///
    /// # Errors
    /// The device fails.
    pub(super) fn read(&self, of: &Buffer, member: usize) -> Result<Vec<f32>, EngineError> {
        of.read(self.starts[member], self.starts[member + 1] - self.starts[member])
    }

    /// All scalars in parts, each of one member that decay or do not, and the first part of each member. `decayed` are the
    /// places of each member's compact vector that decay, ascending and apart.
    pub(super) fn parts(&self, decayed: &[&[Range<usize>]]) -> (Vec<Part>, Vec<u32>) {
        let (mut parts, mut firsts) = (Vec::new(), vec![0u32]);
        for (member, (window, decayed)) in self.starts.windows(2).zip(decayed).enumerate() {
            let mut put = |range: Range<usize>, decays: u32| {
                parts.extend(range.clone().step_by(PART).map(|start| Part {
                    member: member as u32,
                    start: start as u32,
                    count: (range.end - start).min(PART) as u32,
                    decays,
                }));
            };
            let mut at = window[0];
            for range in *decayed {
                let (start, end) = (window[0] + range.start, window[0] + range.end);
                put(at..start, 0);
                put(start..end, 1);
                at = end;
            }
            put(at..window[1], 0);
            firsts.push(parts.len() as u32);
        }
        (parts, firsts)
    }
}
