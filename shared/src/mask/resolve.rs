//! From a mask and a shape to its scalars, or why the shape has none such.

use super::cells::MAX_BLOCKS;
use super::{Expression, Lora, Mask, MaskError, MaskSwitches};
use crate::selection::Selection;
use crate::shape::ModelShape;
use crate::trainable::{LowRank, Trainable};

impl Mask {
    /// What trains beside the head: the scalars of [`Mask::resolve`], and what LoRA adds.
    ///
    /// # Errors
    /// As [`Mask::resolve`]; a rank that a matrix has no room for.
    pub fn trains(
        &self,
        shape: &ModelShape,
        switches: MaskSwitches,
        run_seed: u64,
        weights: Option<&[f32]>,
    ) -> Result<Trainable, MaskError> {
        let selection = self.resolve(shape, switches, run_seed, weights)?;
        Ok(Trainable { selection, added: self.added(shape) })
    }

    /// What is added to the matrices of a model, in their canonical order; nothing but by LoRA.
    pub(super) fn added(&self, shape: &ModelShape) -> Vec<LowRank> {
        self.lora().map_or_else(Vec::new, |lora| lora.pairs(shape))
    }

    pub(super) fn lora(&self) -> Option<&Lora> {
        if let Mask::Lora(lora) = self { Some(lora) } else { None }
    }

    /// The model's own scalars that train, of all [`ModelShape::scalars`]: of LoRA none, unless a switch says so. All that
    /// trains is [`Mask::trains`].
    ///
    /// `run_seed` draws where the mask names no seed of its own. `weights` are the pretrained scalars in
    /// canonical order; only rules that go by value read them.
    ///
    /// # Errors
    /// A block or a count that the shape does not have; a rule that goes by value without weights.
    pub fn resolve(
        &self,
        shape: &ModelShape,
        switches: MaskSwitches,
        run_seed: u64,
        weights: Option<&[f32]>,
    ) -> Result<Selection, MaskError> {
        self.check(shape, switches)?;
        let expression = self.expression().with(switches);
        let picks: Option<Vec<Selection>> =
            expression.rules.iter().map(|r| r.pick(shape, switches, run_seed, weights)).collect();
        let picks = picks.ok_or_else(|| MaskError::NeedsWeights(self.to_string()))?;
        Ok(expression.select(shape, &picks))
    }

    /// Whether the run's seed decides, on all tasks alike, which scalars train, or from where what is added to the model sets
    /// out.
    pub fn is_drawn_by_the_run(&self) -> bool {
        self.is_lora() || self.selects_by_the_run()
    }

    /// Whether the run's seed decides which scalars train.
    pub fn selects_by_the_run(&self) -> bool {
        self.expression().rules.iter().any(|rule| !rule.reads_weights() && rule.seed.is_none())
    }

    /// Where the mask trains, for a picture: what [`Mask::resolve`] selects, but one scalar for all that a rule
    /// picks in a tensor, or that LoRA adds beside it. Needs neither weights nor seed; nothing where the shape has not what the mask names.
    pub fn sketch(&self, shape: &ModelShape, switches: MaskSwitches) -> Selection {
        if self.check(shape, switches).is_err() {
            return Selection::default();
        }
        let expression = self.expression().with(switches);
        let picks: Vec<Selection> = expression
            .rules
            .iter()
            .map(|rule| {
                let held = shape.parameters().into_iter().filter(|p| rule.region.hold(p.kind, p.layer));
                Selection::from_ranges(held.map(|p| p.offset..p.offset + 1))
            })
            .collect();
        let beside = self.added(shape).into_iter().map(|pair| pair.weight.offset..pair.weight.offset + 1);
        expression.select(shape, &picks).union(&Selection::from_ranges(beside))
    }

    /// Whether the shape has the blocks and as many scalars as the mask names.
    ///
    /// # Errors
    /// [`MaskError::Layer`], [`MaskError::Count`] or [`MaskError::Rank`].
    pub fn check(&self, shape: &ModelShape, switches: MaskSwitches) -> Result<(), MaskError> {
        let layers = shape.layers;
        let layer = |asked| Err(MaskError::Layer { mask: self.to_string(), asked, layers });
        if let Mask::SingleNorm(asked) = *self {
            return if (1..=layers.min(MAX_BLOCKS)).contains(&asked) { Ok(()) } else { layer(asked) };
        }
        if let Some(lora) = self.lora() {
            return lora.targets().block_beyond(layers).map_or_else(|| lora.check_rank(shape), layer);
        }
        let expression = self.expression();
        if let Some(asked) = expression.block_beyond(layers) {
            return layer(asked);
        }
        for rule in &expression.rules {
            let asked = rule.each(shape);
            // The default count of `random` and `random_blocks` fits every shape that trains at all.
            for pool in rule.pools(shape, switches) {
                if !(1..=pool.len()).contains(&asked) {
                    return Err(MaskError::Count { mask: self.to_string(), asked, available: pool.len() });
                }
            }
        }
        Ok(())
    }
}

impl Expression {
    /// The scalars that it holds, given what each of its rules picks.
    pub(super) fn select(&self, shape: &ModelShape, picks: &[Selection]) -> Selection {
        let parameters = shape.parameters();
        let held = |row: usize| {
            let whole = parameters.iter().filter(move |p| self.table[row].hold(p.kind, p.layer));
            Selection::from_ranges(whole.map(|p| p.range()))
        };
        let Some((first, others)) = picks.split_first() else { return held(0) };
        let any = others.iter().fold(first.clone(), |all, pick| all.union(pick));
        let mut out = held(0).difference(&any);
        for row in 1..self.table.len() {
            let mut here = any.clone();
            for (i, pick) in picks.iter().enumerate() {
                here = if row >> i & 1 == 1 { here.intersection(pick) } else { here.difference(pick) };
            }
            out = out.union(&here.intersection(&held(row)));
        }
        out
    }

    /// A block that it names and that a model of so many has not, or the first of those that it needs.
    fn block_beyond(&self, layers: usize) -> Option<usize> {
        if layers > MAX_BLOCKS {
            return None;
        }
        let all = self.table.iter().chain(self.rules.iter().map(|r| &r.region));
        let mut sets = all.flat_map(|cells| cells.blocks).filter(|b| *b != 0);
        sets.find_map(|blocks| {
            let open = blocks >> MAX_BLOCKS == 1;
            // What is named is the blocks of a closed set, and the exceptions of an open one.
            let named = if open { !blocks } else { blocks };
            let highest = (u128::BITS - named.leading_zeros()) as usize;
            let none_left = open && blocks.trailing_zeros() as usize >= layers;
            if highest > layers {
                Some(highest)
            } else {
                none_left.then_some(blocks.trailing_zeros() as usize + 1)
            }
        })
    }
}
