//! Private copies of tensors that train in part.

use super::scalars::Scalars;
use crate::EngineError;
use crate::cuda::launch::{Pairs, Round, Runner};
use crate::cuda::machine::{Buffer, Machine, Precision, as_bytes, has_bf16_activations};
use crate::parameters::{CopiedRun, Parameters, Storage};
use crate::plan::slots::Slot;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// The copies of all members end to end, in the order of members and tensors, and their gradient.
pub(super) struct Copies {
    /// What the kernels read.
    pub values: Buffer,
    /// Its gradient.
    pub gradient: Buffer,
    /// Its bf16 copy, if products read it.
    pub rounded: Option<Buffer>,
    count: usize,
    /// What trains: as many places among the copies and among the trained scalars.
    pairs: usize,
    places: Buffer,
    compact_places: Buffer,
    starts: BTreeMap<(usize, Slot), usize>,
    /// What trains, and the digest of the rest.
    trained: Vec<Range<usize>>,
    digest: [u8; 32],
}

impl Copies {
    /// The copies of members, `None` if they have none; products read them in this precision.
    ///
    /// # Errors
    /// There is no memory, or the device fails.
    pub(super) fn new(
        machine: &Arc<dyn Machine>,
        members: &[&Parameters],
        slots: &[(Slot, Range<usize>)],
        scalars: &Scalars,
        read_in: Precision,
    ) -> Result<Option<Self>, EngineError> {
        let (mut bank, mut starts, mut trained) = (Vec::new(), BTreeMap::new(), Vec::new());
        let (mut places, mut compact_places) = (Vec::new(), Vec::new());
        for (number, member) in members.iter().enumerate() {
            for (slot, _) in slots {
                let Storage::Copy { values, trained: own } = member.storage(*slot) else { continue };
                let start = bank.len();
                starts.insert((number, *slot), start);
                for CopiedRun { start: first, compact } in own {
                    let range = start + first..start + first + compact.len();
                    places.extend(range.clone().map(|place| place as u32));
                    compact_places
                        .extend(compact.clone().map(|place| (scalars.starts[number] + place) as u32));
                    trained.push(range);
                }
                bank.extend_from_slice(values);
                // Vectors of products start at a multiple of 16 bytes.
                bank.resize(bank.len().next_multiple_of(8), 0.0);
            }
        }
        if bank.is_empty() {
            return Ok(None);
        }
        let made = Self {
            values: Buffer::of(machine, &bank)?,
            gradient: Buffer::new(machine, 4 * bank.len())?,
            rounded: has_bf16_activations(read_in)
                .then(|| Buffer::new(machine, 2 * bank.len()))
                .transpose()?,
            count: bank.len(),
            pairs: places.len(),
            places: Buffer::of(machine, &places)?,
            compact_places: Buffer::of(machine, &compact_places)?,
            starts,
            digest: frozen_digest(bank, &trained),
            trained,
        };
        machine.clear(made.gradient.at(), made.gradient.len())?;
        Ok(Some(made))
    }

    /// First scalar of a member's copy of a tensor.
    pub(super) fn start(&self, member: usize, slot: Slot) -> u64 {
        self.starts.get(&(member, slot)).copied().unwrap_or_default() as u64
    }

    /// Brings the gradient of the copies into the compact one.
    ///
    /// # Errors
    /// The device fails.
    pub(super) fn gather(&self, runner: &Runner, scalars: &Scalars) -> Result<(), EngineError> {
        runner.move_scalars(&Pairs {
            to: scalars.gradient.at(),
            from: self.gradient.at(),
            to_places: self.compact_places.at(),
            from_places: self.places.at(),
            count: self.pairs as u32,
            padding: 0,
        })
    }

    /// Brings the copies up to date.
    ///
    /// # Errors
    /// The device fails.
    pub(super) fn scatter(&self, runner: &Runner, scalars: &Scalars) -> Result<(), EngineError> {
        runner.move_scalars(&Pairs {
            to: self.values.at(),
            from: scalars.values.at(),
            to_places: self.places.at(),
            from_places: self.compact_places.at(),
            count: self.pairs as u32,
            padding: 0,
        })?;
        let Some(to) = &self.rounded else { return Ok(()) };
        runner.round(&Round { from: self.values.at(), to: to.at(), count: self.count as u64 })
    }

    /// Whether what is frozen of the copies has the bits that it had at first.
    ///
    /// # Errors
    /// The device fails.
    pub(super) fn frozen_unchanged(&self) -> Result<bool, EngineError> {
        let now = self.values.read::<f32>(0, self.count)?;
        Ok(frozen_digest(now, &self.trained) == self.digest)
    }
}

fn frozen_digest(mut values: Vec<f32>, trained: &[Range<usize>]) -> [u8; 32] {
    trained.iter().for_each(|range| values[range.clone()].fill(0.0));
    Sha256::digest(as_bytes(&values)).into()
}
