//! What a gang's members have on the device, and the tables through which kernels find it. In reading order:

/// Trained scalars end to end.
mod scalars;
/// Private copies of tensors that train in part.
mod copies;
/// Matrices that differ in a few elements.
mod differences;
/// Where members' tensors are.
mod addresses;

pub(super) use differences::{Differences, TABLES, TableDifferences};

use super::arena::Arena;
use super::launch::{AddUp, Optimizer, REPORT_BYTES, Round, Runner, UPDATE_BYTES};
use super::machine::{Address, Buffer, Precision, as_bytes, has_bf16_activations};
use super::model::Model;
use crate::parameters::{MemberOptimizer, Parameters};
use crate::pass::{Add, Parts};
use crate::plan::slots::{BlockSlot::*, Slot, slots};
use crate::{EncoderConfig, EngineError, MemberState};
use addresses::Addresses;
use copies::Copies;
use differences::Lists;
use scalars::Scalars;
use std::collections::BTreeMap;
use std::ops::Range;

/// Over the parts of a batch.
struct BatchSums {
    /// The sums of all gradients, end to end.
    gradient: Buffer,
    /// The sum of each member's losses, f64.
    losses: Buffer,
    /// What each member's part is added to.
    modes: Buffer,
}

/// Members on a device.
pub(super) struct Members {
    scalars: Scalars,
    /// bf16 copy of the trained scalars, if products read it.
    rounded: Option<Buffer>,
    copies: Option<Copies>,
    /// Keeps what the addresses below point to.
    _lists: Buffer,
    _tables: Buffer,
    vectors: Vec<Address>,
    targets: BTreeMap<Slot, Address>,
    matrices: Vec<Address>,
    embeddings: [Address; 3],
    matrix_gradients: Vec<Option<Address>>,
    differences: BTreeMap<(Slot, usize), Differences>,
    /// Differences from the embeddings, if a member has any.
    pub tables: Option<TableDifferences>,
    /// A pointer a member: its head, the head's gradient, its whole gradient.
    pub heads: Address,
    /// See above.
    pub head_gradients: Address,
    /// See above.
    pub gradients: Address,
    /// A `Part` for every few thousand scalars.
    pub parts: Address,
    /// How many.
    pub part_count: usize,
    /// First part of each member.
    pub part_firsts: Address,
    /// An [`Optimizer`] a member.
    pub optimizers: Address,
    /// Sum of squares of each part `[parts]` f64.
    pub squares: Buffer,
    /// Mean loss of each member, f64.
    pub losses: Buffer,
    /// An `Update` a member.
    pub updates: Buffer,
    /// A `Report` a member.
    pub reports: Buffer,
    /// Gradients and losses over the parts of a batch; none until there are several.
    sums: Option<BatchSums>,
    /// Learning rate of each member, f64.
    pub rates: Buffer,
    /// Steps done of each member.
    pub steps: Buffer,
    layers: usize,
}

/// What a vector's gradient goes to: the vectors of one kernel, in the order of its sums.
fn groups(layers: usize) -> Vec<Vec<Option<Slot>>> {
    let mut groups = vec![
        vec![Some(Slot::EmbeddingGamma), Some(Slot::EmbeddingBeta), None],
        vec![Some(Slot::ProjectionBias)],
        vec![Some(Slot::PoolerBias)],
    ];
    for layer in 0..layers {
        for slots in [
            &[QkvBias][..],
            &[AttentionGamma, AttentionBeta, AttentionOutputBias],
            &[IntermediateBias],
            &[FeedForwardGamma, FeedForwardBeta, OutputBias],
        ] {
            groups.push(slots.iter().map(|&slot| Some(Slot::Block(layer, slot))).collect());
        }
    }
    groups
}

impl Members {
    /// Puts members on the device, each with the values that it has on the host and without moments.
    ///
    /// # Errors
    /// There is no memory, or the device fails.
    pub(super) fn new(
        runner: &Runner,
        config: &EncoderConfig,
        weights: &[f32],
        model: &Model,
        members: &[&Parameters],
        optimizers: &[&MemberOptimizer],
    ) -> Result<Self, EngineError> {
        let machine = &runner.machine;
        let (shape, precision) = (&config.shape, runner.precision);
        let all: Vec<(Slot, Range<usize>)> = slots(shape);
        let room = |n: usize| Buffer::new(machine, n.max(4));
        let owns = all.iter().any(|(slot, _)| members.iter().any(|m| m.trained().owns_matrix(*slot)));
        let scalars = Scalars::new(machine, members)?;
        // Vectors are read as they are.
        let read_in = if owns { precision } else { Precision::F32 };
        let rounds = has_bf16_activations(read_in);
        let copies = Copies::new(machine, members, &all, &scalars, read_in)?;
        let rounded = rounds.then(|| room(2 * scalars.total())).transpose()?;
        let lists = Lists::new(machine, shape, &all, weights, precision, members, &scalars)?;
        let (copies_ref, rounded_ref) = (copies.as_ref(), rounded.as_ref());
        let addresses = Addresses {
            members,
            model,
            scalars: &scalars,
            copies: copies_ref,
            rounded: rounded_ref,
            precision,
        };

        let mut tables = Arena::default();
        let everyone = 0..members.len();
        let of_all = |of: &dyn Fn(usize) -> Address| everyone.clone().map(of).collect::<Vec<u64>>();
        let vectors: Vec<_> = all
            .iter()
            .map(|(slot, _)| tables.put(&of_all(&|number| addresses.value(number, *slot))))
            .collect();
        let mut targets = Vec::new();
        for group in groups(shape.layers) {
            let one = |slot: &Option<Slot>| {
                of_all(&|number| slot.and_then(|slot| addresses.gradient(number, slot)).unwrap_or(0))
            };
            let pointers: Vec<u64> = group.iter().flat_map(one).collect();
            if let (Some(Some(first)), true) = (group.first(), pointers.iter().any(|p| *p != 0)) {
                targets.push((*first, tables.put(&pointers)));
            }
        }
        let differences: Vec<_> = lists
            .found
            .iter()
            .map(|f| ((f.slot, f.part), tables.put(&f.forward), tables.put(&f.backward), f.lists()))
            .collect();
        let of_tables = lists.of_tables(members.len()).map(|(all, lists)| (tables.put(&all), lists));
        let pointers = |kind: &Buffer, place: fn(&Parameters) -> usize| {
            of_all(&|number| scalars.at(kind, number, place(members[number])))
        };
        let heads = tables.put(&pointers(&scalars.values, Parameters::encoder_scalars));
        let head_gradients = tables.put(&pointers(&scalars.gradient, Parameters::encoder_scalars));
        let gradients = tables.put(&pointers(&scalars.gradient, |_| 0));
        let decayed: Vec<&[Range<usize>]> = optimizers.iter().map(|one| &one.decayed[..]).collect();
        let (parts, part_firsts) = scalars.parts(&decayed);
        let part_count = parts.len();
        let (parts, part_firsts) = (tables.put(&parts), tables.put(&part_firsts));
        let optimizers =
            tables.put(&optimizers.iter().map(|one| Optimizer::of(&one.adam)).collect::<Vec<_>>());
        let mut table_buffer = Buffer::empty(machine);
        tables.send(&mut table_buffer)?;

        let own_gradient = |slot: Slot| addresses.gradient(0, slot).filter(|_| slot.is_matrix());
        let made = Self {
            embeddings: TABLES.map(|table| addresses.value(0, table)),
            vectors: vectors.into_iter().map(|spot| tables.at(spot)).collect(),
            targets: targets.into_iter().map(|(slot, spot)| (slot, tables.at(spot))).collect(),
            matrices: all.iter().map(|(slot, _)| addresses.product(*slot)).collect(),
            matrix_gradients: all.iter().map(|(slot, _)| own_gradient(*slot)).collect(),
            differences: differences
                .into_iter()
                .map(|(key, forward, backward, lists)| {
                    (key, Differences { forward: tables.at(forward), backward: tables.at(backward), lists })
                })
                .collect(),
            tables: of_tables.map(|(all, lists)| TableDifferences { all: tables.at(all), lists }),
            heads: tables.at(heads),
            head_gradients: tables.at(head_gradients),
            gradients: tables.at(gradients),
            parts: tables.at(parts),
            part_count,
            part_firsts: tables.at(part_firsts),
            optimizers: tables.at(optimizers),
            squares: room(8 * part_count)?,
            sums: None,
            losses: room(8 * members.len())?,
            updates: room(UPDATE_BYTES * members.len())?,
            reports: room(REPORT_BYTES * members.len())?,
            rates: room(8 * members.len())?,
            steps: room(4 * members.len())?,
            layers: shape.layers,
            _lists: lists.buffer,
            _tables: table_buffer,
            scalars,
            rounded,
            copies,
        };
        made.refresh(runner)?;
        Ok(made)
    }

    /// How many.
    pub(super) fn len(&self) -> usize {
        self.scalars.members()
    }

    /// The tables of embeddings as f32, the same for all members but for their differences.
    pub(super) fn embeddings(&self) -> [Address; 3] {
        self.embeddings
    }

    /// A pointer a member to a vector.
    pub(super) fn vectors(&self, slot: Slot) -> Address {
        self.vectors[slot.number(self.layers)]
    }

    /// Where the sums of a group of vectors go, by its first; `None` if no member trains any.
    pub(super) fn targets(&self, first: Slot) -> Option<Address> {
        self.targets.get(&first).copied()
    }

    /// A matrix as products read it.
    pub(super) fn matrix(&self, slot: Slot) -> Address {
        self.matrices[slot.number(self.layers)]
    }

    /// Where the gradient of a matrix goes that the only member has of its own, in f32.
    pub(super) fn matrix_gradient(&self, slot: Slot) -> Option<Address> {
        self.matrix_gradients[slot.number(self.layers)]
    }

    /// Differences from a matrix: of the last block's query, key and value the queries are part 0, the rest part 1.
    pub(super) fn differences(&self, slot: Slot, part: usize) -> Option<Differences> {
        self.differences.get(&(slot, part)).copied()
    }

    /// All gradients end to end, and the losses.
    pub(super) fn gradient(&self, parts: Parts) -> [Address; 2] {
        match (parts, &self.sums) {
            (Parts::Several, Some(sums)) => [sums.gradient.at(), sums.losses.at()],
            (Parts::Several, None) | (Parts::One, _) => [self.scalars.gradient.at(), self.losses.at()],
        }
    }

    /// Adds up gradients and losses of some members.
    ///
    /// # Errors
    /// There is no memory, or the device fails.
    pub(super) fn add_up(&mut self, runner: &Runner, members: &[usize], add: Add) -> Result<(), EngineError> {
        self.gather(runner)?;
        let count = self.len();
        let sums = match self.sums.take() {
            Some(sums) => sums,
            None => BatchSums {
                gradient: Buffer::new(&runner.machine, (4 * self.scalars.total()).max(4))?,
                losses: Buffer::new(&runner.machine, 8 * count.max(1))?,
                modes: Buffer::new(&runner.machine, 4 * count.max(1))?,
            },
        };
        let sums = self.sums.insert(sums);
        let mut modes = vec![0u32; count];
        let mode = match add {
            Add::First => 1,
            Add::More => 2,
        };
        members.iter().for_each(|&member| modes[member] = mode);
        sums.modes.fill(as_bytes(&modes))?;
        let p = AddUp {
            parts: self.parts,
            firsts: self.part_firsts,
            modes: sums.modes.at(),
            gradient: self.scalars.gradient.at(),
            losses: self.losses.at(),
            gradient_sums: sums.gradient.at(),
            loss_sums: sums.losses.at(),
        };
        runner.add_up(self.part_count, &p)
    }

    /// All values, moments, and the bf16 copy or 0.
    pub(super) fn state(&self) -> [Address; 4] {
        let rounded = self.rounded.as_ref().map_or(0, Buffer::at);
        [self.scalars.values.at(), self.scalars.first.at(), self.scalars.second.at(), rounded]
    }

    /// Brings the gradient of private copies into the compact one.
    ///
    /// # Errors
    /// The device fails.
    pub(super) fn gather(&self, runner: &Runner) -> Result<(), EngineError> {
        self.copies.as_ref().map_or(Ok(()), |copies| copies.gather(runner, &self.scalars))
    }

    /// Brings private copies up to date.
    ///
    /// # Errors
    /// The device fails.
    pub(super) fn scatter(&self, runner: &Runner) -> Result<(), EngineError> {
        self.copies.as_ref().map_or(Ok(()), |copies| copies.scatter(runner, &self.scalars))
    }

    /// Brings all copies of the values up to date.
    fn refresh(&self, runner: &Runner) -> Result<(), EngineError> {
        if let Some(to) = &self.rounded {
            let (from, count) = (self.scalars.values.at(), self.scalars.total() as u64);
            runner.round(&Round { from, to: to.at(), count })?;
        }
        self.scatter(runner)
    }

    /// A member's trained scalars.
    ///
    /// # Errors
    /// The device fails.
    pub(super) fn trained(&self, member: usize) -> Result<Vec<f32>, EngineError> {
        self.scalars.read(&self.scalars.values, member)
    }

    /// A member's gradient.
    ///
    /// # Errors
    /// The device fails.
    pub(super) fn gradient_of(&self, member: usize) -> Result<Vec<f32>, EngineError> {
        self.scalars.read(&self.scalars.gradient, member)
    }

    /// What a member has become.
    ///
    /// # Errors
    /// The device fails.
    pub(super) fn state_of(&self, member: usize, steps: u32) -> Result<MemberState, EngineError> {
        let read = |of| self.scalars.read(of, member);
        let (first, second) = (read(&self.scalars.first)?, read(&self.scalars.second)?);
        Ok(MemberState { steps, trained: self.trained(member)?, first, second })
    }

    /// Replaces a member's scalars and moments, of which there are as many.
    ///
    /// # Errors
    /// The device fails.
    pub(super) fn restore(
        &self,
        runner: &Runner,
        member: usize,
        state: &MemberState,
    ) -> Result<(), EngineError> {
        let Scalars { values, first, second, .. } = &self.scalars;
        for (to, from) in [(values, &state.trained), (first, &state.first), (second, &state.second)] {
            runner.machine.upload(self.scalars.at(to, member, 0), as_bytes(from))?;
        }
        self.refresh(runner)
    }

    /// Whether the frozen scalars of private copies have the bits that they had at first.
    ///
    /// # Errors
    /// The device fails.
    pub(super) fn copies_unchanged(&self) -> Result<bool, EngineError> {
        self.copies.as_ref().map_or(Ok(true), Copies::frozen_unchanged)
    }
}
