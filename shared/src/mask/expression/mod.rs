//! Masks as expressions. In reading order:

/// The words of a grid.
mod grid;
/// From text to normal form.
mod read;
/// From normal form to the canonical text.
mod write;

use super::cells::{Cells, MAX_BLOCKS, kinds, places};
use super::rule::{Criterion, Pool, Rule, blocks, norms};
use super::{Mask, MaskSwitches};
use crate::shape::Kind;

/// Most rules of one expression: its normal form has a row for each way in which they can meet.
pub(super) const MAX_RULES: usize = 8;

/// The normal form of a mask: what it holds, by which of its rules pick a scalar.
///
/// A scalar's row is the number whose bit i says whether `rules[i]` picks it; the mask holds the scalar if
/// `table[row]` holds its cell. Rules are in their order, each matters, and a row holds only cells that all its
/// rules can pick from. Hence two expressions that mean the same, whatever the model, are equal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Expression {
    pub(super) rules: Vec<Rule>,
    pub(super) table: Vec<Cells>,
}

impl Expression {
    /// Whole tensors.
    pub(super) fn cells(cells: Cells) -> Self {
        Self { rules: Vec::new(), table: vec![cells] }
    }

    /// What one rule picks.
    pub(super) fn rule(rule: Rule) -> Self {
        Self { rules: vec![rule], table: vec![Cells::NONE, rule.region] }
    }

    /// Joins two row by row; `None` if they have too many rules together.
    pub(super) fn join(&self, other: &Self, operation: fn(Cells, Cells) -> Cells) -> Option<Self> {
        let mut rules = [self.rules.as_slice(), &other.rules].concat();
        rules.sort_unstable();
        rules.dedup();
        if rules.len() > MAX_RULES {
            return None;
        }
        let row = |of: &Self, row: usize| {
            let holds = |r: &Rule| rules.iter().position(|x| x == r).is_some_and(|i| row >> i & 1 == 1);
            of.rules.iter().enumerate().fold(0, |bits, (i, r)| bits | usize::from(holds(r)) << i)
        };
        let table = (0..1 << rules.len())
            .map(|r| operation(self.table[row(self, r)], other.table[row(other, r)]))
            .collect();
        Some(Self { rules, table }.normal())
    }

    /// Cuts each row to what its rules can pick from, and drops rules that do not matter.
    pub(super) fn normal(mut self) -> Self {
        for row in 0..self.table.len() {
            self.table[row] = self.table[row].and(self.reach(row));
        }
        for i in (0..self.rules.len()).rev() {
            let (bit, region) = (1 << i, self.rules[i].region);
            let rows = (0..self.table.len()).filter(|row| row & bit == 0);
            if rows.into_iter().all(|r| self.table[r | bit] == self.table[r].and(region)) {
                self.rules.remove(i);
                let mut row = 0;
                self.table.retain(|_| {
                    row += 1;
                    (row - 1) & bit == 0
                });
            }
        }
        self
    }

    /// The cells in which all rules of a row can pick.
    pub(super) fn reach(&self, row: usize) -> Cells {
        let rules = self.rules.iter().enumerate().filter(|(i, _)| row >> i & 1 == 1);
        rules.fold(Cells::ALL, |all, (_, r)| all.and(r.region))
    }

    /// Joined by what the switches add to whole tensors.
    pub(super) fn with(mut self, switches: MaskSwitches) -> Self {
        let whole = self.table[0];
        let mut more = Cells::NONE;
        if switches.pooler_trains {
            more = more.or(Cells::places(super::cells::POOLER));
        }
        if switches.embedding_norm_counts {
            let every = |gamma: bool| norms().and(Cells::grid(kinds(|k| k.is_bias() != gamma), u128::MAX));
            for (gamma, kind) in [(true, Kind::EmbeddingGamma), (false, Kind::EmbeddingBeta)] {
                if whole.contain(every(gamma)) {
                    more = more.or(Cells::places(places(|k| k == kind)));
                }
            }
        }
        self.table.iter_mut().for_each(|row| *row = row.or(more));
        self
    }
}

impl Mask {
    /// The normal form.
    pub(super) fn expression(&self) -> Expression {
        let named = |criterion, count, seed, region| {
            Expression::rule(Rule { criterion, count, seed, pool: Pool::Region, region })
        };
        match self {
            Mask::Random { count, seed } => named(Criterion::Random, *count, *seed, Cells::ALL),
            Mask::RandomBlocks => named(Criterion::Random, None, None, blocks()),
            Mask::Outliers(n) => named(Criterion::Outliers, Some(*n), None, norms()),
            Mask::OutliersRandom { count, seed } => {
                named(Criterion::OutliersRandom, Some(*count), *seed, norms())
            }
            Mask::SingleNorm(l) => {
                // Bits below the highest are blocks that can be named; `check` refuses all others.
                let block = l.checked_sub(1).filter(|b| *b < MAX_BLOCKS).map_or(0, |b| 1 << b);
                Expression::cells(norms().and(Cells::grid(u16::MAX, block)))
            }
            Mask::Custom(expression) => (**expression).clone(),
            // It trains none of the model's own.
            Mask::Lora(_) => Expression::cells(Cells::NONE),
            Mask::Full | Mask::Frozen | Mask::Mha | Mask::Ffn => Expression::cells(plain_cells(self)),
            Mask::LayerNorms | Mask::LayerNormA | Mask::LayerNormF | Mask::BitFit => {
                Expression::cells(plain_cells(self))
            }
        }
    }
}

/// The cells of a mask that needs no number; of the others, none.
fn plain_cells(mask: &Mask) -> Cells {
    let every = |holds: fn(Kind) -> bool| Cells::grid(kinds(holds), u128::MAX);
    match mask {
        Mask::Full => Cells::ALL,
        Mask::Mha => every(Kind::is_attention),
        Mask::Ffn => every(Kind::is_feed_forward),
        Mask::LayerNorms => norms(),
        Mask::LayerNormA => every(Kind::is_attention_norm),
        Mask::LayerNormF => every(Kind::is_feed_forward_norm),
        Mask::BitFit => every(Kind::is_bias),
        Mask::Frozen => Cells::NONE,
        Mask::SingleNorm(_) | Mask::Random { .. } | Mask::RandomBlocks | Mask::Outliers(_) => Cells::NONE,
        Mask::OutliersRandom { .. } | Mask::Lora(_) | Mask::Custom(_) => Cells::NONE,
    }
}

/// The paper's mask of exactly these cells.
fn named_cells(cells: Cells) -> Option<Mask> {
    let plain = || Mask::plain().into_iter().find(|m| plain_cells(m) == cells);
    let single = || {
        let blocks = cells.blocks_of(kinds(Kind::is_attention_norm));
        let mask = Mask::SingleNorm(blocks.trailing_zeros() as usize + 1);
        (blocks.count_ones() == 1 && mask.expression().table[0] == cells).then_some(mask)
    };
    plain().or_else(single)
}

impl From<Expression> for Mask {
    /// The paper's mask where it is one.
    fn from(expression: Expression) -> Mask {
        let named = match (&expression.rules[..], &expression.table[..]) {
            ([], [cells]) => named_cells(*cells),
            ([rule], [Cells::NONE, picked]) if *picked == rule.region => named_rule(rule),
            _ => None,
        };
        named.unwrap_or_else(|| Mask::Custom(Box::new(expression)))
    }
}

/// The paper's mask of exactly what a rule picks.
fn named_rule(rule: &Rule) -> Option<Mask> {
    match (rule.criterion, rule.count) {
        (Criterion::Outliers, Some(n)) => Some(Mask::Outliers(n)),
        (Criterion::OutliersRandom, Some(count)) => Some(Mask::OutliersRandom { count, seed: rule.seed }),
        (Criterion::Random, count) if rule.is_named() => Some(Mask::Random { count, seed: rule.seed }),
        // With a number it is written as the rule that it is.
        (Criterion::Random, None) if rule.region == blocks() => Some(Mask::RandomBlocks),
        // Of the named ones only these may go without a number.
        (Criterion::Outliers | Criterion::OutliersRandom, None) | (Criterion::Random, _) => None,
        (Criterion::Largest | Criterion::Smallest | Criterion::Farthest, _) => None,
    }
}
