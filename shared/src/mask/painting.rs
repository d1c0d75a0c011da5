//! A mask as it is painted: tensor by tensor, on the picture of a model.
//!
//! Painting is arithmetic of masks: a tensor that is painted is added to the mask, one that is wiped is taken from it. So any
//! mask can be painted on, one with rules too, and what comes of it is read and written like any other.

use super::cells::{Cells, EMBEDDINGS, MAX_BLOCKS, POOLER, kinds, places};
use super::rule::{Criterion, Pool, Rule};
use super::{Expression, Lora, Mask};
use crate::shape::{Kind, ModelShape};

/// How much of a tensor, or of a module, trains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// Nothing.
    Nothing,
    /// Part of it.
    Part,
    /// All of it.
    Whole,
}

impl Coverage {
    /// That of several together; nothing if there are none.
    pub fn of(parts: impl IntoIterator<Item = Coverage>) -> Coverage {
        let join = |all: Coverage, next| if all == next { all } else { Coverage::Part };
        parts.into_iter().reduce(join).unwrap_or(Coverage::Nothing)
    }
}

/// A tensor of the encoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tensor {
    /// What it is.
    pub kind: Kind,
    /// Its block, counted from 0 at the lowest; `None` for embeddings and pooler.
    pub block: Option<usize>,
}

impl Tensor {
    fn cells(self) -> Cells {
        match self.block {
            Some(block) => Cells::grid(kinds(|k| k == self.kind), 1 << block.min(MAX_BLOCKS)),
            None => Cells::places(places(|k| k == self.kind)),
        }
    }
}

/// What painting does to a tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Brush {
    /// Adds it to the mask.
    Paint,
    /// Takes it from the mask.
    Wipe,
}

/// Two masks made one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetOperation {
    /// What either holds, `+`.
    Union,
    /// What the first holds and the second does not, `-`.
    Difference,
    /// What both hold, `&`.
    Intersection,
}

/// By what an element rule picks scalars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    /// The largest |w|.
    Largest,
    /// The smallest |w|.
    Smallest,
    /// Those farthest from the pool's mean.
    Farthest,
    /// Drawn at random.
    Random,
}

/// A rule that picks single scalars of whole tensors, as `largest:64 per tensor in …` writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ElementRule {
    /// By what.
    pub pick: Pick,
    /// How many of each pool, at least one.
    pub count: usize,
    /// Seed of a random draw; the run's if not given. The others take none.
    pub seed: Option<u64>,
    /// What it picks from at once.
    pub pool: Pool,
}

impl Mask {
    /// How much of each tensor the mask holds, as far as no weights are needed: what a rule picks is a part, and so is what
    /// LoRA adds.
    pub fn coverage(&self, tensors: &[Tensor]) -> Vec<Coverage> {
        if let Some(lora) = self.lora() {
            return tensors.iter().map(|tensor| lora.coverage(*tensor)).collect();
        }
        let expression = self.expression();
        tensors.iter().map(|tensor| expression.coverage(*tensor)).collect()
    }

    /// The mask with these tensors of a model painted, or wiped; the same if it has too many rules for more. Of LoRA those
    /// that are adapted: matrices of blocks, and nothing else.
    pub fn painted(&self, tensors: &[Tensor], brush: Brush, shape: &ModelShape) -> Mask {
        let cells = tensors.iter().fold(Cells::NONE, |all, tensor| all.or(tensor.cells()));
        let operation = match brush {
            Brush::Paint => Cells::or,
            Brush::Wipe => Cells::minus,
        };
        if let Some(lora) = self.lora() {
            let targets = operation(lora.targets().table[0], cells.linear_layers());
            return lora.with_targets(Expression::cells(targets).on(shape).table[0]);
        }
        let joined = self.expression().join(&Expression::cells(cells), operation);
        joined.map_or_else(|| self.clone(), |expression| expression.on(shape).into())
    }

    /// This mask and another made one; `None` if they have too many rules together, or one of them is LoRA.
    pub fn joined(&self, operation: SetOperation, other: &Mask) -> Option<Mask> {
        if self.lora().or(other.lora()).is_some() {
            return None;
        }
        let operation = match operation {
            SetOperation::Union => Cells::or,
            SetOperation::Difference => Cells::minus,
            SetOperation::Intersection => Cells::and,
        };
        self.expression().join(&other.expression(), operation).map(Mask::from)
    }

    /// The rule that the whole mask is, if it is one that any tensors may have; those that it picks from are
    /// [`Mask::picked_from`].
    pub fn element_rule(&self) -> Option<ElementRule> {
        let rule = self.only_rule()?;
        let pick = match rule.criterion {
            Criterion::Largest => Pick::Largest,
            Criterion::Smallest => Pick::Smallest,
            Criterion::Farthest => Pick::Farthest,
            Criterion::Random => Pick::Random,
            // Their pools are the LayerNorms, as the experiment's switches say.
            Criterion::Outliers | Criterion::OutliersRandom => return None,
        };
        Some(ElementRule { pick, count: rule.count?, seed: rule.seed, pool: rule.pool })
    }

    /// What the mask would hold if its rules picked every scalar: whole tensors. Of LoRA the linear layers that it adapts.
    pub fn picked_from(&self) -> Mask {
        let expression = self.lora().map_or_else(|| self.expression(), Lora::targets);
        let rules = expression.rules.iter().fold(Cells::NONE, |all, rule| all.or(rule.region));
        let whole = expression.table.first().copied().unwrap_or(Cells::NONE);
        Expression::cells(whole.or(rules)).into()
    }

    /// What a rule picks of the tensors of [`Mask::picked_from`]; these themselves without a rule, or if there are none.
    pub fn picking(&self, rule: Option<ElementRule>) -> Mask {
        let whole = self.picked_from();
        let region = whole.expression().table[0];
        let Some(rule) = rule.filter(|_| !region.is_empty()) else { return whole };
        let criterion = match rule.pick {
            Pick::Largest => Criterion::Largest,
            Pick::Smallest => Criterion::Smallest,
            Pick::Farthest => Criterion::Farthest,
            Pick::Random => Criterion::Random,
        };
        let seed = rule.seed.filter(|_| rule.pick == Pick::Random);
        Expression::rule(Rule::new(criterion, rule.count.max(1), seed, rule.pool, region)).into()
    }

    /// Whether whole tensors are all that the mask holds.
    pub fn holds_whole_tensors(&self) -> bool {
        self.lora().is_none() && self.expression().rules.is_empty()
    }

    fn only_rule(&self) -> Option<Rule> {
        let expression = self.expression();
        match (&expression.rules[..], &expression.table[..]) {
            ([rule], [Cells::NONE, picked]) if *picked == rule.region => Some(*rule),
            _ => None,
        }
    }
}

impl Expression {
    fn coverage(&self, tensor: Tensor) -> Coverage {
        let hold = |cells: &Cells| cells.hold(tensor.kind, tensor.block);
        // A row of the table is only met by scalars that all its rules can pick.
        let met = |row: usize| {
            let mut rules = self.rules.iter().enumerate().filter(|(i, _)| row >> i & 1 == 1);
            rules.all(|(_, rule)| hold(&rule.region))
        };
        let rows = self.table.iter().enumerate().filter(|(row, _)| met(*row));
        Coverage::of(rows.map(|(_, cells)| if hold(cells) { Coverage::Whole } else { Coverage::Nothing }))
    }

    /// The same on a model: what holds a kind of tensor in all its blocks holds it in every block, so that a row painted block
    /// by block is the mask that the paper names. So what holds all that the model has of the embeddings holds the segments
    /// that it has not, and what holds all of it a pooler. What the model has not is held by nothing else.
    fn on(mut self, shape: &ModelShape) -> Expression {
        let model = if shape.layers > MAX_BLOCKS { u128::MAX } else { (1 << shape.layers) - 1 };
        let absent = places(|kind| shape.parameter(kind, None).is_none());
        for row in 0..self.table.len() {
            let reach = self.reach(row);
            let cells = &mut self.table[row];
            for (blocks, all) in cells.blocks.iter_mut().zip(reach.blocks) {
                let held = *blocks & model;
                *blocks = if held != 0 && held == all & model { all } else { held };
            }
            cells.places &= !absent;
            let embeddings = reach.places & EMBEDDINGS & !absent;
            if embeddings != 0 && cells.places & EMBEDDINGS == embeddings {
                cells.places |= reach.places & EMBEDDINGS;
            }
            let pooler = reach.places & POOLER & absent;
            if cells.places | pooler == reach.places && cells.blocks == reach.blocks {
                cells.places |= pooler;
            }
        }
        self.normal()
    }
}
