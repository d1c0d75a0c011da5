//! Matrices that differ from the model's in a few elements.

use super::scalars::Scalars;
use crate::EngineError;
use crate::cuda::arena::{Arena, Spot};
use crate::cuda::launch::Sparse;
use crate::cuda::machine::{Address, Buffer, Machine, Precision, has_bf16_activations};
use crate::differences::Element;
use crate::parameters::{Parameters, Storage};
use crate::plan::slots::{BlockSlot::QkvWeight, Slot};
use std::ops::Range;
use std::sync::Arc;
use tunemask_shared::shape::ModelShape;

/// Differences of all members from one matrix, or from some rows of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Differences {
    /// A [`Sparse`] a member, by rows: what forward and gradient read.
    pub forward: Address,
    /// The same by columns: what the backward pass reads.
    pub backward: Address,
    /// Most rows of a member that have some.
    pub lists: usize,
}

/// Differences of all members from the tables of embeddings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TableDifferences {
    /// A [`Sparse`] a member and table.
    pub all: Address,
    /// Most rows of a member that have some, of each table.
    pub lists: [usize; 3],
}

/// The three tables of embeddings, in the order of [`TableDifferences`].
pub(crate) const TABLES: [Slot; 3] = [Slot::Words, Slot::Positions, Slot::Segments];

/// The lists of one matrix, or of some of its rows: one a member.
pub(super) struct Found {
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
    pub(super) fn lists(&self) -> usize {
        self.forward.iter().map(|list| list.count as usize).max().unwrap_or(0)
    }
}

/// All lists, on the device.
pub(super) struct Lists {
    /// Of each matrix of which a member trains a few elements.
    pub found: Vec<Found>,
    /// What they point into.
    pub buffer: Buffer,
}

/// An element in which a member's matrix differs from the model's.
#[derive(Clone, Copy)]
struct Entry {
    row: u32,
    column: u32,
    /// Its place in the compact vector.
    place: u32,
    /// What the model has there, as products read it.
    base: f32,
}

/// A list of a member's elements in the arena, by row or by column.
#[derive(Clone, Copy)]
struct ListSpots {
    rows: Spot,
    starts: Spot,
    columns: Spot,
    places: Spot,
    bases: Spot,
    /// Its rows.
    count: u32,
}

/// The lists of a matrix, or a part of it, a member each.
struct MatrixLists {
    slot: Slot,
    part: usize,
    by_row: Vec<ListSpots>,
    by_column: Vec<ListSpots>,
}

impl Lists {
    /// Of members on a model with these weights, which products read as activations of this precision are.
    ///
    /// # Errors
    /// There is no memory, or the device fails.
    pub(super) fn new(
        machine: &Arc<dyn Machine>,
        shape: &ModelShape,
        slots: &[(Slot, Range<usize>)],
        weights: &[f32],
        precision: Precision,
        members: &[&Parameters],
        scalars: &Scalars,
    ) -> Result<Self, EngineError> {
        let bf16 = has_bf16_activations(precision);
        let mut arena = Arena::default();
        let mut sent: Vec<MatrixLists> = Vec::new();
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
                        let first = rows.start as u32;
                        let entry = |e: &Element| Entry {
                            row: e.row - first,
                            column: e.column,
                            place: e.place,
                            base: base(e),
                        };
                        inside.map(entry).collect()
                    }
                    Storage::Model(_) | Storage::Compact(_) | Storage::Copy { .. } => Vec::new(),
                };
                let by_member: Vec<Vec<Entry>> = members.iter().copied().map(own).collect();
                if by_member.iter().any(|entries| !entries.is_empty()) {
                    sent.push(MatrixLists {
                        slot: *slot,
                        part,
                        by_row: by_member.iter().map(|entries| list(&mut arena, entries)).collect(),
                        by_column: by_member
                            .iter()
                            .map(|entries| list(&mut arena, &transposed(entries)))
                            .collect(),
                    });
                }
            }
        }
        let mut buffer = Buffer::empty(machine);
        arena.send(&mut buffer)?;
        let sparse = |lists: &[ListSpots]| -> Vec<Sparse> {
            let numbered = lists.iter().enumerate();
            numbered
                .map(|(number, list)| Sparse {
                    rows: arena.at(list.rows),
                    starts: arena.at(list.starts),
                    columns: arena.at(list.columns),
                    places: arena.at(list.places),
                    bases: arena.at(list.bases),
                    values: scalars.at(&scalars.values, number, 0),
                    count: list.count,
                    padding: 0,
                })
                .collect()
        };
        let found = sent.iter().map(|lists| Found {
            slot: lists.slot,
            part: lists.part,
            forward: sparse(&lists.by_row),
            backward: sparse(&lists.by_column),
        });
        Ok(Self { found: found.collect(), buffer })
    }

    /// Of the tables of embeddings a list a member and table, and the most rows of a table; `None` if none differs.
    pub(super) fn of_tables(&self, members: usize) -> Option<(Vec<Sparse>, [usize; 3])> {
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

/// The elements of the matrix turned over its diagonal, by row.
fn transposed(entries: &[Entry]) -> Vec<Entry> {
    let mut turned: Vec<Entry> =
        entries.iter().map(|e| Entry { row: e.column, column: e.row, ..*e }).collect();
    turned.sort_by_key(|e| (e.row, e.column));
    turned
}

/// A list of elements that stand by row.
fn list(arena: &mut Arena, entries: &[Entry]) -> ListSpots {
    let mut rows: Vec<u32> = Vec::new();
    let mut starts = Vec::new();
    for (i, entry) in entries.iter().enumerate() {
        if rows.last() != Some(&entry.row) {
            rows.push(entry.row);
            starts.push(i as u32);
        }
    }
    starts.push(entries.len() as u32);
    let columns: Vec<u32> = entries.iter().map(|e| e.column).collect();
    let places: Vec<u32> = entries.iter().map(|e| e.place).collect();
    let bases: Vec<f32> = entries.iter().map(|e| e.base).collect();
    ListSpots {
        rows: arena.put(&rows),
        starts: arena.put(&starts),
        columns: arena.put(&columns),
        places: arena.put(&places),
        bases: arena.put(&bases),
        count: rows.len() as u32,
    }
}

fn rounded(x: f32) -> f32 {
    f32::from_bits((x.to_bits() + 0x7fff + (x.to_bits() >> 16 & 1)) & 0xffff_0000)
}
