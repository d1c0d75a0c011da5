//! What a gang's members have on the device: trained scalars, moments and gradient end to end, private copies, and
//! the tables through which kernels find a member's vectors.

use super::arena::{Arena, Spot};
use super::kernels::{Optimizer, PART, Pairs, Part, REPORT_BYTES, Round, Runner, Sparse, UPDATE_BYTES};
use super::machine::{Address, Buffer, Numbers};
use super::model::Model;
use crate::engine::parameters::{Element, Parameters, Place};
use crate::engine::slots::{BlockSlot::*, Slot, slots};
use crate::engine::{Adam, EncoderConfig, EngineError, MemberState};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// Differences of all members from one matrix, or from some rows of it.
#[derive(Clone, Copy, Debug)]
pub struct Differences {
    /// A [`Sparse`] a member, by rows: what forward and gradient read.
    pub forward: Address,
    /// The same by columns: what the way back reads.
    pub backward: Address,
    /// Most rows of a member that have some.
    pub lists: usize,
}

/// Differences of all members from the tables of embeddings.
#[derive(Clone, Copy, Debug)]
pub struct TableDifferences {
    /// A [`Sparse`] a member and table.
    pub all: Address,
    /// Most rows of a member that have some, of each table.
    pub lists: [usize; 3],
}

/// The three tables of embeddings, in the order of [`TableDifferences`].
pub const TABLES: [Slot; 3] = [Slot::Words, Slot::Positions, Slot::Segments];

/// Members on a device.
pub struct Members {
    /// First scalar of each member, and the number of all.
    starts: Vec<usize>,
    values: Buffer,
    first: Buffer,
    second: Buffer,
    gradient: Buffer,
    /// bf16 copy of `values`, if products read it.
    rounded: Option<Buffer>,
    /// Private copies of tensors that train in part, their gradients, and the bf16 copy.
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
    /// A [`Part`] for every few thousand scalars.
    pub parts: Address,
    /// How many.
    pub part_count: usize,
    /// First part of each member.
    pub part_firsts: Address,
    /// An [`Optimizer`] a member.
    pub optimizers: Address,
    /// Sum of squares of each part `[parts]` f64.
    pub sums: Buffer,
    /// Mean loss of each member, f64.
    pub losses: Buffer,
    /// An `Update` a member.
    pub updates: Buffer,
    /// A `Report` a member.
    pub reports: Buffer,
    /// Learning rate of each member, f64.
    pub rates: Buffer,
    /// Steps done of each member.
    pub steps: Buffer,
    layers: usize,
}

struct Copies {
    values: Buffer,
    gradient: Buffer,
    rounded: Option<Buffer>,
    count: usize,
    pairs: usize,
    bank_places: Address,
    compact_places: Address,
    /// What trains, and the digest of the rest.
    trained: Vec<Range<usize>>,
    digest: [u8; 32],
}

/// What a vector's gradient goes to: the vectors of one kernel, in the order of its sums.
fn groups(layers: usize) -> Vec<Vec<Option<Slot>>> {
    let mut groups =
        vec![vec![Some(Slot::EmbeddingGamma), Some(Slot::EmbeddingBeta), None], vec![Some(Slot::PoolerBias)]];
    for layer in 0..layers {
        let of = |slots: &[_]| slots.iter().map(|&slot| Some(Slot::Block(layer, slot))).collect();
        groups.push(of(&[QkvBias]));
        groups.push(of(&[AttentionGamma, AttentionBeta, MixBias]));
        groups.push(of(&[UpBias]));
        groups.push(of(&[FeedForwardGamma, FeedForwardBeta, DownBias]));
    }
    groups
}

/// Lists of some differences, by row or by column.
fn list(arena: &mut Arena, mut elements: Vec<(u32, u32, u32, f32)>, by_column: bool) -> ([Spot; 5], u32) {
    if by_column {
        elements.iter_mut().for_each(|(row, column, ..)| std::mem::swap(row, column));
        elements.sort_by_key(|&(row, column, ..)| (row, column));
    }
    let mut rows: Vec<u32> = Vec::new();
    let mut starts = Vec::new();
    for (i, (row, ..)) in elements.iter().enumerate() {
        if rows.last() != Some(row) {
            rows.push(*row);
            starts.push(i as u32);
        }
    }
    starts.push(elements.len() as u32);
    let columns: Vec<u32> = elements.iter().map(|e| e.1).collect();
    let places: Vec<u32> = elements.iter().map(|e| e.2).collect();
    let bases: Vec<f32> = elements.iter().map(|e| e.3).collect();
    let count = rows.len() as u32;
    (
        [arena.put(&rows), arena.put(&starts), arena.put(&columns), arena.put(&places), arena.put(&bases)],
        count,
    )
}

fn rounded(x: f32) -> f32 {
    f32::from_bits((x.to_bits() + 0x7fff + (x.to_bits() >> 16 & 1)) & 0xffff_0000)
}

impl Members {
    /// Puts members on the device, each with the values that it has on the host and without moments.
    ///
    /// # Errors
    /// There is no memory, or the device fails.
    pub fn new(
        runner: &Runner,
        config: &EncoderConfig,
        (weights, model): (&Arc<Vec<f32>>, &Model),
        members: &[Parameters],
        optimizers: &[Adam],
    ) -> Result<Self, EngineError> {
        let machine = &runner.machine;
        let (shape, narrow) = (&config.shape, runner.numbers == Numbers::Bf16);
        let all: Vec<(Slot, Range<usize>)> = slots(shape);
        let mut starts = vec![0];
        members.iter().for_each(|m| starts.push(starts[starts.len() - 1] + m.compact().len()));
        let total = starts[members.len()];
        if total >= u32::MAX as usize {
            return Err(EngineError::Device(format!(
                "a gang of {total} trained scalars is more than a device numbers; take a smaller one"
            )));
        }
        let compact =
            |kind: &Buffer, member: usize, place: usize| kind.at() + 4 * (starts[member] + place) as u64;
        let room = |n: usize| Buffer::new(machine, n.max(4));
        let [values, first, second, gradient] =
            [room(4 * total)?, room(4 * total)?, room(4 * total)?, room(4 * total)?];
        for (member, start) in members.iter().zip(&starts) {
            let bytes = super::machine::as_bytes(member.compact());
            machine.upload(values.at() + 4 * *start as u64, bytes)?;
        }
        // A gradient, too: that of what no loss reaches is never written, such as a pooler's that no head reads.
        for zeros in [&first, &second, &gradient] {
            machine.clear(zeros.at(), zeros.len())?;
        }

        // Private copies end to end, in the order of members and tensors.
        let (mut bank, mut pairs, mut bank_starts) = (Vec::new(), Vec::new(), BTreeMap::new());
        let mut bank_trained = Vec::new();
        for (number, member) in members.iter().enumerate() {
            for (slot, _) in &all {
                if let Place::Copy { values, trained } = member.place(*slot) {
                    bank_starts.insert((number, *slot), bank.len());
                    for (to, from) in trained {
                        let each = from.clone().enumerate();
                        let pair =
                            |(i, place)| ((bank.len() + to + i) as u32, (starts[number] + place) as u32);
                        pairs.extend(each.map(pair));
                        bank_trained.push(bank.len() + to..bank.len() + to + from.len());
                    }
                    bank.extend_from_slice(values);
                    // Vectors of products start at a multiple of 16 bytes.
                    bank.resize(bank.len().next_multiple_of(8), 0.0);
                }
            }
        }
        let owns = all.iter().any(|(slot, _)| members.iter().any(|m| m.owns_matrix(*slot)));
        let mut frozen: Vec<f32> = bank.clone();
        bank_trained.iter().for_each(|range| frozen[range.clone()].fill(0.0));
        let copies = (!bank.is_empty()).then(|| {
            Ok::<_, EngineError>(Copies {
                values: Buffer::of(machine, &bank)?,
                gradient: room(4 * bank.len())?,
                rounded: if narrow && owns { Some(room(2 * bank.len())?) } else { None },
                count: bank.len(),
                pairs: pairs.len(),
                bank_places: 0,
                compact_places: 0,
                trained: bank_trained,
                digest: digest(&frozen),
            })
        });
        let mut copies = copies.transpose()?;
        if let Some(Copies { gradient, .. }) = &copies {
            machine.clear(gradient.at(), gradient.len())?;
        }
        let rounded_values = if narrow && owns { Some(room(2 * total)?) } else { None };

        // Lists first: the tables hold their addresses.
        let mut lists = Arena::default();
        let bank_spot = lists.put(&pairs.iter().map(|p| p.0).collect::<Vec<u32>>());
        let compact_spot = lists.put(&pairs.iter().map(|p| p.1).collect::<Vec<u32>>());
        let mut found = Vec::new();
        for (slot, range) in &all {
            let columns = slot.columns(shape);
            let rows = range.len() / columns;
            // The last block's queries stand apart.
            let parts = match slot {
                Slot::Block(layer, QkvWeight) if layer + 1 == shape.layers => {
                    vec![0..rows / 3, rows / 3..rows]
                }
                _ => std::iter::once(0..rows).collect(),
            };
            let is_table = TABLES.contains(slot);
            for (part, rows) in parts.into_iter().enumerate() {
                let base = |e: &Element| {
                    let value = weights[range.start + e.row as usize * columns + e.column as usize];
                    if narrow && !is_table { rounded(value) } else { value }
                };
                let own = |member: &Parameters| match member.place(*slot) {
                    Place::Sparse { elements, .. } => {
                        let inside = elements.iter().filter(|e| rows.contains(&(e.row as usize)));
                        inside.map(|e| (e.row - rows.start as u32, e.column, e.place, base(e))).collect()
                    }
                    _ => Vec::new(),
                };
                let each: Vec<Vec<_>> = members.iter().map(own).collect();
                if each.iter().all(Vec::is_empty) {
                    continue;
                }
                let mut both = [false, true].map(|by_column| {
                    each.iter().map(|e| list(&mut lists, e.clone(), by_column)).collect::<Vec<_>>()
                });
                let backward = std::mem::take(&mut both[1]);
                found.push((*slot, part, std::mem::take(&mut both[0]), backward));
            }
        }
        let mut list_buffer = Buffer::empty(machine);
        lists.send(&mut list_buffer)?;
        let sparse = |each: &[([Spot; 5], u32)]| -> Vec<Sparse> {
            let of = |(number, (spots, count)): (usize, &([Spot; 5], u32))| Sparse {
                rows: lists.at(spots[0]),
                starts: lists.at(spots[1]),
                columns: lists.at(spots[2]),
                places: lists.at(spots[3]),
                bases: lists.at(spots[4]),
                values: compact(&values, number, 0),
                count: *count,
                padding: 0,
            };
            each.iter().enumerate().map(of).collect()
        };
        if let Some(copies) = &mut copies {
            (copies.bank_places, copies.compact_places) = (lists.at(bank_spot), lists.at(compact_spot));
        }

        let copy = |number: usize, slot: Slot, kind: fn(&Copies) -> &Buffer, size: u64| {
            let start = bank_starts.get(&(number, slot)).copied().unwrap_or_default() as u64;
            copies.as_ref().map_or(0, |copies| kind(copies).at() + size * start)
        };
        let mut tables = Arena::default();
        let mut vector_spots = Vec::new();
        for (slot, range) in &all {
            let of = |(number, member): (usize, &Parameters)| match member.place(*slot) {
                Place::Model(_) | Place::Sparse { .. } => model.values() + 4 * range.start as u64,
                Place::Compact(own) => compact(&values, number, own.start),
                Place::Copy { .. } => copy(number, *slot, |c| &c.values, 4),
            };
            vector_spots.push(tables.put(&members.iter().enumerate().map(of).collect::<Vec<u64>>()));
        }
        let gradient_of = |number: usize, slot: Slot| match members[number].place(slot) {
            Place::Model(_) | Place::Sparse { .. } => None,
            Place::Compact(own) => Some(compact(&gradient, number, own.start)),
            Place::Copy { .. } => Some(copy(number, slot, |c| &c.gradient, 4)),
        };
        let mut target_spots = BTreeMap::new();
        for group in groups(shape.layers) {
            let one = |slot: Option<Slot>| {
                let each = 0..members.len();
                each.map(|number| slot.and_then(|slot| gradient_of(number, slot)).unwrap_or(0))
                    .collect::<Vec<u64>>()
            };
            let pointers: Vec<u64> = group.iter().flat_map(|slot| one(*slot)).collect();
            if let (Some(Some(first)), true) = (group.first(), pointers.iter().any(|p| *p != 0)) {
                target_spots.insert(*first, tables.put(&pointers));
            }
        }
        let found: Vec<_> = found
            .into_iter()
            .map(|(slot, part, forward, backward)| {
                let lists = forward.iter().map(|l| l.1 as usize).max().unwrap_or(0);
                let (forward, backward) = (sparse(&forward), sparse(&backward));
                (slot, part, tables.put(&forward), tables.put(&backward), lists, forward)
            })
            .collect();
        let table_of = |slot: &Slot| TABLES.iter().position(|table| table == slot);
        let mut of_tables = vec![Sparse::default(); 3 * members.len()];
        let mut table_lists = [0; 3];
        for (slot, .., lists, forward) in &found {
            if let Some(table) = table_of(slot) {
                table_lists[table] = *lists;
                forward.iter().enumerate().for_each(|(number, list)| of_tables[3 * number + table] = *list);
            }
        }
        let table_spot = (table_lists != [0; 3]).then(|| tables.put(&of_tables));

        let pointers = |kind: &Buffer, place: fn(&Parameters) -> usize| {
            members.iter().enumerate().map(|(i, m)| compact(kind, i, place(m))).collect::<Vec<u64>>()
        };
        let head_spot = tables.put(&pointers(&values, Parameters::encoder_scalars));
        let head_gradient_spot = tables.put(&pointers(&gradient, Parameters::encoder_scalars));
        let gradient_spot = tables.put(&pointers(&gradient, |_| 0));
        let (mut parts, mut part_firsts) = (Vec::new(), vec![0u32]);
        for (member, window) in starts.windows(2).enumerate() {
            parts.extend((window[0]..window[1]).step_by(PART).map(|start| Part {
                member: member as u32,
                start: start as u32,
                count: (window[1] - start).min(PART) as u32,
            }));
            part_firsts.push(parts.len() as u32);
        }
        let part_spot = tables.put(&parts);
        let part_first_spot = tables.put(&part_firsts);
        let optimizer_spot = tables.put(&optimizers.iter().map(Optimizer::of).collect::<Vec<_>>());
        let mut table_buffer = Buffer::empty(machine);
        tables.send(&mut table_buffer)?;

        // Products read the first member's matrices: who has some of its own is alone.
        let matrix = |slot: Slot, range: &Range<usize>| {
            let size = runner.numbers.bytes() as u64;
            match (members[0].place(slot), &rounded_values) {
                (Place::Model(_) | Place::Sparse { .. }, _) => model.matrix(range.start),
                (Place::Compact(own), Some(rounded)) => rounded.at() + size * own.start as u64,
                (Place::Compact(own), None) => compact(&values, 0, own.start),
                (Place::Copy { .. }, Some(_)) => {
                    copy(0, slot, |c| c.rounded.as_ref().unwrap_or(&c.values), size)
                }
                (Place::Copy { .. }, None) => copy(0, slot, |c| &c.values, size),
            }
        };
        let embedding = |table: Slot| {
            let range = all.iter().find(|(slot, _)| *slot == table).map_or(0..0, |(_, range)| range.clone());
            match members[0].place(table) {
                Place::Model(_) | Place::Sparse { .. } => model.values() + 4 * range.start as u64,
                Place::Compact(own) => compact(&values, 0, own.start),
                Place::Copy { .. } => copy(0, table, |c| &c.values, 4),
            }
        };
        let made = Self {
            embeddings: TABLES.map(embedding),
            vectors: vector_spots.into_iter().map(|spot| tables.at(spot)).collect(),
            targets: target_spots.into_iter().map(|(slot, spot)| (slot, tables.at(spot))).collect(),
            matrices: all.iter().map(|(slot, range)| matrix(*slot, range)).collect(),
            matrix_gradients: all
                .iter()
                .map(|(slot, _)| gradient_of(0, *slot).filter(|_| slot.is_matrix()))
                .collect(),
            differences: found
                .iter()
                .map(|(slot, part, forward, backward, lists, _)| {
                    let (forward, backward) = (tables.at(*forward), tables.at(*backward));
                    ((*slot, *part), Differences { forward, backward, lists: *lists })
                })
                .collect(),
            tables: table_spot.map(|spot| TableDifferences { all: tables.at(spot), lists: table_lists }),
            heads: tables.at(head_spot),
            head_gradients: tables.at(head_gradient_spot),
            gradients: tables.at(gradient_spot),
            parts: tables.at(part_spot),
            part_count: parts.len(),
            part_firsts: tables.at(part_first_spot),
            optimizers: tables.at(optimizer_spot),
            sums: room(8 * parts.len())?,
            losses: room(8 * members.len())?,
            updates: room(UPDATE_BYTES * members.len())?,
            reports: room(REPORT_BYTES * members.len())?,
            rates: room(8 * members.len())?,
            steps: room(4 * members.len())?,
            values,
            first,
            second,
            _lists: list_buffer,
            _tables: table_buffer,
            layers: shape.layers,
            gradient,
            rounded: rounded_values,
            copies,
            starts,
        };
        made.refresh(runner)?;
        Ok(made)
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// The tables of embeddings as f32, the same for all members but for their differences.
    pub fn embeddings(&self) -> [Address; 3] {
        self.embeddings
    }

    /// A pointer a member to a vector.
    pub fn vectors(&self, slot: Slot) -> Address {
        self.vectors[slot.number(self.layers)]
    }

    /// Where the sums of a group of vectors go, by its first; `None` if no member trains any.
    pub fn targets(&self, first: Slot) -> Option<Address> {
        self.targets.get(&first).copied()
    }

    /// A matrix as products read it.
    pub fn matrix(&self, slot: Slot) -> Address {
        self.matrices[slot.number(self.layers)]
    }

    /// Where the gradient of a matrix goes that the only member has of its own, in f32.
    pub fn matrix_gradient(&self, slot: Slot) -> Option<Address> {
        self.matrix_gradients[slot.number(self.layers)]
    }

    /// Differences from a matrix: of the last block's query, key and value the queries are part 0, the rest part 1.
    pub fn differences(&self, slot: Slot, part: usize) -> Option<Differences> {
        self.differences.get(&(slot, part)).copied()
    }

    /// All gradients end to end.
    pub fn gradient(&self) -> Address {
        self.gradient.at()
    }

    /// All values, moments, and the bf16 copy or 0.
    pub fn state(&self) -> [Address; 4] {
        let rounded = self.rounded.as_ref().map_or(0, Buffer::at);
        [self.values.at(), self.first.at(), self.second.at(), rounded]
    }

    /// Brings the gradient of private copies into the compact one.
    ///
    /// # Errors
    /// The device fails.
    pub fn gather(&self, runner: &Runner) -> Result<(), EngineError> {
        let Some(copies) = &self.copies else { return Ok(()) };
        runner.move_scalars(&Pairs {
            to: self.gradient.at(),
            from: copies.gradient.at(),
            to_places: copies.compact_places,
            from_places: copies.bank_places,
            count: copies.pairs as u32,
            padding: 0,
        })
    }

    /// Brings private copies up to date.
    ///
    /// # Errors
    /// The device fails.
    pub fn scatter(&self, runner: &Runner) -> Result<(), EngineError> {
        let Some(copies) = &self.copies else { return Ok(()) };
        runner.move_scalars(&Pairs {
            to: copies.values.at(),
            from: self.values.at(),
            to_places: copies.bank_places,
            from_places: copies.compact_places,
            count: copies.pairs as u32,
            padding: 0,
        })?;
        match &copies.rounded {
            Some(to) => {
                runner.round(&Round { from: copies.values.at(), to: to.at(), count: copies.count as u64 })
            }
            None => Ok(()),
        }
    }

    /// Brings all copies of the values up to date.
    fn refresh(&self, runner: &Runner) -> Result<(), EngineError> {
        if let Some(to) = &self.rounded {
            let count = self.starts[self.starts.len() - 1] as u64;
            runner.round(&Round { from: self.values.at(), to: to.at(), count })?;
        }
        self.scatter(runner)
    }

    fn read(&self, of: &Buffer, member: usize) -> Result<Vec<f32>, EngineError> {
        of.read(self.starts[member], self.starts[member + 1] - self.starts[member])
    }

    /// A member's trained scalars.
    ///
    /// # Errors
    /// The device fails.
    pub fn trained(&self, member: usize) -> Result<Vec<f32>, EngineError> {
        self.read(&self.values, member)
    }

    /// A member's gradient.
    ///
    /// # Errors
    /// The device fails.
    pub fn gradient_of(&self, member: usize) -> Result<Vec<f32>, EngineError> {
        self.read(&self.gradient, member)
    }

    /// What a member has become.
    ///
    /// # Errors
    /// The device fails.
    pub fn state_of(&self, member: usize, steps: u32) -> Result<MemberState, EngineError> {
        let (first, second) = (self.read(&self.first, member)?, self.read(&self.second, member)?);
        Ok(MemberState { steps, trained: self.trained(member)?, first, second })
    }

    /// Replaces a member's scalars and moments, of which there are as many.
    ///
    /// # Errors
    /// The device fails.
    pub fn restore(&self, runner: &Runner, member: usize, state: &MemberState) -> Result<(), EngineError> {
        let own =
            [(&self.values, &state.trained), (&self.first, &state.first), (&self.second, &state.second)];
        for (to, from) in own {
            let at = to.at() + 4 * self.starts[member] as u64;
            runner.machine.upload(at, super::machine::as_bytes(from))?;
        }
        self.refresh(runner)
    }

    /// Whether the frozen scalars of private copies have the bits that they had at first.
    ///
    /// # Errors
    /// The device fails.
    pub fn copies_unchanged(&self) -> Result<bool, EngineError> {
        let Some(copies) = &self.copies else { return Ok(true) };
        let mut now = copies.values.read::<f32>(0, copies.count)?;
        copies.trained.iter().for_each(|range| now[range.clone()].fill(0.0));
        Ok(digest(&now) == copies.digest)
    }
}

fn digest(values: &[f32]) -> [u8; 32] {
    Sha256::digest(super::machine::as_bytes(values)).into()
}
