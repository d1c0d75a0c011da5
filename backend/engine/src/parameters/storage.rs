//! Where a tensor's values are.

use crate::differences::Element;
use std::ops::Range;
use tunemask_shared::selection::Selection;

/// Scalars of a private copy that train and lie side by side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopiedRun {
    /// Where they begin in the copy.
    pub start: usize,
    /// Where they are in the compact vector.
    pub compact: Range<usize>,
}

impl CopiedRun {
    /// Where they are in the copy.
    pub fn copied(&self) -> Range<usize> {
        self.start..self.start + self.compact.len()
    }
}

/// Where a tensor's values are.
#[derive(Clone, Debug)]
pub enum Storage {
    /// In the model: nothing of it trains.
    Model(Range<usize>),
    /// In the compact vector: all of it trains.
    Compact(Range<usize>),
    /// In a private copy, of which these scalars train.
    Copy { values: Vec<f32>, trained: Vec<CopiedRun> },
    /// In the model, but for these elements.
    Sparse { model: Range<usize>, columns: usize, elements: Vec<Element>, values: Vec<f32> },
}

impl Storage {
    /// All of a tensor trains, whose scalars have these indices.
    pub fn compact(range: Range<usize>, selection: &Selection) -> Self {
        let first = selection.rank(range.start);
        Storage::Compact(first..first + range.len())
    }

    /// A few elements of a matrix train; its rows have so many columns.
    pub fn sparse(range: Range<usize>, columns: usize, selection: &Selection) -> Self {
        // The selection's order is the compact vector's: what lies in one tensor lies together there.
        let first = selection.rank(range.start);
        let element = |(i, index): (usize, usize)| {
            let at = index - range.start;
            let (row, column) = ((at / columns) as u32, (at % columns) as u32);
            Element { row, column, place: (first + i) as u32 }
        };
        let elements: Vec<Element> =
            selection.within(range.clone()).iter().enumerate().map(element).collect();
        let values = vec![0.0; elements.len()];
        Storage::Sparse { model: range, columns, elements, values }
    }

    /// A part of a tensor trains.
    pub fn copy(range: Range<usize>, selection: &Selection, model: &[f32]) -> Self {
        let mut place = selection.rank(range.start);
        let run = |own: &Range<usize>| {
            let compact = place..place + own.len();
            place = compact.end;
            CopiedRun { start: own.start - range.start, compact }
        };
        let trained = selection.within(range.clone()).ranges().iter().map(run).collect();
        Storage::Copy { values: model[range].to_vec(), trained }
    }
}
