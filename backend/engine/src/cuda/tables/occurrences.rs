//! Which rows of a table of embeddings a batch reads, for the gradient of the table.

use crate::cuda::arena::{Arena, Spot};
use crate::cuda::machine::Address;

/// Rows of a table of embeddings that occur, and where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Occurrences {
    /// The table's rows, ascending.
    pub numbers: Address,
    /// Where each one's rows start.
    pub starts: Address,
    /// Rows of the batch, by the table's.
    pub rows: Address,
    /// How many of the table's rows occur.
    pub count: usize,
}

/// The same before it is sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct OccurrenceSpots {
    numbers: Spot,
    starts: Spot,
    rows: Spot,
    count: usize,
}

impl OccurrenceSpots {
    /// Of a table of which each token reads the row of this number.
    pub(super) fn put(arena: &mut Arena, numbers: &[u32]) -> Self {
        let mut rows: Vec<u32> = (0..numbers.len() as u32).collect();
        // Rows of one number stay in their order.
        rows.sort_by_key(|&row| numbers[row as usize]);
        let (mut unique, mut starts) = (Vec::new(), Vec::new());
        for (i, &row) in rows.iter().enumerate() {
            let number = numbers[row as usize];
            if unique.last() != Some(&number) {
                unique.push(number);
                starts.push(i as u32);
            }
        }
        starts.push(rows.len() as u32);
        Self {
            numbers: arena.put(&unique),
            starts: arena.put(&starts),
            rows: arena.put(&rows),
            count: unique.len(),
        }
    }

    /// Where it is, once the arena is sent.
    pub(super) fn at(&self, arena: &Arena) -> Occurrences {
        Occurrences {
            numbers: arena.at(self.numbers),
            starts: arena.at(self.starts),
            rows: arena.at(self.rows),
            count: self.count,
        }
    }
}
