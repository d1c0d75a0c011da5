//! How many scalars a mask trains.

use super::cells::Cells;
use super::{Expression, Mask, MaskError, MaskSwitches};
use crate::shape::ModelShape;
use crate::trainable::LowRank;

/// How many scalars a mask trains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// So many.
    Exact(usize),
    /// So many at most: its rules may pick the same scalars, or some that it holds anyway.
    AtMost(usize),
}

impl Count {
    /// The number, or its bound.
    pub fn bound(self) -> usize {
        let (Count::Exact(n) | Count::AtMost(n)) = self;
        n
    }
}

impl Mask {
    /// Number of scalars that [`Mask::trains`] has, where the shape alone says it: always for the paper's
    /// masks, unless a switch lets a whole tensor and a rule meet.
    ///
    /// # Errors
    /// A block or a count that the shape does not have; [`MaskError::CountDepends`].
    pub fn count(&self, shape: &ModelShape, switches: MaskSwitches) -> Result<usize, MaskError> {
        self.check(shape, switches)?;
        let exact = self.expression().with(switches).exact(shape, switches);
        let added: usize = self.added(shape).iter().map(LowRank::scalars).sum();
        exact.map(|n| n + added).ok_or_else(|| MaskError::CountDepends(self.to_string()))
    }

    /// Number of scalars that [`Mask::trains`] has; a bound where that takes a seed or weights that are
    /// not given. Resolves only where the shape alone does not say it.
    ///
    /// # Errors
    /// A block or a count that the shape does not have.
    pub fn size(
        &self,
        shape: &ModelShape,
        switches: MaskSwitches,
        run_seed: Option<u64>,
        weights: Option<&[f32]>,
    ) -> Result<Count, MaskError> {
        match self.count(shape, switches) {
            Err(MaskError::CountDepends(_)) => {}
            other => return other.map(Count::Exact),
        }
        let expression = self.expression().with(switches);
        let drawn = expression.rules.iter().all(|r| r.reads_weights() || r.seed.or(run_seed).is_some());
        let weighed = expression.rules.iter().all(|r| !r.reads_weights() || weights.is_some());
        if drawn && weighed {
            let chosen = self.resolve(shape, switches, run_seed.unwrap_or_default(), weights)?;
            return Ok(Count::Exact(chosen.len()));
        }
        Ok(Count::AtMost(expression.bound(shape, switches)))
    }
}

fn scalars(cells: Cells, shape: &ModelShape) -> usize {
    shape.parameters().iter().filter(|p| cells.hold(p.kind, p.layer)).map(|p| p.len()).sum()
}

impl Expression {
    fn picked(&self, rule: usize, shape: &ModelShape, switches: MaskSwitches) -> usize {
        self.rules[rule].each(shape) * self.rules[rule].pools(shape, switches).len()
    }

    /// The number where every rule meets all or nothing of what the mask holds without it.
    fn exact(&self, shape: &ModelShape, switches: MaskSwitches) -> Option<usize> {
        let mut count = scalars(self.table[0], shape) as isize;
        let mut met = Cells::NONE;
        for (i, rule) in self.rules.iter().enumerate() {
            let region = rule.region;
            if !met.and(region).is_empty() {
                return None;
            }
            met = met.or(region);
            let all_or_nothing = |row: usize| match self.table[row].and(region) {
                Cells::NONE => Some(0),
                all if all == region => Some(1),
                _ => None,
            };
            let change: isize = all_or_nothing(1 << i)? - all_or_nothing(0)?;
            count += change * self.picked(i, shape, switches) as isize;
        }
        usize::try_from(count).ok()
    }

    fn bound(&self, shape: &ModelShape, switches: MaskSwitches) -> usize {
        let all = self.table.iter().fold(Cells::NONE, |all, row| all.or(*row));
        let adds =
            |i: usize| (0..self.table.len()).any(|row| !self.table[row & !(1 << i)].contain(self.table[row]));
        let picked = (0..self.rules.len()).filter(|i| adds(*i)).map(|i| self.picked(i, shape, switches));
        scalars(all, shape).min(scalars(self.table[0], shape) + picked.sum::<usize>())
    }
}
