//! Matrices that differ from the model's in a few elements.

use super::scalars::Scalars;
use crate::EngineError;
use crate::cuda::arena::{Arena, Spot};
use crate::cuda::launch::Sparse;
use crate::cuda::machine::{Address, Buffer, Machine};
use crate::differences::Element;
use crate::parameters::{Parameters, Storage};
use crate::plan::slots::{BlockSlot::QkvWeight, Slot};
use std::ops::Range;
use std::sync::Arc;
use tunemask_shared::shape::ModelShape;

/// Differences of all members from one matrix, or from some rows of it.
#[derive(Clone, Copy, Debug)]
pub struct Differences {
    /// A [`Sparse`] a member, by rows: what forward and gradient read.
    pub forward: Address,
    /// The same by columns: what the backward pass reads.
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

/// The lists of one matrix, or of some of its rows: one a member.
pub struct Found {
    /// The matrix.
    pub slot: Slot,
    /// Of the last block's query, key and value the queries are part 0, the rest part 1; else 0.
    pub part: usize,
    /// By rows.
    pub forward: Vec<Sparse>,
    /// By columns.
    pub backward: Vec<Sparse>,
}

impl Found {
    /// Most rows of a member that have some.
    pub fn lists(&self) -> usize {
        self.forward.iter().map(|list| list.count as usize).max().unwrap_or(0)
    }
}

/// All lists, on the device.
pub struct Lists {
    /// Of each matrix of which a member trains a few elements.
    pub found: Vec<Found>,
    /// What they point into.
    pub buffer: Buffer,
}

/// Addresses in an arena of the rows, their starts, columns, places and bases of a list, and its rows.
type Put = ([Spot; 5], u32);

impl Lists {
    /// Of members on a model with these weights, which products read in bf16 if `bf16`.
    ///
    /// # Errors
    /// There is no memory, or the device fails.
    pub fn new(
        machine: &Arc<dyn Machine>,
        shape: &ModelShape,
        slots: &[(Slot, Range<usize>)],
        weights: &[f32],
        bf16: bool,
        members: &[&Parameters],
        scalars: &Scalars,
    ) -> Result<Self, EngineError> {
        let mut arena = Arena::default();
        let mut put: Vec<(Slot, usize, [Vec<Put>; 2])> = Vec::new();
        for (slot, range) in slots {
            let columns = slot.columns(shape);
            for (part, rows) in parts(shape, *slot, range.len() / columns).into_iter().enumerate() {
                let base = |e: &Element| {
                    let value = weights[range.start + e.row as usize * columns + e.column as usize];
                    if bf16 && !TABLES.contains(slot) { rounded(value) } else { value }
                };
                let own = |member: &Parameters| match member.storage(*slot) {
                    Storage::Sparse { elements, .. } => {
                        let inside = elements.iter().filter(|e| rows.contains(&(e.row as usize)));
                        inside.map(|e| (e.row - rows.start as u32, e.column, e.place, base(e))).collect()
                    }
                    Storage::Model(_) | Storage::Compact(_) | Storage::Copy { .. } => Vec::new(),
                };
                let each: Vec<Vec<_>> = members.iter().copied().map(own).collect();
                if each.iter().any(|elements| !elements.is_empty()) {
                    let both = [false, true].map(|by_column| {
                        each.iter().map(|e| list(&mut arena, e.clone(), by_column)).collect()
                    });
                    put.push((*slot, part, both));
                }
            }
        }
        let mut buffer = Buffer::empty(machine);
        arena.send(&mut buffer)?;
        let sparse = |(number, (spots, count)): (usize, &Put)| Sparse {
            rows: arena.at(spots[0]),
            starts: arena.at(spots[1]),
            columns: arena.at(spots[2]),
            places: arena.at(spots[3]),
            bases: arena.at(spots[4]),
            values: scalars.at(&scalars.values, number, 0),
            count: *count,
            padding: 0,
        };
        let found = put.iter().map(|(slot, part, both)| {
            let [forward, backward] =
                both.each_ref().map(|lists| lists.iter().enumerate().map(sparse).collect());
            Found { slot: *slot, part: *part, forward, backward }
        });
        Ok(Self { found: found.collect(), buffer })
    }

    /// Of the tables of embeddings a list a member and table, and the most rows of a table; `None` if none differs.
    pub fn of_tables(&self, members: usize) -> Option<(Vec<Sparse>, [usize; 3])> {
        let (mut all, mut lists) = (vec![Sparse::default(); 3 * members], [0; 3]);
        for found in &self.found {
            let Some(table) = TABLES.iter().position(|table| *table == found.slot) else { continue };
            lists[table] = found.lists();
            found.forward.iter().enumerate().for_each(|(number, list)| all[3 * number + table] = *list);
        }
        (lists != [0; 3]).then_some((all, lists))
    }
}

/// Rows of a matrix that a product reads apart: the last block's queries, and all others.
fn parts(shape: &ModelShape, slot: Slot, rows: usize) -> Vec<Range<usize>> {
    let is_apart = slot == Slot::Block(shape.layers - 1, QkvWeight);
    let queries = if is_apart { rows / 3 } else { 0 };
    [0..queries, queries..rows].into_iter().filter(|part| !part.is_empty()).collect()
}

/// Lists of some differences, by row or by column.
fn list(arena: &mut Arena, mut elements: Vec<(u32, u32, u32, f32)>, by_column: bool) -> Put {
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
