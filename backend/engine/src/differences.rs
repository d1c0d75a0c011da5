//! Matrices that differ from the model's in a few elements.

use std::ops::Range;

/// An element of a matrix that trains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element {
    /// Its row.
    pub row: u32,
    /// Its column.
    pub column: u32,
    /// Its place in the compact vector.
    pub place: u32,
}

/// The elements of a matrix that train, by row and column, and how far each is from the model's.
#[derive(Clone, Copy, Debug)]
pub struct SparseDifference<'a> {
    /// Where the elements stand in the matrix.
    pub elements: &'a [Element],
    /// How far each is from the model's.
    pub values: &'a [f32],
}

impl<'a> SparseDifference<'a> {
    /// The part in some rows of the matrix, counted from the first of them.
    pub fn rows(self, rows: Range<usize>) -> (SparseDifference<'a>, u32) {
        let at = |row: usize| self.elements.partition_point(|e| (e.row as usize) < row);
        let part = at(rows.start)..at(rows.end);
        let part = SparseDifference { elements: &self.elements[part.clone()], values: &self.values[part] };
        (part, rows.start as u32)
    }
}
