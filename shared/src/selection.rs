//! Sets of scalars as sorted, disjoint, non-touching ranges over the canonical order.

use serde::{Deserialize, Serialize};
use std::ops::Range;

/// A set of scalar indices. Two selections are equal exactly if they hold the same scalars.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    ranges: Vec<Range<usize>>,
}

impl Selection {
    /// From any ranges: they may overlap, touch, be empty and stand in any order.
    pub fn from_ranges(ranges: impl IntoIterator<Item = Range<usize>>) -> Self {
        let mut sorted: Vec<_> = ranges.into_iter().filter(|r| !r.is_empty()).collect();
        sorted.sort_by_key(|r| r.start);
        let mut out: Vec<Range<usize>> = Vec::with_capacity(sorted.len());
        for r in sorted {
            match out.last_mut() {
                Some(last) if r.start <= last.end => last.end = last.end.max(r.end),
                _ => out.push(r),
            }
        }
        Self { ranges: out }
    }
    /// The ranges, ascending; neighbours are merged.
    pub fn ranges(&self) -> &[Range<usize>] {
        &self.ranges
    }
    /// Number of scalars.
    pub fn len(&self) -> usize {
        self.ranges.iter().map(ExactSizeIterator::len).sum()
    }
    /// Whether it holds no scalar.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }
    /// The scalars that lie in `within`.
    pub fn within(&self, within: Range<usize>) -> Selection {
        let first = self.ranges.partition_point(|r| r.end <= within.start);
        let ranges = self.ranges[first..]
            .iter()
            .take_while(|r| r.start < within.end)
            .map(|r| r.start.max(within.start)..r.end.min(within.end))
            .collect();
        Selection { ranges }
    }
    /// The scalars of `0..total` that it does not hold.
    pub fn complement(&self, total: usize) -> Selection {
        let mut at = 0;
        let mut ranges = Vec::with_capacity(self.ranges.len() + 1);
        for r in &self.ranges {
            ranges.push(at..r.start);
            at = r.end;
        }
        ranges.push(at..total);
        Selection::from_ranges(ranges)
    }
    /// Whether it holds a scalar.
    pub fn contains(&self, index: usize) -> bool {
        let at = self.ranges.partition_point(|r| r.end <= index);
        self.ranges.get(at).is_some_and(|r| r.contains(&index))
    }
    /// Its scalars, ascending.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.ranges.iter().flat_map(Clone::clone)
    }
    /// The scalars of either.
    pub fn union(&self, other: &Selection) -> Selection {
        Selection::from_ranges(self.ranges.iter().chain(&other.ranges).cloned())
    }
    /// The scalars of both.
    pub fn intersection(&self, other: &Selection) -> Selection {
        let (mut a, mut b) = (self.ranges.iter().peekable(), other.ranges.iter().peekable());
        let mut ranges = Vec::new();
        while let (Some(x), Some(y)) = (a.peek(), b.peek()) {
            let both = x.start.max(y.start)..x.end.min(y.end);
            if !both.is_empty() {
                ranges.push(both);
            }
            if x.end <= y.end {
                a.next()
            } else {
                b.next()
            };
        }
        Selection { ranges }
    }
    /// The scalars that `other` does not hold.
    pub fn difference(&self, other: &Selection) -> Selection {
        let end = self.ranges.last().map_or(0, |r| r.end);
        self.intersection(&other.within(0..end).complement(end))
    }
    /// Puts values, ascending, in its places of `into`. Those that are too few leave the rest as it is.
    pub fn put(&self, values: &[f32], into: &mut [f32]) {
        let mut rest = values;
        for range in &self.ranges {
            let Some((here, after)) = rest.split_at_checked(range.len()) else { break };
            if let Some(into) = into.get_mut(range.clone()) {
                into.copy_from_slice(here);
            }
            rest = after;
        }
    }
    /// Number of scalars below `index` that it holds: the index's place in the compact vector.
    pub fn rank(&self, index: usize) -> usize {
        self.ranges.iter().take_while(|r| r.start < index).map(|r| r.end.min(index) - r.start).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_are_too_few_leave_the_rest_as_it_is() {
        let selection = Selection::from_ranges([0..1, 2..4, 5..6]);
        let put = |values: &[f32]| {
            let mut into = [0.0; 6];
            selection.put(values, &mut into);
            into
        };
        assert_eq!(put(&[1.0, 2.0, 3.0, 4.0]), [1.0, 0.0, 2.0, 3.0, 0.0, 4.0]);
        // The second range has no room in them, and the third does not get what is left.
        assert_eq!(put(&[1.0, 2.0]), [1.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn ranges_are_canonical() {
        let a = Selection::from_ranges([5..7, 0..2, 2..3, 6..9, 4..4]);
        assert_eq!(a.ranges(), &[0..3, 5..9]);
        assert_eq!(a.len(), 7);
        assert_eq!(a.within(2..6).ranges(), &[2..3, 5..6]);
        assert_eq!(a.complement(10).ranges(), &[3..5, 9..10]);
        assert_eq!(a.iter().collect::<Vec<_>>(), [0, 1, 2, 5, 6, 7, 8]);
        assert_eq!((a.contains(4), a.contains(5), a.contains(9)), (false, true, false));
        assert_eq!((a.rank(0), a.rank(4), a.rank(6), a.rank(100)), (0, 3, 4, 7));
    }

    #[test]
    fn sets_are_joined_and_cut() {
        // Every pair of subsets of 0..6, against bits.
        let subset =
            |bits: usize| Selection::from_ranges((0..6).filter(|i| bits >> i & 1 == 1).map(|i| i..i + 1));
        for (a, b) in (0..64).flat_map(|a| (0..64).map(move |b| (a, b))) {
            let (x, y) = (subset(a), subset(b));
            assert_eq!(x.union(&y), subset(a | b));
            assert_eq!(x.intersection(&y), subset(a & b));
            assert_eq!(x.difference(&y), subset(a & !b));
        }
    }
}
